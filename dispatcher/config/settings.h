// Everything that can be set, with its defaults, as plain values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/net/http.h"

namespace dispatcher {

struct MarathonSettings {
  std::vector<std::string> urls = {"http://127.0.0.1:8080"};
  std::string username;
  std::string password_file;
  std::string password;    // a secret, from the environment only; never beside password_file
  std::string token_file;  // sent as "Authorization: token=<content>"
  std::string token;       // a secret, from the environment only; never beside token_file
  std::string ca_file;
  std::string client_cert_file;
  std::string client_key_file;
  std::string dcos_uid;  // of a DC/OS service account: its key signs a login whose answer is the token
  std::string dcos_key_file;
  std::string dcos_login_url;  // "": below the first of `urls`
  bool trust_leader = false;   // send credentials to a leader that is not in `urls`, too
  Duration resync_interval = std::chrono::seconds(60);
  Duration stall_timeout = std::chrono::seconds(25);
};

// For the clients of a section that has these files; `section` is its name.
template <typename Section>
ClientTls TlsOf(const std::string& section, const Section& settings) {
  return {settings.ca_file, settings.client_cert_file, settings.client_key_file, section + "."};
}

struct ServiceSettings {
  std::string domain = "service.consul";
  std::string route_when = "healthy";  // running, healthy, ready, deployed
  int panic_threshold = 50;            // percent
  std::string unreachable = "drop";    // drop, keep or a duration
  Duration drain{};
  std::string address = "ip";                         // ip, host
  std::map<std::string, std::string> haproxy_groups;  // HAPROXY_GROUP -> adapters
};

// One adapter; which of the fields a type knows is in the table of settings.
struct AdapterSettings {
  std::string name;  // the key: [a-z0-9]+
  std::string type;  // consul, kong, memory, vulcand
  std::string url;
  std::string mode;
  std::string agent_url;
  std::string publish;
  std::string router_address;
  std::string router_url;
  std::string engine;
  std::string etcd_url;
  std::string etcd_key;
  bool listeners = false;
  std::string listener_address;
  std::string expose;
  std::string token_file;
  std::string token;  // a secret, from the environment only; never beside token_file
  std::string admin_token_file;
  std::string admin_token;  // a secret, as above
  std::string api_key_file;
  std::string api_key;  // a secret, as above
  std::string workspace;
  std::string dbless;
  bool delete_with_plugins = false;
  std::string datacenter;
  std::string ca_file;
  std::string client_cert_file;
  std::string client_key_file;
  bool script_checks = false;
  int max_writes_per_second = 0;  // changes; 0: no limit
};

// Its name, where it has no type.
inline const std::string& TypeOf(const AdapterSettings& adapter) {
  return adapter.type.empty() ? adapter.name : adapter.type;
}

// A service that is no app; its name is its key in the configuration.
struct StaticServiceSettings {
  std::string kind = "static";       // static, marathon-leader, mesos-leader
  std::vector<std::string> targets;  // host:port; none for marathon-leader
  std::vector<std::string> hosts;    // none: <name>.<services.domain>
  std::vector<std::string> paths;
  bool strip_path = false;
  int service_port = 0;
  std::string adapters;  // names separated by commas; "": as each adapter's `expose` says
  std::string health_path;
  Duration interval = std::chrono::seconds(5);
};

struct LeaderSettings {
  bool configured = false;  // something is said about it: dispatchers elect one that writes
  std::string none;         // "none": alone, on purpose
  std::string consul_url;   // "": that of the only adapter of type consul, with its token
  std::string key = "dispatcher/leader";
  Duration ttl = std::chrono::seconds(20);
  std::string token_file;
  std::string token;  // a secret, from the environment only; never beside token_file
  std::string ca_file;
  std::string client_cert_file;
  std::string client_key_file;
};

struct BrakeSettings {
  int max_removal_percent = 20;
  int min_instances = 3;
  Duration window = std::chrono::minutes(10);
  Duration confirm_after = std::chrono::seconds(60);
};

struct HttpSettings {
  std::string listen = "127.0.0.1:8090";  // HOST:PORT, IPv6 in brackets; port 0 = any free one
  std::string token_file;
  std::string token;          // a secret, from the environment only; never beside token_file
  std::string tls_cert_file;  // "" = without TLS
  std::string tls_key_file;   // beside it
  std::string tls_client_ca_file;
};

struct LogSettings {
  std::string level = "info";
  std::string format = "text";
};

struct Settings {
  MarathonSettings marathon;
  ServiceSettings services;
  std::string owner = "dispatcher";       // [a-z0-9]{1,20}
  std::vector<AdapterSettings> adapters;  // sorted by name; one `memory` if none is configured
  std::map<std::string, StaticServiceSettings> static_services;
  LeaderSettings leader;
  BrakeSettings brake;
  HttpSettings http;
  LogSettings log;
};

}  // namespace dispatcher
