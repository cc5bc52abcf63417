#include "dispatcher/config/table.h"

#include <algorithm>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

using Kind = SettingKind;
using Target = SettingTarget;

// One +lambda a field: a plain function pointer, so that the table is constant.
#define FIELD(member)         \
  +[](Target & t) -> auto& {  \
    return t.settings.member; \
  }
#define ADAPTER_FIELD(member) \
  +[](Target & t) -> auto& {  \
    return t.adapter->member; \
  }

#define STATIC_FIELD(member)                          \
  +[](Target & t) -> auto& {                          \
    return t.settings.static_services[t.name].member; \
  }

const std::vector<Setting>& Table() {
  static const std::vector<Setting> table = {
      {"owner", Kind::kOwner, "dispatcher", "",
       "Mark on every entry this dispatcher writes; two dispatchers on one registry need two", "",
       FIELD(owner)},

      {"marathon.urls", Kind::kUrls, "http://127.0.0.1:8080", "",
       "Marathon's addresses; all nodes of a cluster, in any order", "", FIELD(marathon.urls)},
      {"marathon.username", Kind::kText, "", "", "User for Basic authentication", "",
       FIELD(marathon.username)},
      {"marathon.password_file", Kind::kFile, "", "",
       "File that holds its password; read again when Marathon answers 401", "",
       FIELD(marathon.password_file)},
      {"marathon.password", Kind::kSecret, "", "", "The password itself", "", FIELD(marathon.password)},
      {"marathon.token_file", Kind::kFile, "", "",
       "File that holds a token, sent as `Authorization: token=…`", "", FIELD(marathon.token_file)},
      {"marathon.token", Kind::kSecret, "", "", "The token itself", "", FIELD(marathon.token)},
      {"marathon.ca_file", Kind::kFile, "", "", "CA certificates to trust instead of the system's", "",
       FIELD(marathon.ca_file)},
      {"marathon.client_cert_file", Kind::kFile, "", "", "Certificate to show to who asks for one over https",
       "", FIELD(marathon.client_cert_file)},
      {"marathon.client_key_file", Kind::kFile, "", "", "Its key, without a password", "",
       FIELD(marathon.client_key_file)},
      {"marathon.dcos_uid", Kind::kText, "", "",
       "DC/OS service account to log in as, instead of password or token", "", FIELD(marathon.dcos_uid)},
      {"marathon.dcos_key_file", Kind::kFile, "", "", "Its private RSA key as PEM", "",
       FIELD(marathon.dcos_key_file)},
      {"marathon.dcos_login_url", Kind::kUrl, "", "",
       "Where to log in; without it `/acs/api/v1/auth/login` at the first of `marathon.urls`", "",
       FIELD(marathon.dcos_login_url)},
      {"marathon.resync_interval", Kind::kDuration, "1m", "1s..24h",
       "Longest time between two complete reads of Marathon", "", FIELD(marathon.resync_interval)},
      {"marathon.stall_timeout", Kind::kDuration, "25s", "1s..1h",
       "Silence after which the event stream counts as dead; Marathon sends a heartbeat every 10s", "",
       FIELD(marathon.stall_timeout)},

      {"services.domain", Kind::kDomain, "service.consul", "",
       "Default router host of an app is `<name>.<domain>`", "", FIELD(services.domain)},
      {"services.route_when", Kind::kChoice, "healthy", "running|healthy|ready|deployed",
       "From when on a task gets traffic; `deployed` swaps versions in one step", "",
       FIELD(services.route_when)},
      {"services.panic_threshold", Kind::kInteger, "50", "0..100",
       "Percent of a service's running instances that bad health never takes out of routers", "",
       FIELD(services.panic_threshold)},
      {"services.unreachable", Kind::kChoiceOrDuration, "drop", "drop|keep",
       "Tasks on an agent that Marathon can't reach: out of routers and critical in Consul at once, never, "
       "or after that time",
       "", FIELD(services.unreachable)},
      {"services.drain", Kind::kDuration, "0s", "0s..1h",
       "How long an instance that is being killed stays listed as draining (critical) in Consul; routers "
       "drop it at once",
       "", FIELD(services.drain)},
      {"services.address", Kind::kChoice, "ip", "ip|host", "Publish the agent's address or its host name", "",
       FIELD(services.address)},
      {"services.haproxy_groups.*", Kind::kAdapterNames, "", "",
       "Adapters meant by the label `HAPROXY_GROUP=<name>`", "",
       +[](Target& t) -> std::string& { return t.settings.services.haproxy_groups[t.name]; }},

      {"adapters.*.type", Kind::kChoice, "", "consul|kong|memory|vulcand",
       "What is behind the name; without it the name itself", "", ADAPTER_FIELD(type)},
      {"adapters.*.url", Kind::kUrl, "http://127.0.0.1:8500", "", "The registry's API", "consul",
       ADAPTER_FIELD(url)},
      {"adapters.*.url", Kind::kUrl, "http://127.0.0.1:8001", "", "The Admin API", "kong",
       ADAPTER_FIELD(url)},
      {"adapters.*.url", Kind::kUrl, "http://127.0.0.1:8182", "", "The router's API", "vulcand",
       ADAPTER_FIELD(url)},
      {"adapters.*.mode", Kind::kChoice, "catalog", "catalog|agent",
       "Write to the catalog, or to the agent on each task's host", "consul", ADAPTER_FIELD(mode)},
      {"adapters.*.mode", Kind::kChoice, "targets", "targets|router",
       "Send requests straight to the instances, or to the internal router", "kong", ADAPTER_FIELD(mode)},
      {"adapters.*.agent_url", Kind::kUrlTemplate, "http://{host}:8500", "",
       "Address of the agents, in mode agent and for sync --adopt", "consul", ADAPTER_FIELD(agent_url)},
      {"adapters.*.publish", Kind::kChoice, "instances", "instances|router",
       "What a name resolves to: the instances, or the internal router at the service's port", "consul",
       ADAPTER_FIELD(publish)},
      {"adapters.*.router_address", Kind::kHost, "", "",
       "IP address or host name at which the internal router listens (publish router)", "consul",
       ADAPTER_FIELD(router_address)},
      {"adapters.*.router_url", Kind::kUrl, "", "",
       "The internal router without a port, such as http://vulcand.service.consul; the service's port is put "
       "behind it (mode router)",
       "kong", ADAPTER_FIELD(router_url)},
      {"adapters.*.engine", Kind::kChoice, "api", "api|etcd",
       "Write through the router's API, or into the etcd v3 behind it", "vulcand", ADAPTER_FIELD(engine)},
      {"adapters.*.etcd_url", Kind::kUrl, "", "", "etcd's JSON gateway (engine etcd)", "vulcand",
       ADAPTER_FIELD(etcd_url)},
      {"adapters.*.etcd_key", Kind::kText, "vulcand", "",
       "What the router's -etcdKey says, to the letter (engine etcd)", "vulcand", ADAPTER_FIELD(etcd_key)},
      {"adapters.*.listeners", Kind::kBool, "false", "",
       "Give each service a listener of its own on its service port", "vulcand", ADAPTER_FIELD(listeners)},
      {"adapters.*.listener_address", Kind::kHost, "0.0.0.0", "", "Address that these listeners bind to",
       "vulcand", ADAPTER_FIELD(listener_address)},
      {"adapters.*.expose", Kind::kChoice, "all", "all|labelled",
       "Publish every app, or only those with a label that asks for it", "consul,memory",
       ADAPTER_FIELD(expose)},
      {"adapters.*.expose", Kind::kChoice, "labelled", "all|labelled",
       "Publish every app with an HTTP port, or only those with a label that asks for it", "kong,vulcand",
       ADAPTER_FIELD(expose)},
      {"adapters.*.token_file", Kind::kFile, "", "", "File that holds the ACL token", "consul",
       ADAPTER_FIELD(token_file)},
      {"adapters.*.token", Kind::kSecret, "", "", "The ACL token itself", "consul", ADAPTER_FIELD(token)},
      {"adapters.*.admin_token_file", Kind::kFile, "", "",
       "File that holds the RBAC token, sent as `Kong-Admin-Token`", "kong", ADAPTER_FIELD(admin_token_file)},
      {"adapters.*.admin_token", Kind::kSecret, "", "", "The RBAC token itself", "kong",
       ADAPTER_FIELD(admin_token)},
      {"adapters.*.api_key_file", Kind::kFile, "", "",
       "File that holds the key for an Admin API behind key-auth, sent as `apikey`", "kong",
       ADAPTER_FIELD(api_key_file)},
      {"adapters.*.api_key", Kind::kSecret, "", "", "That key itself", "kong", ADAPTER_FIELD(api_key)},
      {"adapters.*.workspace", Kind::kText, "", "",
       "Workspace of Kong Enterprise; without it the default one", "kong", ADAPTER_FIELD(workspace)},
      {"adapters.*.dbless", Kind::kChoice, "", "whole-file",
       "A Kong without a database takes its configuration whole: `whole-file` says that all of it is ours",
       "kong", ADAPTER_FIELD(dbless)},
      {"adapters.*.delete_with_plugins", Kind::kBool, "false", "",
       "Delete a gone app's service although plugins of somebody else hang on it; else it is emptied and "
       "left",
       "kong", ADAPTER_FIELD(delete_with_plugins)},
      {"adapters.*.datacenter", Kind::kText, "", "", "Consul datacenter; without it the agent's own",
       "consul", ADAPTER_FIELD(datacenter)},
      {"adapters.*.ca_file", Kind::kFile, "", "", "CA certificates to trust instead of the system's",
       "consul,kong,vulcand", ADAPTER_FIELD(ca_file)},
      {"adapters.*.client_cert_file", Kind::kFile, "", "",
       "Certificate to show to who asks for one over https", "consul,kong,vulcand",
       ADAPTER_FIELD(client_cert_file)},
      {"adapters.*.client_key_file", Kind::kFile, "", "", "Its key, without a password",
       "consul,kong,vulcand", ADAPTER_FIELD(client_key_file)},
      {"adapters.*.script_checks", Kind::kBool, "false", "",
       "Let COMMAND health checks run on the agents (mode agent)", "consul", ADAPTER_FIELD(script_checks)},
      {"adapters.*.max_writes_per_second", Kind::kInteger, "0", "0..1000000",
       "Changes a second at most, for a registry that others depend on; 0 is no limit", "",
       ADAPTER_FIELD(max_writes_per_second)},

      {"static_services.*.kind", Kind::kChoice, "static", "static|marathon-leader|mesos-leader",
       "Where its instances come from: `targets`, Marathon's `/v2/leader`, or the `/master/redirect` of the "
       "Mesos masters in `targets`",
       "", STATIC_FIELD(kind)},
      {"static_services.*.targets", Kind::kTargets, "", "", "Its instances, or the Mesos masters to ask", "",
       STATIC_FIELD(targets)},
      {"static_services.*.hosts", Kind::kHostNames, "", "",
       "Hosts in routers and gateways; without them `<name>.<services.domain>`", "", STATIC_FIELD(hosts)},
      {"static_services.*.paths", Kind::kPaths, "", "", "Path prefixes there; without them all", "",
       STATIC_FIELD(paths)},
      {"static_services.*.strip_path", Kind::kBool, "false", "", "Take the prefix off before passing on", "",
       STATIC_FIELD(strip_path)},
      {"static_services.*.service_port", Kind::kInteger, "0", "0..65535",
       "Port of its listener in a router that has one for each service", "", STATIC_FIELD(service_port)},
      {"static_services.*.adapters", Kind::kAdapterNames, "", "",
       "Adapters that publish it; without them all", "", STATIC_FIELD(adapters)},
      {"static_services.*.health_path", Kind::kText, "", "",
       "Path that answers below 400 while an instance is well; without it nobody asks", "",
       STATIC_FIELD(health_path)},
      {"static_services.*.interval", Kind::kDuration, "5s", "1s..1h",
       "Time between two questions for health or for the leader", "", STATIC_FIELD(interval)},

      {"leader", Kind::kChoice, "", "none",
       "`none`: this is the only dispatcher, under Marathon too; without a block it is taken for that "
       "elsewhere",
       "", FIELD(leader.none)},
      {"leader.consul_url", Kind::kUrl, "", "",
       "Consul that holds the lock; without it that of the one adapter of type consul, with its token", "",
       FIELD(leader.consul_url)},
      {"leader.key", Kind::kText, "dispatcher/leader", "",
       "Key of the lock; dispatchers of another owner or another Marathon need another", "",
       FIELD(leader.key)},
      {"leader.ttl", Kind::kDuration, "20s", "10s..24h",
       "Time after which a leader that is not heard of has lost the lock; Consul takes up to twice as long",
       "", FIELD(leader.ttl)},
      {"leader.token_file", Kind::kFile, "", "",
       "File that holds Consul's token for the lock; read again when Consul answers 403", "",
       FIELD(leader.token_file)},
      {"leader.token", Kind::kSecret, "", "", "The token itself", "", FIELD(leader.token)},
      {"leader.ca_file", Kind::kFile, "", "", "CA certificates to trust instead of the system's", "",
       FIELD(leader.ca_file)},
      {"leader.client_cert_file", Kind::kFile, "", "", "Certificate to show to who asks for one over https",
       "", FIELD(leader.client_cert_file)},
      {"leader.client_key_file", Kind::kFile, "", "", "Its key, without a password", "",
       FIELD(leader.client_key_file)},

      {"brake.max_removal_percent", Kind::kInteger, "20", "0..100",
       "Share of a registry that may go unexplained in a window", "", FIELD(brake.max_removal_percent)},
      {"brake.min_instances", Kind::kInteger, "3", "0..1000000",
       "So many unexplained removals a window always pass", "", FIELD(brake.min_instances)},
      {"brake.window", Kind::kDuration, "10m", "1s..24h", "Time over which removals are counted", "",
       FIELD(brake.window)},
      {"brake.confirm_after", Kind::kDuration, "1m", "1s..1h",
       "Absence counts when two complete reads so far apart agree", "", FIELD(brake.confirm_after)},

      {"http.listen", Kind::kListen, "127.0.0.1:8090", "",
       "Address of health, metrics, API and page; port 0 takes a free one", "", FIELD(http.listen)},
      {"http.token_file", Kind::kFile, "", "",
       "File that holds the bearer token for calls that change something", "", FIELD(http.token_file)},
      {"http.token", Kind::kSecret, "", "", "The bearer token itself", "", FIELD(http.token)},
      {"http.tls_cert_file", Kind::kFile, "", "",
       "Certificate with those that lead to its CA: the port speaks TLS; read again when it changes", "",
       FIELD(http.tls_cert_file)},
      {"http.tls_key_file", Kind::kFile, "", "", "Its key, without a password", "", FIELD(http.tls_key_file)},
      {"http.tls_client_ca_file", Kind::kFile, "", "",
       "CA certificates: who has no certificate of theirs is not answered", "",
       FIELD(http.tls_client_ca_file)},

      {"log.level", Kind::kChoice, "info", "debug|info|warning|error|off", "Least level that is written", "",
       FIELD(log.level)},
      {"log.format", Kind::kChoice, "text", "text|json", "Form of a line on standard error", "",
       FIELD(log.format)},
  };
  return table;
}

#undef FIELD
#undef ADAPTER_FIELD
#undef STATIC_FIELD

std::string Words(std::string_view choices) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(choices, '|')) {
    words.emplace_back(word);
  }
  return OneOf(words);
}

}  // namespace

std::span<const Setting> SettingsTable() { return Table(); }

const std::vector<std::string>& SettableAdapterTypes() {
  static const std::vector<std::string> types = {"consul", "kong", "memory", "vulcand"};
  return types;
}

bool AppliesToType(const Setting& setting, std::string_view adapter_type) {
  if (setting.adapter_types.empty()) {
    return true;
  }
  const std::vector<std::string_view> types = Split(setting.adapter_types, ',');
  return std::find(types.begin(), types.end(), adapter_type) != types.end();
}

std::string AdapterKey(const Setting& setting, std::string_view adapter, std::string_view type) {
  constexpr std::string_view kStar = "adapters.*.";
  if (!setting.key.starts_with(kStar) || !AppliesToType(setting, type)) {
    return "";
  }
  return std::string("adapters.").append(adapter).append(".").append(setting.key.substr(kStar.size()));
}

std::string EnvironmentName(std::string_view key) {
  std::string name = "DISPATCHER_";
  for (const char c : key) {
    if (c == '.') {
      name += "__";
    } else if (c == '*') {
      name += "<NAME>";
    } else {
      name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
  }
  return name;
}

std::string OneOf(const std::vector<std::string>& words) {
  std::string text = words.front();
  for (size_t i = 1; i < words.size(); ++i) {
    text.append(i + 1 == words.size() ? " or " : ", ").append(words[i]);
  }
  return text;
}

std::string AllowedText(const Setting& setting) {
  switch (setting.kind) {
    case SettingKind::kText:
      return "text without blanks and colons";
    case SettingKind::kInteger:
      return std::string(setting.allowed);
    case SettingKind::kBool:
      return "true or false";
    case SettingKind::kDuration:
      return std::string(setting.allowed);
    case SettingKind::kChoice:
      return Words(setting.allowed);
    case SettingKind::kChoiceOrDuration:
      return Words(setting.allowed) + ", or a duration";
    case SettingKind::kUrl:
      return "URL";
    case SettingKind::kUrlTemplate:
      return "URL with {host}";
    case SettingKind::kUrls:
      return "URLs";
    case SettingKind::kHostNames:
      return "DNS names";
    case SettingKind::kPaths:
      return "paths";
    case SettingKind::kTargets:
      return "host:port, several with commas";
    case SettingKind::kFile:
      return "readable file";
    case SettingKind::kOwner:
      return "[a-z0-9]{1,20}";
    case SettingKind::kDomain:
      return "DNS name";
    case SettingKind::kHost:
      return "IP address or host name";
    case SettingKind::kListen:
      return "host:port";
    case SettingKind::kAdapterNames:
      return "names of adapters";
    case SettingKind::kSecret:
      return "environment only";
  }
  return "";
}

}  // namespace dispatcher
