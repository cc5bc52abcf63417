// Facts to phase: a pure function of what is known of one task, its definition,
// the operator's policy and the time.
#pragma once

#include <optional>

#include "dispatcher/catalog/facts.h"
#include "dispatcher/catalog/merge.h"
#include "dispatcher/catalog/policy.h"

namespace dispatcher {

// What deployments mean for a task of an app with route_when: deployed.
enum class Hold : uint8_t {
  kNone,
  kBack,  // of the version being deployed, while an older one serves
  kOpen   // of a version in between, of which nobody says whether it was ever deployed
};

struct Circumstances {
  bool has_definition = false;   // of the task's own version
  bool place_resolved = false;   // address and port of each of its ports are known
  bool place_wrong = false;      // they can't be: task and definition don't align
  bool host_unresolved = false;  // all is known but the IP behind the agent's name
  size_t checks = 0;             // of the task's own version
  std::optional<Health> pod;     // the container's health, if it is a pod's
  WallMs health_from = 0;        // health stamped earlier is a previous incarnation's
  bool ready_needed = false;     // readiness checks, and a deployment of the app is running
  bool app_stopping = false;     // StopApplication was announced and not taken back
  bool app_terminated = false;   // app_terminated_event of this task's app, not of a later one
  bool superseded = false;       // a newer version serves, of which the deployment has succeeded
  bool kill_likely = false;      // goal changes are told, and a deployment that may kill is running
  Hold hold = Hold::kNone;
  RouteWhen route_when = RouteWhen::kHealthy;
};

struct Judgement {
  Verdict verdict;
  bool read_wanted = false;     // a read would settle what events left open
  std::optional<Mono> recheck;  // the verdict changes by time alone then
  bool fit = false;             // it serves, or would if it were not held
};

// README.md has the table; the first row that fits counts.
Judgement Judge(const TaskFacts& facts, const HealthFacts& health, const Circumstances& circumstances,
                const CatalogPolicy& policy, Mono now);

}  // namespace dispatcher
