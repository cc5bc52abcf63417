#include "dispatcher/config/load.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "dispatcher/base/strings.h"
#include "dispatcher/config/table.h"
#include "dispatcher/config/values.h"
#include "dispatcher/config/yaml_file.h"

namespace dispatcher {
namespace {

constexpr std::string_view kAdapters = "adapters";
constexpr std::string_view kLeader = "leader";

bool IsAdapterKey(std::string_view key) { return key.starts_with("adapters."); }

bool GoodName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

// What a star stands for, or nullopt if `path` is not that of `key`.
std::optional<std::string> Match(std::string_view key, const std::vector<std::string>& path) {
  const std::vector<std::string_view> parts = Split(key, '.');
  if (parts.size() != path.size()) {
    return std::nullopt;
  }
  std::string name;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "*" && !path[i].empty()) {
      name = path[i];
    } else if (parts[i] != path[i]) {
      return std::nullopt;
    }
  }
  return name;
}

// The key as its source writes it, so that the suggestion can be pasted.
std::string Spelled(const std::string& key, Assignment::Source source) {
  return source == Assignment::Source::kEnvironment ? EnvironmentName(key) : key;
}

class Loader {
 public:
  absl::StatusOr<Configuration> Load(const ConfigurationSources& sources) {
    RETURN_IF_ERROR(Collect(sources));
    SetDefaults();
    MakeAdapters();
    for (const Assignment& assignment : assignments_) {
      Apply(assignment);
    }
    CheckTogether();
    if (!problems_.empty()) {
      std::string text;
      for (const std::string& problem : problems_) {
        text.append(text.empty() ? "" : "\n").append(problem);
      }
      return absl::InvalidArgumentError(text);
    }
    return std::move(result_);
  }

 private:
  absl::Status Collect(const ConfigurationSources& sources) {
    if (!sources.file.empty()) {
      ASSIGN_OR_RETURN(assignments_, ReadYamlFile(sources.file));
    }
    for (Assignment& assignment : FromEnvironment(sources.environment, result_.warnings)) {
      assignments_.push_back(std::move(assignment));
    }
    for (const std::string& set : sources.sets) {
      ASSIGN_OR_RETURN(Assignment assignment, FromSetOption(set));
      assignments_.push_back(std::move(assignment));
    }
    return absl::OkStatus();
  }

  void SetDefaults() {
    for (const Setting& setting : SettingsTable()) {
      if (!setting.fallback.empty() && setting.key.find('*') == std::string_view::npos) {
        Store(setting, {std::string(setting.fallback)}, {result_.settings}, "default");
      }
    }
  }

  // An adapter exists as soon as anything is said about it; its type decides which
  // settings it knows and their defaults, so types come first.
  void MakeAdapters() {
    std::map<std::string, std::string> types;
    std::map<std::string, std::string> places;
    for (const Assignment& assignment : assignments_) {
      const std::vector<std::string>& path = assignment.path;
      if (path.front() != kAdapters || path.size() < 2) {
        continue;
      }
      types.try_emplace(path[1], path[1]);
      places.try_emplace(path[1], assignment.place);
      if (path.size() == 3 && path[2] == "type" && assignment.values.size() == 1) {
        types[path[1]] = assignment.values[0];
        places[path[1]] = assignment.place;
      }
    }
    if (types.empty()) {
      types.emplace("memory", "memory");
    }
    for (const auto& [name, type] : types) {
      AddAdapter(name, type, places[name]);
    }
  }

  void AddAdapter(const std::string& name, const std::string& type, const std::string& place) {
    const std::vector<std::string>& known = SettableAdapterTypes();
    if (!GoodName(name)) {
      Problem(place, "adapters." + name, "is no name for an adapter: write a-z and 0-9 only");
      return;
    }
    if (std::find(known.begin(), known.end(), type) == known.end()) {
      const auto nearest = Nearest(type, known);
      Problem(place, "adapters." + name,
              "has the unknown type \"" + type + "\": " +
                  (nearest ? "do you mean " + *nearest + "?"
                           : "set adapters." + name + ".type to " + OneOf(known)));
      return;
    }
    AdapterSettings adapter;
    adapter.name = name;
    adapter.type = type;
    for (const Setting& setting : SettingsTable()) {
      if (IsAdapterKey(setting.key) && !setting.fallback.empty() && AppliesToType(setting, type)) {
        Store(setting, {std::string(setting.fallback)}, {result_.settings, &adapter, name}, "default");
      }
    }
    result_.settings.adapters.push_back(std::move(adapter));
  }

  AdapterSettings* FindAdapter(std::string_view name) {
    for (AdapterSettings& adapter : result_.settings.adapters) {
      if (adapter.name == name) {
        return &adapter;
      }
    }
    return nullptr;
  }

  void Apply(const Assignment& assignment) {
    const std::string key = KeyText(assignment.path);
    if (assignment.path.front() == kLeader && !(assignment.path.size() == 1 && !assignment.values.empty())) {
      result_.settings.leader.configured = true;
    }
    if ((assignment.empty_map || assignment.values.empty()) && EmptyBlockIsFine(assignment.path)) {
      return;
    }
    const bool of_adapter = assignment.path.front() == kAdapters && assignment.path.size() == 3;
    AdapterSettings* const adapter = of_adapter ? FindAdapter(assignment.path[1]) : nullptr;
    if (of_adapter && adapter == nullptr) {
      return;  // refused in AddAdapter, with the reason
    }
    std::vector<std::string> others;  // types of adapters that know the key
    for (const Setting& setting : SettingsTable()) {
      const auto name = Match(setting.key, assignment.path);
      if (!name) {
        continue;
      }
      if (adapter != nullptr && !AppliesToType(setting, adapter->type)) {
        for (const std::string_view type : Split(setting.adapter_types, ',')) {
          others.emplace_back(type);
        }
        continue;
      }
      if (setting.kind == SettingKind::kSecret && assignment.source != Assignment::Source::kEnvironment) {
        Problem(assignment.place, key,
                "is a secret and is not taken from here: use " + key + "_file or the variable " +
                    EnvironmentName(key));
      } else if (Store(setting, assignment.values, {result_.settings, adapter, *name}, assignment.place,
                       key)) {
        result_.origins[key] = assignment.place;
      }
      return;
    }
    if (!others.empty()) {
      std::sort(others.begin(), others.end());
      Problem(assignment.place, key,
              "is not known to adapters of type " + adapter->type + ", only to " + OneOf(others) +
                  ": leave it out");
      return;
    }
    Problem(assignment.place, key, "is not a setting" + Suggestion(assignment));
  }

  // "adapters: {}", "consul: {}", "marathon: {}"
  static bool EmptyBlockIsFine(const std::vector<std::string>& path) {
    const std::string block = KeyText(path) + ".";
    const bool known = std::any_of(SettingsTable().begin(), SettingsTable().end(),
                                   [&](const Setting& setting) { return setting.key.starts_with(block); });
    return known || (path.size() == 2 && path[0] == kAdapters);
  }

  static std::string Suggestion(const Assignment& assignment) {
    std::vector<std::string> candidates;
    for (const Setting& setting : SettingsTable()) {
      std::vector<std::string> parts;
      size_t level = 0;
      for (const std::string_view part : Split(setting.key, '.')) {
        parts.emplace_back(part == "*" && level < assignment.path.size() ? assignment.path[level] : part);
        ++level;
      }
      candidates.push_back(Spelled(KeyText(parts), assignment.source));
    }
    const std::string word =
        assignment.source == Assignment::Source::kEnvironment ? assignment.place : KeyText(assignment.path);
    const auto nearest = Nearest(word, candidates);
    return nearest ? ": do you mean " + *nearest + "?" : ": see `dispatcher config --help` for all of them";
  }

  bool Store(const Setting& setting, const std::vector<std::string>& values, SettingTarget target,
             const std::string& place, const std::string& key = "") {
    const absl::Status status = StoreValue(setting, values, target);
    if (!status.ok()) {
      failed_.insert(key);
      Problem(place, key.empty() ? setting.key : std::string_view(key), Message(status));
    }
    return status.ok();
  }

  void CheckTogether() {
    for (const char* const secret : {"marathon.password", "marathon.token", "leader.token", "http.token"}) {
      CheckSecret(secret);
    }
    for (const AdapterSettings& adapter : result_.settings.adapters) {
      for (const char* const secret : {".token", ".admin_token", ".api_key"}) {
        CheckSecret("adapters." + adapter.name + secret);
      }
      CheckAdapter(adapter);
      CheckPair("adapters." + adapter.name + ".client_cert_file", adapter.client_cert_file,
                "adapters." + adapter.name + ".client_key_file", adapter.client_key_file);
    }
    const LeaderSettings& leader = result_.settings.leader;
    CheckPair("leader.client_cert_file", leader.client_cert_file, "leader.client_key_file",
              leader.client_key_file);
    const MarathonSettings& marathon = result_.settings.marathon;
    const bool password = !marathon.password.empty() || !marathon.password_file.empty();
    if (password == marathon.username.empty()) {
      Problem(Origin(password ? "marathon.password" : "marathon.username"), "marathon.username",
              "and a password go together: set marathon.username and marathon.password_file, or neither");
    }
    if (password && (!marathon.token.empty() || !marathon.token_file.empty())) {
      Problem(Origin("marathon.token"), "marathon.token",
              "and marathon.password are two ways to log in: set one");
    }
    CheckPair("marathon.client_cert_file", marathon.client_cert_file, "marathon.client_key_file",
              marathon.client_key_file);
    CheckPair("marathon.dcos_uid", marathon.dcos_uid, "marathon.dcos_key_file", marathon.dcos_key_file);
    if (!marathon.dcos_uid.empty() && (password || !marathon.token.empty() || !marathon.token_file.empty())) {
      Problem(Origin("marathon.dcos_uid"), "marathon.dcos_uid",
              "and a password or token are two ways to log in: set one");
    }
    CheckHttp();
    CheckGroups();
    CheckLeader();
    for (const auto& [name, service] : result_.settings.static_services) {
      CheckStatic("static_services." + name, name, service);
    }
  }

  // Two settings that go together.
  void CheckPair(const std::string& one, const std::string& value, const std::string& other,
                 const std::string& other_value) {
    if (value.empty() != other_value.empty()) {
      const std::string& there = value.empty() ? other : one;
      Problem(Origin(there), there, "needs " + (value.empty() ? one : other) + ": set both, or neither");
    }
  }

  void CheckHttp() {
    const HttpSettings& http = result_.settings.http;
    CheckPair("http.tls_cert_file", http.tls_cert_file, "http.tls_key_file", http.tls_key_file);
    if (http.tls_cert_file.empty() && !http.tls_client_ca_file.empty()) {
      Problem(Origin("http.tls_client_ca_file"), "http.tls_client_ca_file",
              "means nothing without TLS: set http.tls_cert_file and http.tls_key_file too");
    }
  }

  void CheckStatic(const std::string& prefix, const std::string& name, const StaticServiceSettings& service) {
    const bool label = name.size() <= 63 && name.front() != '-' && name.back() != '-' &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
    if (!label) {
      Problem(FirstOrigin(prefix), prefix, "is no name for a service: write a-z, 0-9 and - only");
    }
    const std::string targets = prefix + ".targets";
    if (service.kind == "marathon-leader" && !service.targets.empty()) {
      Problem(Origin(targets), targets, "means nothing for kind marathon-leader: leave it out");
    } else if (service.kind != "marathon-leader" && service.targets.empty() && !failed_.contains(targets)) {
      Problem(FirstOrigin(prefix), targets, "is missing: name at least one host:port");
    }
    CheckAdapterNames(prefix + ".adapters", service.adapters);
    if (!service.health_path.empty() && service.health_path.front() != '/') {
      const std::string key = prefix + ".health_path";
      Problem(Origin(key), key, "\"" + service.health_path + "\" is no path: write one that begins with /");
    }
  }

  // What one setting of an adapter makes another one need, or pointless.
  void CheckAdapter(const AdapterSettings& adapter) {
    struct Pair {
      std::string_view type, key, value, needs;
      bool on, set;
    };
    const std::vector<Pair> pairs = {
        {"consul", "publish", "router", "router_address", adapter.publish == "router",
         !adapter.router_address.empty()},
        {"kong", "mode", "router", "router_url", adapter.mode == "router", !adapter.router_url.empty()},
        {"vulcand", "engine", "etcd", "etcd_url", adapter.engine == "etcd", !adapter.etcd_url.empty()},
    };
    const std::string prefix = "adapters." + adapter.name + ".";
    for (const Pair& pair : pairs) {
      if (pair.type != adapter.type || pair.on == pair.set) {
        continue;
      }
      const std::string key = prefix + std::string(pair.key), needs = prefix + std::string(pair.needs);
      const std::string value(pair.value);
      if (pair.on) {
        Problem(Origin(key), key, "is " + value + ", which needs " + needs + ": set it");
      } else {
        Problem(Origin(needs), needs,
                "means nothing without " + value + ": set " + key + " to " + value + ", or leave it out");
      }
    }
  }

  void CheckSecret(const std::string& key) {
    if (result_.origins.count(key) > 0 && result_.origins.count(key + "_file") > 0) {
      Problem(Origin(key), key,
              "is set beside " + key + "_file (" + Origin(key + "_file") + "): set one of them");
    }
  }

  void CheckLeader() {
    const LeaderSettings& leader = result_.settings.leader;
    if (leader.configured && !leader.none.empty()) {
      Problem(Origin("leader"), "leader",
              "is none beside other settings of leader (" + FirstOrigin("leader") +
                  "): leave one of the two out");
    }
    if (leader.key.empty() || leader.key.front() == '/' || leader.key.back() == '/' ||
        leader.key.find("//") != std::string::npos) {
      Problem(Origin("leader.key"), "leader.key",
              "\"" + leader.key + "\" is no key: write one such as dispatcher/leader");
    }
    const auto consuls =
        std::count_if(result_.settings.adapters.begin(), result_.settings.adapters.end(),
                      [](const AdapterSettings& adapter) { return adapter.type == "consul"; });
    if (leader.configured && leader.consul_url.empty() && consuls != 1) {
      Problem(FirstOrigin("leader"), "leader.consul_url",
              "is missing: name the Consul that holds the lock, for there is " +
                  std::string(consuls == 0 ? "no adapter" : "more than one adapter") + " of type consul");
    }
  }

  void CheckGroups() {
    for (const auto& [group, adapters] : result_.settings.services.haproxy_groups) {
      CheckAdapterNames("services.haproxy_groups." + group, adapters);
    }
  }

  void CheckAdapterNames(const std::string& key, const std::string& adapters) {
    for (const std::string_view part : Split(adapters, ',')) {
      if (!Trim(part).empty() && FindAdapter(Trim(part)) == nullptr) {
        Problem(Origin(key), key,
                "names the adapter \"" + std::string(Trim(part)) + "\", which is not configured");
      }
    }
  }

  // Where the first setting of a block stands.
  std::string FirstOrigin(const std::string& block) const {
    const auto found = result_.origins.lower_bound(block + ".");
    return found != result_.origins.end() && found->first.starts_with(block + ".") ? found->second
                                                                                   : "default";
  }

  std::string Origin(const std::string& key) const {
    for (const std::string& candidate : {key, key + "_file"}) {
      if (const auto found = result_.origins.find(candidate); found != result_.origins.end()) {
        return found->second;
      }
    }
    return "default";
  }

  void Problem(std::string_view place, std::string_view key, std::string_view problem) {
    std::string text;
    text.append(place).append(": ");
    // "--set a.b" and DISPATCHER_A__B name the key already.
    if (!place.starts_with("--set ") && !place.starts_with("DISPATCHER_")) {
      text.append(key).append(" ");
    }
    problems_.push_back(text.append(problem));
  }

  std::vector<Assignment> assignments_;
  std::vector<std::string> problems_;
  std::set<std::string> failed_;  // keys whose value was not taken
  Configuration result_;
};

}  // namespace

absl::StatusOr<Configuration> LoadConfiguration(const ConfigurationSources& sources) {
  return Loader().Load(sources);
}

}  // namespace dispatcher
