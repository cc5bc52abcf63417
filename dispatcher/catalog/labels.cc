#include "dispatcher/catalog/labels.h"

#include <algorithm>
#include <optional>

#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/label_names.h"
#include "dispatcher/catalog/names.h"
#include "dispatcher/catalog/ports.h"
#include "dispatcher/model/labels.h"

namespace dispatcher {
namespace {

using Map = std::map<std::string, std::string>;

// Of names, hosts or paths of one port, and of its tags: what is more is a mistake, or an
// attempt to fill the registries.
constexpr size_t kMaxOfAKind = 100, kMaxTags = 500, kMostProblems = 20;

std::optional<std::string> Find(const Map& map, const std::string& key) {
  const auto it = map.find(key);
  if (it == map.end()) {
    return std::nullopt;
  }
  return std::string(Trim(it->second));
}

std::vector<std::string> Words(std::string_view text, char separator) {
  std::vector<std::string> words;
  for (const std::string_view part : Split(text, separator)) {
    if (const std::string_view word = Trim(part); !word.empty()) {
      words.emplace_back(word);
    }
  }
  return words;
}

bool IsTrue(std::string_view text) { return EqualsIgnoreCase(text, "true") || text == "1" || text.empty(); }

// Everything that is known while one port's profile is put together.
struct Port {
  const Definition& app;
  const PortSpec& spec;
  int index;
  Profile& out;

  std::optional<std::string> Ours(const std::string& name) const {
    for (const std::optional<std::string>& value :
         {Find(spec.labels, "dispatcher." + name),
          Find(app.labels, "dispatcher." + std::to_string(index) + "." + name),
          Find(app.labels, "dispatcher." + name)}) {
      if (value.has_value()) {
        return value;
      }
    }
    return std::nullopt;
  }
  // marathon-lb's HAPROXY_{n}_X; n counts the declared ports.
  std::optional<std::string> HaProxy(const std::string& name) const {
    return Find(app.labels, "HAPROXY_" + std::to_string(index) + "_" + name);
  }
  // registrator's SERVICE_<port>_X and SERVICE_X; <port> is the container's, or the
  // service port where there is no container. From labels, then from env.
  std::optional<std::string> Registrator(const std::string& name) const {
    const int number = spec.container_port > 0 ? spec.container_port : spec.service_port;
    for (const std::string& key : {"SERVICE_" + std::to_string(number) + "_" + name, "SERVICE_" + name}) {
      for (const Map* map : {&app.labels, &app.env}) {
        if (std::optional<std::string> value = Find(*map, key); value.has_value()) {
          return value;
        }
      }
    }
    return std::nullopt;
  }
  void Problem(std::string_view label, std::string_view value, std::string_view remedy) const {
    if (out.problems.size() < kMostProblems) {
      out.problems.push_back(LabelProblem(label, value, remedy));
    }
  }
};

// Whether there is room for one more; else it is said once.
bool Room(const Port& port, std::string_view label, const std::vector<std::string>& list,
          std::string_view value) {
  if (list.size() < kMaxOfAKind) {
    return true;
  }
  const std::string start = "label " + std::string(label) + " = ";
  const std::string remedy = "only the first " + std::to_string(kMaxOfAKind) + " count";
  const bool said = std::any_of(
      port.out.problems.begin(), port.out.problems.end(),
      [&](const std::string& problem) { return problem.starts_with(start) && problem.ends_with(remedy); });
  if (!said) {
    port.Problem(label, value, remedy);
  }
  return false;
}

void AddHost(const Port& port, std::string_view label, const std::string& host) {
  if (!Room(port, label, port.out.hosts, host)) {
    return;
  }
  if (!IsHostName(host)) {
    port.Problem(label, host, "it has to be a DNS name, such as shop.example.com");
  } else if (std::string lower = Lower(host);
             std::find(port.out.hosts.begin(), port.out.hosts.end(), lower) == port.out.hosts.end()) {
    port.out.hosts.push_back(std::move(lower));
  }
}

void AddPath(const Port& port, std::string_view label, const std::string& path) {
  const bool clean = std::all_of(path.begin(), path.end(),
                                 [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '`'; });
  if (!Room(port, label, port.out.paths, path)) {
    return;
  }
  if (!path.starts_with('/') || !clean) {
    port.Problem(label, path, "it has to start with / and hold no blanks or quotes");
  } else {
    port.out.paths.push_back(path);
  }
}

void SetWeight(const Port& port, std::string_view label, const std::string& text) {
  const std::optional<int64_t> weight = ParseInt(text);
  if (!weight.has_value() || *weight < 1 || *weight > 65535) {
    port.Problem(label, text, "it has to be a number from 1 to 65535");
  } else {
    port.out.weight = static_cast<int>(*weight);
  }
}

// traefik 1.7: "Host:a.com,b.com;PathPrefix:/x". Other matchers have no counterpart.
void ReadTraefikRule(const Port& port, const std::string& rule) {
  for (const std::string& part : Words(rule, ';')) {
    const size_t colon = part.find(':');
    const std::string matcher = part.substr(0, colon);
    const std::vector<std::string> values =
        Words(colon == std::string::npos ? "" : part.substr(colon + 1), ',');
    const bool strip = matcher == "PathStrip" || matcher == "PathPrefixStrip";
    if (matcher == "Host") {
      std::for_each(values.begin(), values.end(),
                    [&](const auto& v) { AddHost(port, "traefik.frontend.rule", v); });
    } else if (matcher == "Path" || matcher == "PathPrefix" || strip) {
      std::for_each(values.begin(), values.end(),
                    [&](const auto& v) { AddPath(port, "traefik.frontend.rule", v); });
      port.out.strip_path |= strip;
    } else {
      port.Problem("traefik.frontend.rule", part,
                   "only Host and Path rules are understood; use dispatcher.hosts and .paths");
    }
  }
}

// The names, and whether several apps may share them.
void SetNames(const Port& port) {
  const std::string fallback = ServiceName(port.app.id, port.index, port.spec);
  const auto use = [&](std::string_view label, const std::vector<std::string>& wanted, bool with_port) {
    for (const std::string& name : wanted) {
      if (!Room(port, label, port.out.names, name)) {
        return;
      }
      std::string clean = with_port ? ServiceName(name, port.index, port.spec) : DnsLabel(name);
      if (clean.empty()) {
        port.Problem(label, name, "no letter or digit is left of it; the name is [a-z0-9-]");
      } else {
        port.out.names.push_back(std::move(clean));
      }
    }
  };
  const std::optional<std::string> consul_port = Find(port.spec.labels, "consul");
  const std::optional<std::string> consul_app = Find(port.app.labels, "consul");
  if (const auto own = Find(port.spec.labels, "dispatcher.name"); own.has_value()) {
    use("dispatcher.name", {*own}, false);
  } else if (const auto indexed = Find(port.app.labels, "dispatcher." + std::to_string(port.index) + ".name");
             indexed.has_value()) {
    use("dispatcher." + std::to_string(port.index) + ".name", {*indexed}, false);
  } else if (const auto app = Find(port.app.labels, "dispatcher.name"); app.has_value()) {
    use("dispatcher.name", {*app}, true);
  } else if (consul_port.has_value() && !consul_port->empty() && *consul_port != "true") {
    use("consul", Words(*consul_port, ','), false);
    port.out.shared = true;
  } else if (consul_app.has_value() && !consul_app->empty() && *consul_app != "true") {
    use("consul", Words(*consul_app, ','), true);
    port.out.shared = true;
  } else if (const auto registrator = port.Registrator("NAME"); registrator.has_value()) {
    const bool for_port = port.Registrator(std::to_string(port.spec.container_port) + "_NAME").has_value();
    use("SERVICE_NAME", {*registrator}, !for_port);
  }
  if (port.out.names.empty() && !fallback.empty()) {
    port.out.names.push_back(fallback);
  }
  if (port.out.names.empty()) {
    port.out.refusal = "no letter or digit of its id can be part of a name: label it dispatcher.name";
    port.out.names.emplace_back();
  }
  if (port.spec.protocol == "udp,tcp") {
    port.out.names.push_back(DnsLabel(port.out.names.front() + "-udp"));
  }
  if (const auto shared = port.Ours("shared"); shared.has_value()) {
    port.out.shared = IsTrue(*shared);
  }
}

void SetTags(const Port& port) {
  std::vector<std::string> tags;
  for (const Map* labels : {&port.app.labels, &port.spec.labels}) {
    for (const auto& [key, value] : *labels) {
      const bool for_name =
          value.starts_with("tag:") &&
          std::find(port.out.names.begin(), port.out.names.end(), value.substr(4)) != port.out.names.end();
      if (!Trim(key).empty() && (value == "tag" || for_name)) {
        tags.push_back(key);
      }
    }
  }
  for (const std::optional<std::string>& list : {port.Ours("tags"), port.Registrator("TAGS")}) {
    for (std::string& tag : Words(list.value_or(""), ',')) {
      tags.push_back(std::move(tag));
    }
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  if (tags.size() > kMaxTags) {
    port.Problem("dispatcher.tags", tags[kMaxTags],
                 "an instance has " + std::to_string(kMaxTags) + " tags at most");
    tags.resize(kMaxTags);
  }
  port.out.tags = std::move(tags);
}

void SetRoutes(const Port& port, const CatalogPolicy& policy) {
  Profile& out = port.out;
  if (const auto hosts = port.Ours("hosts"); hosts.has_value()) {
    for (const std::string& host : Words(*hosts, ',')) {
      AddHost(port, "dispatcher.hosts", host);
    }
  } else {
    for (const std::string& host : Words(port.HaProxy("VHOST").value_or(""), ',')) {
      AddHost(port, "HAPROXY_n_VHOST", host);
    }
    if (const auto rule = Find(port.app.labels, "traefik.frontend.rule");
        rule.has_value() && port.index == 0) {
      ReadTraefikRule(port, *rule);
    }
  }
  if (const auto paths = port.Ours("paths"); paths.has_value()) {
    out.paths.clear();
    for (const std::string& path : Words(*paths, ',')) {
      AddPath(port, "dispatcher.paths", path);
    }
  } else if (const auto path = port.HaProxy("PATH"); path.has_value()) {
    AddPath(port, "HAPROXY_n_PATH", *path);
  }
  if (const auto strip = port.Ours("strip-path"); strip.has_value()) {
    out.strip_path = IsTrue(*strip);
  }
  out.http = !out.hosts.empty() || !out.paths.empty() || port.spec.protocol.find("http") != std::string::npos;
  for (const CheckSpec& check : out.checks) {
    const bool http = check.protocol == CheckProtocol::kHttp || check.protocol == CheckProtocol::kHttps ||
                      check.protocol == CheckProtocol::kMesosHttp ||
                      check.protocol == CheckProtocol::kMesosHttps;
    out.http |= http && !check.port.has_value();
  }
  out.http &= !out.udp;
  if (out.hosts.empty() && out.http) {
    out.hosts.push_back(out.names.front() + "." + policy.domain);
  }
  const bool off_by_haproxy = EqualsIgnoreCase(port.HaProxy("ENABLED").value_or("true"), "false");
  const bool off_by_traefik =
      EqualsIgnoreCase(Find(port.app.labels, "traefik.enable").value_or("true"), "false");
  out.routed = !off_by_haproxy && !off_by_traefik;
}

void SetAdapters(const Port& port, const CatalogPolicy& policy) {
  if (const auto list = port.Ours("adapters"); list.has_value()) {
    const std::vector<std::string> wanted = Words(*list, ',');
    for (const std::string& name : wanted) {
      if (policy.adapters.empty() ||
          std::find(policy.adapters.begin(), policy.adapters.end(), name) != policy.adapters.end()) {
        port.out.adapters.push_back(name);
      } else {
        port.Problem("dispatcher.adapters", name,
                     "there is no such adapter: " + DoYouMean(name, policy.adapters));
      }
    }
    if (port.out.adapters.empty() && !wanted.empty()) {
      port.out.refusal = "dispatcher.adapters names no adapter that there is; there " +
                         std::string(policy.adapters.size() == 1 ? "is " : "are ") +
                         OneAfterAnother(policy.adapters);
    }
    return;
  }
  const std::optional<std::string> own_group = port.HaProxy("GROUP");
  const std::optional<std::string> group =
      own_group.has_value() ? own_group : Find(port.app.labels, "HAPROXY_GROUP");
  for (const std::string& name : Words(group.value_or(""), ',')) {
    if (const auto it = policy.group_adapters.find(name); it != policy.group_adapters.end()) {
      const std::vector<std::string> mapped = Words(it->second, ',');
      port.out.adapters.insert(port.out.adapters.end(), mapped.begin(), mapped.end());
    }
  }
}

bool HasPeerLabel(const Map& labels) {
  return std::any_of(labels.begin(), labels.end(),
                     [](const auto& label) { return IsPublishingLabel(label.first); });
}

void SetRefusal(const Port& port) {
  if (const auto enable = port.Ours("enable"); enable.has_value() && !IsTrue(*enable)) {
    port.out.off = EqualsIgnoreCase(*enable, "false") || *enable == "0";
    port.out.refusal = "dispatcher.enable is " + *enable +
                       (port.out.off ? ": set it to true to publish it" : ": it may be true or false");
  } else if (const auto ignore = port.Registrator("IGNORE");
             ignore.has_value() && !EqualsIgnoreCase(*ignore, "false")) {
    port.out.refusal = "SERVICE_IGNORE is set: take it away to publish it";
    port.out.off = true;
  } else if (!port.spec.labels.contains("consul") &&
             std::any_of(port.app.ports.begin(), port.app.ports.end(),
                         [](const PortSpec& other) { return other.labels.contains("consul"); })) {
    port.out.refusal = "another port of this app has the label consul and this one has not";
  } else if (!IsReachable(port.app, port.spec)) {
    port.out.refusal = "it has no host port, nor has its pod an address of its own: give it hostPort: 0";
  }
}

// Checks without a port of their own go to the first port, as in Marathon; a pod's
// to the first of their container.
std::vector<CheckSpec> ChecksOf(const Definition& app, int index) {
  std::vector<CheckSpec> checks;
  for (const CheckSpec& check : app.checks) {
    const auto first = std::find_if(app.ports.begin(), app.ports.end(),
                                    [&](const PortSpec& port) { return port.container == check.container; });
    if (check.port_index.value_or(static_cast<int>(first - app.ports.begin())) == index) {
      checks.push_back(check);
    }
  }
  return checks;
}

}  // namespace

bool IsHostName(std::string_view text) {
  if (text.starts_with("*.")) {
    text.remove_prefix(2);
  }
  if (text.empty() || text.size() > 253) {
    return false;
  }
  for (const std::string_view label : Split(text, '.')) {
    const bool legal = std::all_of(label.begin(), label.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
             c == '_';
    });
    if (label.empty() || label.size() > 63 || !legal || label.front() == '-' || label.back() == '-') {
      return false;
    }
  }
  return true;
}

std::vector<std::shared_ptr<const Profile>> MakeProfiles(const Definition& definition,
                                                         const CatalogPolicy& policy) {
  std::vector<std::shared_ptr<const Profile>> profiles;
  for (size_t i = 0; i < definition.ports.size(); ++i) {
    auto profile = std::make_shared<Profile>();
    const PortSpec& spec = definition.ports[i];
    const Port port{definition, spec, static_cast<int>(i), *profile};
    profile->udp = spec.protocol == "udp";
    profile->service_port = spec.service_port;
    if (std::find(policy.reserved_ports.begin(), policy.reserved_ports.end(), spec.service_port) !=
        policy.reserved_ports.end()) {
      profile->service_port = 0;
      profile->problems.push_back("service port " + std::to_string(spec.service_port) +
                                  " is that of a router's own API: give the port another servicePort");
    }
    profile->port_name = spec.name;
    profile->checks = ChecksOf(definition, port.index);
    profile->labelled = HasPeerLabel(definition.labels) || HasPeerLabel(spec.labels);
    SetNames(port);
    SetTags(port);
    SetRoutes(port, policy);
    SetAdapters(port, policy);
    SetRefusal(port);
    for (std::string& problem : UnknownLabels(definition, port.index)) {
      if (profile->problems.size() < kMostProblems) {
        profile->problems.push_back(std::move(problem));
      }
    }
    if (const auto weight = port.Ours("weight"); weight.has_value()) {
      SetWeight(port, "dispatcher.weight", *weight);
    } else if (const auto backend = port.HaProxy("BACKEND_WEIGHT"); backend.has_value()) {
      SetWeight(port, "HAPROXY_n_BACKEND_WEIGHT", *backend);
    }
    profiles.push_back(std::move(profile));
  }
  return profiles;
}

RouteWhen RouteWhenOf(const Definition& definition, const CatalogPolicy& policy) {
  const std::string word = Find(definition.labels, "dispatcher.route-when").value_or("");
  if (word == "running") {
    return RouteWhen::kRunning;
  }
  if (word == "healthy") {
    return RouteWhen::kHealthy;
  }
  if (word == "ready") {
    return RouteWhen::kReady;
  }
  if (word == "deployed") {
    return RouteWhen::kDeployed;
  }
  return policy.route_when;
}

}  // namespace dispatcher
