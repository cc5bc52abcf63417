// What was decoded, as text: one line an observation, each field named.
#pragma once

#include <sstream>
#include <string>

#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/event.h"

namespace dispatcher {

inline std::string Name(Life life) {
  static constexpr const char* life_names[] = {"Unknown", "Scheduled",   "Staging", "Starting", "Running",
                                               "Killing", "Unreachable", "Lost",    "Terminal"};
  return life_names[static_cast<int>(life)];
}

inline std::string Name(std::optional<bool> value) { return !value ? "unknown" : *value ? "yes" : "no"; }

template <typename T>
std::string List(const std::vector<T>& values) {
  std::ostringstream out;
  out << '[';
  for (size_t i = 0; i < values.size(); ++i) {
    out << (i > 0 ? " " : "") << values[i];
  }
  return out.str() + "]";
}

inline std::string Pairs(const std::map<std::string, std::string>& values) {
  std::string out = "{";
  for (const auto& [key, value] : values) {
    out += (out.size() > 1 ? " " : "") + key + "=" + value;
  }
  return out + "}";
}

inline std::string Actions(const std::vector<DeploymentAction>& actions) {
  std::vector<std::string> words;
  for (const auto& action : actions) {
    words.push_back(action.verb + ":" + action.app);
  }
  return List(words);
}

struct Describe {
  std::ostream& out;

  void operator()(const TaskUpdate& o) const {
    out << "TaskUpdate app=" << o.app << " task=" << o.task << " life=" << Name(o.life) << " word=" << o.word
        << " host=" << o.host << " ports=" << List(o.ports) << " ips=" << List(o.ips)
        << " version=" << o.version << " at=" << o.at << " message=" << o.message;
  }
  void operator()(const InstanceUpdate& o) const {
    out << "InstanceUpdate app=" << o.app << " instance=" << o.instance << " life=" << Name(o.life)
        << " word=" << o.word << " host=" << o.host << " version=" << o.version << " at=" << o.at;
  }
  void operator()(const HealthUpdate& o) const {
    out << "HealthUpdate app=" << o.app << " instance=" << o.instance << " task=" << o.task
        << " alive=" << Name(o.alive) << (o.whole ? " whole" : "") << (o.probe ? " probe" : "")
        << " version=" << o.version << " at=" << o.at;
  }
  void operator()(const KillAnnounced& o) const {
    out << "KillAnnounced app=" << o.app << " task=" << o.task << " instance=" << o.instance
        << " reason=" << o.reason << " at=" << o.at;
  }
  void operator()(const StrayTerminated& o) const {
    out << "StrayTerminated app=" << o.app << " task=" << o.task << " instance=" << o.instance
        << " at=" << o.at;
  }
  void operator()(const AppTerminated& o) const { out << "AppTerminated app=" << o.app << " at=" << o.at; }
  void operator()(const AppTouched& o) const {
    out << "AppTouched app=" << o.app << " event=" << o.event << " at=" << o.at;
  }
  void operator()(const GroupTouched& o) const { out << "GroupTouched group=" << o.group << " at=" << o.at; }
  void operator()(const DeploymentUpdate& o) const {
    static constexpr const char* phase_names[] = {"step", "step-done", "step-failed", "succeeded", "failed"};
    out << "DeploymentUpdate " << phase_names[static_cast<int>(o.phase)] << " id=" << o.id
        << " version=" << o.version << " all=" << Actions(o.all) << " current=" << Actions(o.current)
        << " at=" << o.at;
  }
  void operator()(const SchedulerChanged& o) const {
    out << "SchedulerChanged event=" << o.event << " framework=" << o.framework_id << " at=" << o.at;
  }
  void operator()(const StreamAttached& o) const { out << "StreamAttached leader=" << o.leader; }
  template <typename Other>
  void operator()(const Other&) const {
    out << "not of an event";
  }
};

// Where JSON itself is broken is base's business and not compared.
inline std::string DescribeError(const absl::Status& status) {
  const auto text = Message(status);
  return "error " + std::string(text.starts_with("not JSON") ? "not JSON" : text);
}

// One line: observations, "ignored", "unknown type" or the error.
inline std::string DescribeEvent(const absl::StatusOr<DecodedEvent>& event) {
  if (!event.ok()) {
    return DescribeError(event.status());
  }
  std::ostringstream out;
  if (!event->known) {
    out << "unknown type " << event->type;
  } else if (event->observations.empty()) {
    out << "ignored " << event->type;
  }
  for (const Observation& observation : event->observations) {
    std::visit(Describe{out}, observation);
  }
  if (!event->unknown_fields.empty()) {
    out << " unknown fields " << List(event->unknown_fields);
  }
  return out.str();
}

inline void DescribeDefinition(std::ostream& out, const Definition& d) {
  static constexpr const char* network_names[] = {"host", "bridge", "container"};
  static constexpr const char* check_names[] = {"HTTP",       "HTTPS",       "TCP",       "COMMAND",
                                                "MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP", "other"};
  const auto number = [](std::optional<int> n) { return n ? std::to_string(*n) : "-"; };
  out << (d.is_pod ? "pod " : "app ") << d.id << " version=" << d.version << " at=" << d.version_at
      << " config_changed_at=" << d.config_changed_at << " instances=" << d.instances
      << " network=" << network_names[static_cast<int>(d.network)] << (d.has_mappings ? " mappings" : "")
      << (d.ip_per_task ? " ip-per-task" : "") << (d.require_ports ? " require-ports" : "")
      << (d.has_readiness_checks ? " readiness" : "") << "\n"
      << "  labels=" << Pairs(d.labels) << " env=" << Pairs(d.env) << "\n";
  for (const PortSpec& p : d.ports) {
    out << "  port container=" << p.container_port << " host=" << number(p.host_port)
        << " service=" << p.service_port << " name=" << p.name << " protocol=" << p.protocol
        << " of=" << p.container << " labels=" << Pairs(p.labels) << "\n";
  }
  for (const CheckSpec& c : d.checks) {
    out << "  check " << check_names[static_cast<int>(c.protocol)] << " path=" << c.path
        << " index=" << number(c.port_index) << " port=" << number(c.port) << " command=" << c.command
        << " grace=" << c.grace_seconds << " interval=" << c.interval_seconds
        << " timeout=" << c.timeout_seconds << " failures=" << c.max_failures
        << (c.container.empty() ? "" : " container=") << c.container << "\n";
  }
}

inline void DescribeTask(std::ostream& out, const TaskSeen& t) {
  out << "  task " << t.task << " life=" << Name(t.life) << " word=" << t.word << " host=" << t.host
      << " ports=" << List(t.ports) << " ips=" << List(t.ips) << " version=" << t.version
      << " version_at=" << t.version_at << " staged_at=" << t.staged_at << " started_at=" << t.started_at
      << " mesos_healthy=" << Name(t.mesos_healthy) << "\n";
  for (const CheckResult& r : t.results) {
    out << "    result " << (r.alive ? "alive" : "dead") << (r.counted ? "" : " not-counted")
        << " success=" << r.last_success << " failure=" << r.last_failure << "\n";
  }
}

// Several lines, or the error.
inline std::string DescribeElement(const absl::StatusOr<AppElement>& element) {
  if (!element.ok()) {
    return DescribeError(element.status()) + "\n";
  }
  std::ostringstream out;
  DescribeDefinition(out, *element->definition);
  out << "  deployments=" << List(element->deployments) << " ready=" << List(element->ready_tasks)
      << (element->has_tasks ? "" : " no-tasks-embedded") << "\n";
  for (const TaskSeen& task : element->tasks) {
    DescribeTask(out, task);
  }
  return out.str();
}

}  // namespace dispatcher
