// The fields of everything that is recorded, listed once: encode.cc writes by these
// lists and decode.cc reads by them, so neither can forget one alone.
//
// List<T>::Visit(visit) calls visit("name", &T::member) for each field. A field that
// is added to an observation and not here is found by tests/recording: it compares
// sizes of the structs.
#pragma once

#include <vector>

#include "dispatcher/catalog/policy.h"
#include "dispatcher/model/definition.h"
#include "dispatcher/model/note.h"
#include "dispatcher/model/observation.h"

namespace dispatcher::recording {

template <typename T>
struct List;

#define RECORDED(type, ...)           \
  template <>                         \
  struct List<type> {                 \
    using T = type;                   \
    template <typename Visit>         \
    static void Each(Visit&& visit) { \
      (void)visit;                    \
      __VA_ARGS__                     \
    }                                 \
  };
#define FIELD(member) visit(#member, &T::member);

// ------------------------------------------------------------------ parts
RECORDED(PortSpec, FIELD(container_port) FIELD(host_port) FIELD(service_port) FIELD(name) FIELD(protocol)
                       FIELD(container) FIELD(labels))
RECORDED(CheckSpec,
         FIELD(protocol) FIELD(path) FIELD(port_index) FIELD(port) FIELD(command) FIELD(grace_seconds)
             FIELD(interval_seconds) FIELD(timeout_seconds) FIELD(max_failures) FIELD(container))
RECORDED(Definition,
         FIELD(id) FIELD(version) FIELD(version_at) FIELD(config_changed_at) FIELD(is_pod) FIELD(instances)
             FIELD(network) FIELD(has_mappings) FIELD(ip_per_task) FIELD(require_ports) FIELD(ports)
                 FIELD(checks) FIELD(has_readiness_checks) FIELD(labels) FIELD(env))
RECORDED(CheckResult, FIELD(alive) FIELD(counted) FIELD(last_success) FIELD(last_failure))
RECORDED(TaskSeen,
         FIELD(task) FIELD(life) FIELD(word) FIELD(host) FIELD(ports) FIELD(ips) FIELD(version)
             FIELD(version_at) FIELD(staged_at) FIELD(started_at) FIELD(results) FIELD(mesos_healthy))
RECORDED(ReadMark, FIELD(begun_after) FIELD(generation) FIELD(leader))
RECORDED(DeploymentAction, FIELD(verb) FIELD(app))
RECORDED(Note, FIELD(kind) FIELD(app) FIELD(task) FIELD(text) FIELD(address))
RECORDED(CatalogPolicy,
         FIELD(domain) FIELD(route_when) FIELD(unreachable_for) FIELD(drain) FIELD(address_is_host_name)
             FIELD(group_adapters) FIELD(adapters) FIELD(reserved_ports) FIELD(tombstone)
                 FIELD(max_tombstones) FIELD(tombstone_at_least) FIELD(learn_for))

// ----------------------------------------------------------- observations
RECORDED(StreamAttached, FIELD(leader))
RECORDED(StreamLost, FIELD(why))
RECORDED(StreamGap, FIELD(why))
RECORDED(TaskUpdate, FIELD(app) FIELD(task) FIELD(life) FIELD(word) FIELD(host) FIELD(ports) FIELD(ips)
                         FIELD(version) FIELD(at) FIELD(message))
RECORDED(InstanceUpdate,
         FIELD(app) FIELD(instance) FIELD(life) FIELD(word) FIELD(host) FIELD(version) FIELD(at))
RECORDED(HealthUpdate, FIELD(app) FIELD(instance) FIELD(task) FIELD(alive) FIELD(whole) FIELD(probe)
                           FIELD(version) FIELD(at))
RECORDED(KillAnnounced, FIELD(app) FIELD(task) FIELD(instance) FIELD(reason) FIELD(at))
RECORDED(StrayTerminated, FIELD(app) FIELD(task) FIELD(instance) FIELD(at))
RECORDED(AppTerminated, FIELD(app) FIELD(at))
RECORDED(AppTouched, FIELD(app) FIELD(event) FIELD(at))
RECORDED(GroupTouched, FIELD(group) FIELD(at))
RECORDED(DeploymentUpdate,
         FIELD(phase) FIELD(id) FIELD(version) FIELD(all) FIELD(current) FIELD(step) FIELD(steps) FIELD(at))
RECORDED(SchedulerChanged, FIELD(event) FIELD(framework_id) FIELD(at))
RECORDED(AppSeen, FIELD(read) FIELD(mark) FIELD(definition) FIELD(has_tasks) FIELD(tasks) FIELD(deployments)
                      FIELD(ready_tasks))
RECORDED(ReadEnded, FIELD(read) FIELD(mark) FIELD(scope) FIELD(app) FIELD(status) FIELD(apps) FIELD(bad_apps)
                        FIELD(bad_why) FIELD(took))
RECORDED(VersionSeen, FIELD(app) FIELD(version) FIELD(definition) FIELD(status))
RECORDED(MarathonInfo, FIELD(version) FIELD(framework_id) FIELD(leader))
RECORDED(HostResolved, FIELD(host) FIELD(ips) FIELD(status))
RECORDED(Tick, )

#undef FIELD
#undef RECORDED

template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;

// The words that the enumerations are written as; their order is the values'.
template <typename E>
struct Words;
template <>
struct Words<Life> {
  static constexpr const char* kAll[] = {"unknown", "scheduled",   "staging", "starting", "running",
                                         "killing", "unreachable", "lost",    "terminal"};
};
template <>
struct Words<NetworkMode> {
  static constexpr const char* kAll[] = {"host", "bridge", "container"};
};
template <>
struct Words<CheckProtocol> {
  static constexpr const char* kAll[] = {"http",       "https",       "tcp",       "command",
                                         "mesos_http", "mesos_https", "mesos_tcp", "other"};
};
template <>
struct Words<DeploymentPhase> {
  static constexpr const char* kAll[] = {"step", "step_done", "step_failed", "succeeded", "failed"};
};
template <>
struct Words<ReadScope> {
  static constexpr const char* kAll[] = {"snapshot", "app"};
};
template <>
struct Words<RouteWhen> {
  static constexpr const char* kAll[] = {"running", "healthy", "ready", "deployed"};
};
template <>
struct Words<NoteKind> {
  static constexpr const char* kAll[] = {"phase", "app", "stream", "read", "refused", "held", "write"};
};

// What a line calls the alternatives of Observation, in their order.
inline constexpr const char* kObservations[] = {"attached",
                                                "lost",
                                                "gap",
                                                "task_update",
                                                "instance_update",
                                                "health_update",
                                                "kill",
                                                "stray",
                                                "app_terminated",
                                                "app_touched",
                                                "group_touched",
                                                "deployment",
                                                "scheduler",
                                                "app_seen",
                                                "read_ended",
                                                "version_seen",
                                                "info",
                                                "resolved",
                                                "tick"};
static_assert(std::size(kObservations) == std::variant_size_v<Observation>);

}  // namespace dispatcher::recording
