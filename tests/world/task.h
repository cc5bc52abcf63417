// One task of one app, with its instance: Marathon's record of it and, because
// this is the world, what is really so.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "tests/world/app.h"

namespace dispatcher::world {

enum class Condition {
  kScheduled,    // waiting for an offer; in task lists of no version
  kProvisioned,  // launch accepted; "Created" up to 1.7
  kStarting,
  kRunning,
  kKilling,  // only with the feature task_killing
  kUnreachable,
  kUnreachableInactive,
  kFinished,  // this and all below: over
  kFailed,
  kKilled,
  kError,
  kGone,
};
inline bool IsTerminal(Condition c) { return c >= Condition::kFinished; }

// One health check's results for one task.
struct CheckState {
  bool reported = false;
  bool alive = false;
  int failures = 0;  // in a row; ignored ones (grace period) don't count
  WallMs first_success = 0, last_success = 0, last_failure = 0;
  std::string cause;
};

// Of a pod: one instance with all its containers, under the instance's id (pod.h).
struct Task {
  std::string id, instance, app_id;
  std::shared_ptr<const App> app;  // the version it was launched with
  int incarnation = 1;
  int agent = -1;                // index; -1 before an offer
  std::vector<int> host_ports;   // in the order of the ports that have one
  std::vector<std::string> ips;  // as in ipAddresses
  Condition condition = Condition::kScheduled;
  std::string mesos_state;  // last TASK_... Mesos told; "" before the first
  std::string message;
  WallMs created = 0, staged = 0, started = 0, unreachable_since = 0;
  bool stopping = false;             // its goal is to be gone
  bool killed = false;               // a kill is under way on the agent
  bool ready = false;                // readiness checks passed
  std::vector<CheckState> checks;    // one for each of app->checks
  std::optional<bool> told_healthy;  // what instance_health_changed said last
  bool sick = false;                 // self-played: probes fail
};

}  // namespace dispatcher::world
