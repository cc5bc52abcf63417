// Everything the world knows, as plain data. The modules beside it work on it;
// only World hands it out.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "tests/world/app.h"
#include "tests/world/event.h"
#include "tests/world/profile.h"
#include "tests/world/task.h"

namespace dispatcher::world {

// Times in milliseconds.
struct WorldOptions {
  std::string profile = "1.8";
  // Agents: "name", which is an address too, or "name=address".
  std::vector<std::string> hosts = {"127.0.1.1", "127.0.1.2"};
  uint64_t seed = 1;
  bool task_killing = false;  // --enable_features task_killing
  bool plays_tasks = true;    // false: somebody takes the orders and reports back
  WallMs start = 1'555'000'000'000;
  int launch_ms = 20;         // offer to running, when played by the world
  int kill_ms = 20;           // kill to dead
  int probe_ms = 20;          // running to first probe, and between probes
  int ready_ms = 20;          // running to ready, with readiness checks
  int store_lag_ms = 0;       // deployment_info to the definition being readable
  int backoff_cap_ms = 50;    // launch delay after failures at most
  int expunge_ms = -1;        // unreachable tasks are forgotten after this; -1: by their strategy
  int expunge_tick_ms = 100;  // how often Marathon looks for some to forget
  int port_first = 31000, port_last = 32000;
  // A task in a container network, or with an ipAddress, gets an address of each: "127.2" is
  // 127.2.0.0/16 and "fd00::" is fd00::/112. The default is loopback, so that a real process can
  // listen there.
  std::vector<std::string> own_networks = {"127.2"};
  int address_lag_ms = 0;    // running to Marathon's knowing these, of which no event tells
  bool lowest_port = false;  // hand out the lowest free host port: freed ones come back at once
  bool heavy_plans = true;   // where the profile has them (< 1.8)
  std::string leader = "127.0.0.1:8080";
  std::vector<std::string> standbys = {};  // leaders to come, in turn; none: it stays the same
  // Whether a host port can be had really; null: always.
  std::function<bool(const std::string& address, int port)> port_free = nullptr;
};

struct Agent {
  std::string name, address, id;
  bool reachable = true, gone = false;
  std::set<int> used_ports = {};
  int bridge_ips = 0;  // handed out in 172.17.0.0/16, the same on every agent
};

// To whoever runs the tasks.
struct Order {
  enum class What { kLaunch, kKill } what = What::kLaunch;
  std::string task;
  int grace_ms = 0;  // kKill: SIGTERM to SIGKILL
};

enum class ActionType { kStart, kScale, kRestart, kStop };
struct Action {
  ActionType type = ActionType::kScale;
  std::string app;
  bool done = false;
  bool pod = false;
};
struct Plan {
  std::string id, version;
  std::vector<std::vector<Action>> steps;
  size_t step = 0;
  bool announced = false;        // deployment_info of this step was published
  std::string original, target;  // group trees, for heavy plans
  // What each app was before; null: it was not there. For a rollback.
  std::map<std::string, std::shared_ptr<const App>> before;
};

struct LastFailure {
  std::string task, state, message, host, version, agent;
  WallMs at = 0;
};

struct AppEntry {
  std::shared_ptr<const App> target;  // what deployments work towards; null: being deleted
  std::shared_ptr<const App> shown;   // what reads show; null: nothing
  std::map<std::string, std::shared_ptr<const App>> versions;
  std::set<std::string> tasks;  // ids of tasks not over, or over and not forgotten
  int quota = 0;                // how many tasks the current step wants
  bool replacing = false;       // a RestartApplication decides about launches and kills
  int failures = 0;
  WallMs launch_after = 0;  // backoff
  std::optional<LastFailure> last_failure;
  std::string checks_version;  // its checks were announced by add_health_check_event
};

// A change on its way into the store: until then reads show what was before.
struct Commit {
  std::map<std::string, std::shared_ptr<const App>> changes;  // null: deleted
  std::string group, version;
  std::string api_uri;  // "": no api_post_event, nor a pod's
};

enum class TimerKind { kOffer, kStart, kRun, kDie, kProbe, kReady, kInactive, kExpunge, kLook, kCommit };
struct Timer {
  TimerKind kind;
  std::string id;  // task, app or commit's number
  int arg = 0;
};

struct State {
  WorldOptions options;
  Profile profile;
  WallMs now = 0;
  uint64_t random = 1;
  std::vector<Agent> agents;
  size_t next_agent = 0;
  std::map<std::string, AppEntry, std::less<>> apps;
  std::map<std::string, Task, std::less<>> tasks;
  std::map<std::string, Task, std::less<>> strays;  // expunged, but alive on a lost agent
  std::vector<Plan> plans;
  std::multimap<WallMs, Timer> timers;
  std::map<std::string, Commit> commits;  // by plan
  std::set<std::string> dirty;            // apps whose tasks or goals changed
  std::set<std::string> waiting;          // tasks no agent had room for
  std::vector<Order> orders;
  std::vector<Event> events;
  uint64_t last_event = 0;
  std::map<std::string, uint64_t, std::less<>> emitters;
  std::string leader, framework;
  size_t next_leader = 0;
  bool down = false;
  WallMs last_version = 0;
  std::set<int> service_ports;
  int next_service_port = 10'000;                          // Marathon's local_port_min
  std::map<std::string, std::string, std::less<>> groups;  // id to version; those made by group calls too
  int next_ip = 0;
};

}  // namespace dispatcher::world
