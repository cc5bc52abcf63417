// Everything that can be learnt about the world, one value a fact-bearing thing.
//
// marathon/codec makes these from bytes, the engine numbers them (Envelope), the
// catalog merges them. They are what is recorded and replayed. All plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/shared_string.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/definition.h"
#include "dispatcher/model/ids.h"

namespace dispatcher {

// How a task or instance is doing in Marathon's or Mesos's words, all spellings
// of all versions folded (marathon/codec/life.h). The order is not the merge
// rank; that is catalog/merge.h's.
enum class Life : uint8_t {
  kUnknown,    // a word we don't know: ask
  kScheduled,  // 1.8+: not on an agent yet
  kStaging,    // Created, Reserved, Provisioned, TASK_STAGING
  kStarting,
  kRunning,
  kKilling,
  kUnreachable,  // Unreachable, UnreachableInactive, TASK_UNREACHABLE
  kLost,         // TASK_LOST, TASK_UNKNOWN, Unknown: may come back
  kTerminal,     // FINISHED, FAILED, KILLED, ERROR, GONE, GONE_BY_OPERATOR, DROPPED
};

// ---------------------------------------------------------------- from events

// The subscription is proven (event_stream_attached, whosever it was).
struct StreamAttached {
  std::string leader;  // X-Marathon-Leader of this stream's head, or its host:port
};
// No stream any more. Everything since may have been missed.
struct StreamLost {
  absl::Status why;
};
// Something was missed on a stream that goes on (undecodable or oversized frame).
struct StreamGap {
  std::string why;
};

// status_update_event
struct TaskUpdate {
  AppId app;
  TaskId task;
  Life life = Life::kUnknown;
  std::string word;        // as it came: "TASK_RUNNING"
  std::string host;        // "" = not told ("unknown" and "n/a" are folded to it)
  std::vector<int> ports;  // [] = not told
  std::vector<std::string> ips;
  std::string version;
  WallMs at = 0;
  std::string message;
};
// instance_changed_event
struct InstanceUpdate {
  AppId app;
  InstanceId instance;
  Life life = Life::kUnknown;
  std::string word;
  std::string host;
  std::string version;
  WallMs at = 0;
};
// instance_health_changed_event (whole = true: one verdict over all checks),
// health_status_changed_event and failed_health_check_event (of one unnamed check)
struct HealthUpdate {
  AppId app;
  InstanceId instance;        // always set, derived from the task id where that is what came
  TaskId task;                // <= 1.3 only
  std::optional<bool> alive;  // nullopt: Marathon said that it does not know
  bool whole = false;
  bool probe = false;  // failed_health_check_event: one probe failed, no verdict
  std::string version;
  WallMs at = 0;
};
// unhealthy_task_kill_event, unhealthy_instance_kill_event: the kill is coming
struct KillAnnounced {
  AppId app;
  TaskId task;
  InstanceId instance;  // "" where unknown
  std::string reason;
  WallMs at = 0;
};
// unknown_instance_terminated_event, unknown_task_terminated_event: one that
// Marathon had forgotten has ended. Exactly one id is set.
struct StrayTerminated {
  AppId app;
  TaskId task;
  InstanceId instance;
  WallMs at = 0;
};
struct AppTerminated {
  AppId app;
  WallMs at = 0;
};
// api_post_event, pod_*_event, add/remove_health_check_event: look at this app
struct AppTouched {
  AppId app;
  std::string event;
  WallMs at = 0;
};
// group_change_success: some app below this group changed
struct GroupTouched {
  AppId group;
  WallMs at = 0;
};

enum class DeploymentPhase : uint8_t { kStep, kStepDone, kStepFailed, kSucceeded, kFailed };
struct DeploymentAction {
  std::string verb;  // StartApplication, ..., also the pod forms
  AppId app;
  bool operator==(const DeploymentAction&) const = default;
};
struct DeploymentUpdate {
  DeploymentPhase phase = DeploymentPhase::kStep;
  std::string id;
  std::string version;
  std::vector<DeploymentAction> all;      // every step's
  std::vector<DeploymentAction> current;  // this step's; empty where there is none
  int step = 0;                           // place of this step in the plan, from 1; 0: not told
  int steps = 0;                          // of the plan
  WallMs at = 0;
};
// scheduler_*_event. framework_id is set by scheduler_registered_event alone.
struct SchedulerChanged {
  std::string event;
  std::string framework_id;
  WallMs at = 0;
};

// ----------------------------------------------------------------- from reads

// One element of healthCheckResults.
struct CheckResult {
  bool alive = false;
  bool counted = true;  // false: only ignored failures so far, says nothing
  WallMs last_success = 0;
  WallMs last_failure = 0;
  bool operator==(const CheckResult&) const = default;
};

// A task as a read shows it.
struct TaskSeen {
  TaskId task;
  Life life = Life::kUnknown;  // without `state` (<= 1.1): running iff startedAt is set
  std::string word;
  std::string host;
  std::vector<int> ports;
  std::vector<std::string> ips;
  std::string version;
  WallMs version_at = 0;
  WallMs staged_at = 0;  // 0: not told (pods)
  WallMs started_at = 0;
  std::vector<CheckResult> results;   // those that reported; nulls left out
  std::optional<bool> mesos_healthy;  // pods: the container's or endpoint's health condition
};

// Where a read stands among the events: what it could have seen.
struct ReadMark {
  uint64_t begun_after = 0;  // seq of the last envelope when the request went out
  uint32_t generation = 0;   // stream generation at that moment
  SharedString leader;       // who answered: X-Marathon-Leader, else the server asked
  bool operator==(const ReadMark&) const = default;
};

// One app out of an answer, whole in itself.
struct AppSeen {
  uint64_t read = 0;  // number of the read it belongs to
  ReadMark mark;
  std::shared_ptr<const Definition> definition;
  bool has_tasks = true;  // false: the answer did not embed tasks, no absence follows
  std::vector<TaskSeen> tasks;
  std::vector<std::string> deployments;  // ids now running on it
  std::vector<TaskId> ready_tasks;       // readinessCheckResults with ready = true
};

enum class ReadScope : uint8_t { kSnapshot, kApp };
// The end of a read. `status` OK: complete, every element was decoded or named in
// `bad_apps`. NotFound with kApp: Marathon says there is no such app.
struct ReadEnded {
  uint64_t read = 0;
  ReadMark mark;
  ReadScope scope = ReadScope::kSnapshot;
  AppId app;  // kApp
  absl::Status status;
  int apps = 0;                      // elements in the answer, decoded or not
  std::vector<AppId> bad_apps;       // could not be decoded; "" where not even the id could
  std::vector<std::string> bad_why;  // of each of these, if it is told
  Duration took{};
};
// The answer to a read of an older version of a definition.
struct VersionSeen {
  AppId app;
  std::string version;
  std::shared_ptr<const Definition> definition;  // null: `status` says why
  absl::Status status;
};
// /v2/info
struct MarathonInfo {
  std::string version;
  std::string framework_id;
  std::string leader;
};

// What an agent's host name resolves to; empty `ips` where `status` says why.
struct HostResolved {
  std::string host;
  std::vector<std::string> ips;
  absl::Status status;
};

// Time passes: nothing was learnt, deadlines are to be looked at.
struct Tick {};

using Observation =
    std::variant<StreamAttached, StreamLost, StreamGap, TaskUpdate, InstanceUpdate, HealthUpdate,
                 KillAnnounced, StrayTerminated, AppTerminated, AppTouched, GroupTouched, DeploymentUpdate,
                 SchedulerChanged, AppSeen, ReadEnded, VersionSeen, MarathonInfo, HostResolved, Tick>;

// An observation with its place in the one inbox.
struct Envelope {
  uint64_t seq = 0;         // 1, 2, 3 ... no gaps
  uint32_t generation = 0;  // of the stream; grows with each StreamAttached
  Mono received{};
  Observation what;
};

}  // namespace dispatcher
