// App definitions for tests, in the form that every profile takes.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace dispatcher::testing {

struct AppPort {
  std::string name = {};
  std::string protocol = "tcp";
  int host_port = 0;     // 0: any free one
  bool on_host = false;  // in a container network, where else it is at the task's own address
  int service_port = 0;  // 0: Marathon chooses (bridge and container networks alone)
  std::map<std::string, std::string> labels = {};
};

struct AppSpec {
  std::string id = "/web";
  int instances = 1;
  // "bridge", "host", "container" (an address of its own, container networking; on
  // profiles before 1.5 Docker's USER) or "ip-per-task" (before 1.5 only).
  std::string network = "bridge";
  std::vector<AppPort> ports = {AppPort{}};
  bool require_ports = false;
  bool checks = true;  // one HTTP check on the first port
  std::map<std::string, std::string> labels = {};
  std::map<std::string, std::string> env = {};
  double minimum_health = 1.0;
  double maximum_over = 1.0;
};

// The body of POST /v2/apps for a Marathon of that profile ("1.8").
std::string Json(const AppSpec& app, const std::string& profile = "1.8");

}  // namespace dispatcher::testing
