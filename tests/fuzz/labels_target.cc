// Lines of text to an app's definition, and what its profiles must be. A line's first
// letter says what the rest is:
//
//   P8080 tcp admin     a port: the container's number, protocol, name
//   pkey=value          a label of the last port
//   Lkey=value          a label of the app
//   Ekey=value          SERVICE_key of its environment
//   C/path              an HTTP check of the last port
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/labels.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"

namespace dispatcher {
namespace {

constexpr size_t kMostPorts = 8;
constexpr const char* kLower = "abcdefghijklmnopqrstuvwxyz0123456789-";

PortSpec PortOf(std::string_view line) {
  PortSpec port;
  const std::vector<std::string_view> words = Split(line, ' ');
  port.container_port = static_cast<int>(ParseInt(words[0]).value_or(0) % 65536);
  port.service_port = port.container_port;
  port.host_port = 0;
  // The decoder lets no other protocol through.
  static const std::set<std::string, std::less<>> protocols = {"tcp", "udp", "udp,tcp", "http"};
  if (words.size() > 1 && protocols.contains(words[1])) {
    port.protocol = std::string(words[1]);
  }
  if (words.size() > 2) {
    port.name = words[2];
  }
  return port;
}

Definition DefinitionOf(std::string_view bytes) {
  Definition app;
  app.id = "/shop/cart";
  app.ports.emplace_back();
  for (const std::string_view line : Split(bytes, '\n')) {
    if (line.empty()) {
      continue;
    }
    const std::string_view rest = line.substr(1);
    const size_t equals = std::min(rest.find('='), rest.size());
    const std::string key(rest.substr(0, equals));
    const std::string value(rest.substr(std::min(equals + 1, rest.size())));
    switch (line.front()) {
      case 'P':
        if (app.ports.size() < kMostPorts) {
          app.ports.push_back(PortOf(rest));
        }
        break;
      case 'p':
        app.ports.back().labels[key] = value;
        break;
      case 'L':
        app.labels[key] = value;
        break;
      case 'E':
        app.env["SERVICE_" + key] = value;
        break;
      case 'C':
        app.checks.emplace_back();
        app.checks.back().path = rest;
        app.checks.back().port_index = static_cast<int>(app.ports.size()) - 1;
        break;
      default:
        break;
    }
  }
  return app;
}

bool IsLabel(std::string_view text, std::string_view letters) {
  return !text.empty() && text.size() <= 63 && text.find_first_not_of(letters) == std::string_view::npos &&
         text.front() != '-' && text.back() != '-';
}

void CheckHost(std::string_view host) {
  Require(host.size() <= 255, "a host is no longer than DNS has room for");
  std::vector<std::string_view> labels = Split(host, '.');
  if (labels.front() == "*") {
    labels.erase(labels.begin());
  }
  Require(!labels.empty(), "a host is more than a star");
  const std::string letters = std::string(kLower) + "_";
  Require(std::all_of(labels.begin(), labels.end(), [&](auto label) { return IsLabel(label, letters); }),
          "a host is made of DNS labels");
}

void CheckPath(std::string_view path) {
  Require(path.starts_with('/'), "a path starts with /");
  Require(std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c <= '~'; }) &&
              path.find_first_of("\"`") == std::string_view::npos,
          "a path has no blanks, quotes or bytes beyond ASCII");
}

template <typename Items>
void CheckWords(const Items& items, std::string_view what) {
  Require(std::none_of(items.begin(), items.end(), [](const auto& item) { return Trim(item).empty(); }),
          what);
}

void CheckProfile(const Profile& profile) {
  Require(!profile.names.empty(), "there is always a name");
  for (const std::string& name : profile.names) {
    Require(IsLabel(name, kLower), "a name is a DNS label");
  }
  std::for_each(profile.hosts.begin(), profile.hosts.end(), CheckHost);
  std::for_each(profile.paths.begin(), profile.paths.end(), CheckPath);
  Require(std::set(profile.hosts.begin(), profile.hosts.end()).size() == profile.hosts.size(),
          "no host is there twice");
  Require(std::set(profile.tags.begin(), profile.tags.end()).size() == profile.tags.size(),
          "no tag is there twice");
  CheckWords(profile.tags, "a tag says something");
  CheckWords(profile.adapters, "an adapter has a name");
  CheckWords(profile.problems, "a problem is told");
  Require(profile.weight >= 1 && profile.weight <= 65535, "a weight is from 1 to 65535");
  Require(!profile.http || (!profile.udp && !profile.hosts.empty()),
          "what is HTTP has a host, and is not UDP");
  Require(!profile.off || !profile.refusal.empty(), "what is off says why");
}

}  // namespace

void FuzzLabels(std::string_view bytes) {
  const Definition app = DefinitionOf(bytes);
  CatalogPolicy policy;
  policy.group_adapters = {{"external", "kong, vulcand"}, {"internal", "consul"}};
  policy.reserved_ports = {8001};
  const auto profiles = MakeProfiles(app, policy);
  const auto again = MakeProfiles(DefinitionOf(bytes), policy);
  Require(profiles.size() == app.ports.size() && again.size() == profiles.size(), "a profile for each port");
  for (size_t i = 0; i < profiles.size(); ++i) {
    CheckProfile(*profiles[i]);
    Require(*profiles[i] == *again[i], "the same labels, the same profile");
  }
  const RouteWhen when = RouteWhenOf(app, policy);
  Require(when == policy.route_when || app.labels.contains("dispatcher.route-when"),
          "without a label it is as the operator says");
}

}  // namespace dispatcher
