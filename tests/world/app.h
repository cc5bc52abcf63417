// An app definition as Marathon keeps it: what was posted, checked, with its
// defaults and service ports filled in.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/json.h"

namespace dispatcher::world {

enum class Network { kHost, kBridge, kContainer, kIpPerTask };

// One declared port: a portDefinition, a portMapping or a discovery port.
struct Port {
  int container_port = 0;             // mappings; discovery: its number
  std::optional<int> host_port = {};  // mappings; absent: no port on the host
  int service_port = 0;
  std::string protocol = "tcp";  // tcp, udp or udp,tcp
  std::string name = {};
  std::map<std::string, std::string> labels = {};
  std::vector<std::string> network_names = {};
  std::string container = {};  // pods: whose endpoint it is
};

struct Check {
  std::string protocol = "HTTP";
  std::string path = "/";
  std::optional<int> port_index;
  std::optional<int> port;
  std::string command;
  int grace_s = 300, interval_s = 60, timeout_s = 20, max_failures = 3, delay_s = 15;
  bool ignore_1xx = false;
  std::string container;  // pods: whose it is
  // Run by Mesos' executor and reported with the task's status.
  bool ByMesos() const { return protocol == "COMMAND" || protocol.starts_with("MESOS_"); }
};

// An app, or a pod (pod.h).
struct App {
  // Top-level members as posted (key, JSON text), nulls left out: what a PUT of
  // some of them is merged into, and what the rest below was read from.
  std::map<std::string, std::string> fields;

  std::string id;  // absolute
  bool is_pod = false;
  std::vector<std::string> containers;  // pods: their names
  std::string cmd;
  bool has_container = false;
  std::string container_type;
  std::string image;
  int instances = 1;
  Network network = Network::kHost;
  std::string network_name;
  std::vector<Port> ports;
  bool implicit_ports = false;  // none were declared: Marathon gives one
  bool require_ports = false;
  std::vector<Check> checks;
  std::vector<std::string> readiness;  // names of the readiness checks
  bool resident = false;
  double min_health = 1.0, max_over = 1.0;
  bool oldest_first = false;  // killSelection
  double backoff_s = 1.0, backoff_factor = 1.15;
  std::optional<int> kill_grace_s;
  std::optional<int> inactive_after_s, expunge_after_s;  // both absent: "disabled"
  std::map<std::string, std::string> labels, env;

  std::string version;  // RFC 3339, ms, Z
  std::string last_scaling_at, last_config_change_at;

  // The index of the port that a check goes to; -1 for a check with a port of its own.
  int CheckPort(const Check& check) const;
};

// What is wrong with a body: the path of the member and the sentence about it.
struct Complaint {
  std::string path;  // "/container/portMappings(0)/containerPort"
  std::string error;
};

// "web" and "/web" are "/web".
std::string AbsoluteId(std::string_view id);
// The rule of Marathon's PathId: lower case letters, digits, dashes, dots, slashes.
bool IsLegalId(std::string_view absolute);

// Reads one object of members into `fields`, nulls left out.
std::map<std::string, std::string> FieldsOf(JsonView object);
// Everything but versions and assigned service ports. Complaints: empty when good.
App ReadApp(std::map<std::string, std::string> fields, std::vector<Complaint>& complaints);

}  // namespace dispatcher::world
