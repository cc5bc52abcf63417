// How the stand-in is started.
#pragma once

#include <string>
#include <vector>

#include "dispatcher/base/status.h"

namespace dispatcher::sim {

struct Options {
  std::string listen = "127.0.0.1:8080";  // port 0: any free one
  std::string standby_listen = {};        // "": no standby
  std::string profile = "1.8";
  std::vector<std::string> hosts = {"127.0.1.1", "127.0.1.2"};  // "address" or "name=address"
  bool task_killing = false;
  bool real_tasks = true;
  std::string user = {};   // NAME:PASSWORD; "": everybody may
  std::string token = {};  // Authorization: token=...
  double speed = 1.0;      // of the world's clock
  int launch_ms = -1;      // -1: 50 real, 20 virtual
  int heartbeat_ms = 10'000;
  int health_interval_cap_ms = 500;
  int kill_grace_ms = 500;
  int unreachable_expunge_ms = -1;  // -1: by the app's strategy
  int store_lag_ms = 2;             // deployment_info to the definition being readable
  int port_first = 31'000, port_last = 32'000;
  bool lowest_port = false;
  std::vector<std::string> own_networks = {"127.2"};  // see world/state.h
  int address_lag_ms = 0;
  int stream_buffer = 0;          // events; 0: the profile's default
  uint64_t seed = 0;              // 0: from the clock
  std::string task_program = {};  // runs `PROGRAM task ...`; "": this very program

  // From main's arguments. InvalidArgument names the argument and what it takes.
  static absl::StatusOr<Options> Parse(const std::vector<std::string>& arguments);
  // What --help prints.
  static std::string Help();
};

// "127.0.0.1:8080" into host and port.
absl::StatusOr<std::pair<std::string, int>> ParseAddress(const std::string& text);

}  // namespace dispatcher::sim
