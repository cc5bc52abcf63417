#include "tests/world/emit.h"

#include "dispatcher/base/strings.h"
#include "tests/world/app_json.h"
#include "tests/world/pod.h"

namespace dispatcher::world {
namespace {

void Publish(State& s, std::string emitter, std::string_view type, std::string app, std::string json,
             std::string light = "") {
  if (s.down) {
    return;
  }
  Event event;
  event.id = ++s.last_event;
  event.seq = ++s.emitters[emitter];
  event.emitter = std::move(emitter);
  event.at = s.now;
  event.type = std::string(type);
  event.app = std::move(app);
  event.json = std::move(json);
  event.light_json = std::move(light);
  s.events.push_back(std::move(event));
}

// Ends an event's object the way most of Marathon's writers do.
std::string Finish(JsonWriter& out, const State& s, std::string_view type) {
  out.Field("eventType", type).Field("timestamp", FormatTimestamp(s.now)).EndObject();
  return out.Take();
}
// Those written since 1.4 with the time first.
std::string FinishNew(JsonWriter& out, const State& s, std::string_view type) {
  out.Field("timestamp", FormatTimestamp(s.now)).Field("eventType", type).EndObject();
  return out.Take();
}

const Agent* AgentOf(const State& s, const Task& task) {
  return task.agent < 0 ? nullptr : &s.agents[static_cast<size_t>(task.agent)];
}

std::string Instance(const Task& task) { return "instance:" + task.instance; }
std::string Health(const Task& task) { return "health:" + task.instance; }

}  // namespace

std::vector<std::string> ToldAddresses(const State& s, const Task& task) {
  const bool own = task.app->network == Network::kContainer || task.app->network == Network::kIpPerTask;
  const bool told = task.started != 0 && (!own || s.now >= task.started + s.options.address_lag_ms);
  return told ? task.ips : std::vector<std::string>();
}

void WriteIpAddresses(JsonWriter& out, const State& s, const Task& task, bool if_empty) {
  const std::vector<std::string> told = ToldAddresses(s, task);
  if (told.empty() && !if_empty) {
    return;
  }
  out.Key("ipAddresses").BeginArray();
  for (const std::string& ip : told) {
    const bool v6 = ip.find(':') != std::string::npos;
    out.BeginObject().Field("ipAddress", ip).Field("protocol", v6 ? "IPv6" : "IPv4").EndObject();
  }
  out.EndArray();
}

namespace {

// Of a task, or of a container of a pod's instance.
void EmitStatusOf(State& s, const Task& task, const std::string& id, const std::vector<int>& ports,
                  std::string_view status, std::string_view message) {
  const Agent* agent = AgentOf(s, task);
  // Before Mesos' first word there is no slave id (1.3: "n/a").
  const bool told = !task.mesos_state.empty();
  JsonWriter out;
  out.BeginObject();
  out.Field("slaveId", told && agent != nullptr ? std::string_view(agent->id)
                       : s.profile.Since(4)     ? ""
                                                : "n/a");
  out.Field("taskId", id).Field("taskStatus", status).Field("message", message);
  out.Field("appId", task.app_id).Field("host", agent != nullptr ? std::string_view(agent->name) : "unknown");
  WriteIpAddresses(out, s, task, s.profile.Since(4));
  out.Key("ports").BeginArray();
  for (int port : ports) {
    out.Int(port);
  }
  out.EndArray().Field("version", task.app->version);
  Publish(s, Instance(task), "status_update_event", task.app_id, Finish(out, s, "status_update_event"));
}

}  // namespace

std::string_view ConditionName(Condition condition, const Profile& profile) {
  switch (condition) {
    case Condition::kScheduled:
      return "Scheduled";
    case Condition::kProvisioned:
      return profile.Since(8) ? "Provisioned" : "Created";
    case Condition::kStarting:
      return "Starting";
    case Condition::kRunning:
      return "Running";
    case Condition::kKilling:
      return "Killing";
    case Condition::kUnreachable:
      return "Unreachable";
    case Condition::kUnreachableInactive:
      return "UnreachableInactive";
    case Condition::kFinished:
      return "Finished";
    case Condition::kFailed:
      return "Failed";
    case Condition::kKilled:
      return "Killed";
    case Condition::kError:
      return "Error";
    case Condition::kGone:
      return "Gone";
  }
  return "";
}

std::string StateName(const Task& task, const Profile& profile) {
  switch (task.condition) {
    case Condition::kScheduled:
    case Condition::kProvisioned:
      return "TASK_STAGING";
    case Condition::kStarting:
      return "TASK_STARTING";
    case Condition::kRunning:
      return "TASK_RUNNING";
    case Condition::kKilling:
      return "TASK_KILLING";
    case Condition::kUnreachable:
    case Condition::kUnreachableInactive:
      return profile.instances() ? "TASK_UNREACHABLE" : "TASK_LOST";
    default:
      return task.mesos_state;
  }
}

void EmitStatusUpdate(State& s, const Task& task, std::string_view status, std::string_view message) {
  if (!task.app->is_pod) {
    EmitStatusOf(s, task, task.id, task.host_ports, status, message);
  }
  for (const Container& container : ContainersOf(task, s.profile)) {
    EmitStatusOf(s, task, container.task, container.host_ports, status, message);
  }
}

void EmitContainerUpdate(State& s, const Task& pod, std::string_view name, std::string_view status) {
  for (const Container& container : ContainersOf(pod, s.profile)) {
    if (container.name == name) {
      EmitStatusOf(s, pod, container.task, container.host_ports, status, "");
    }
  }
}

void EmitInstanceChanged(State& s, const Task& task, Condition condition) {
  if (!s.profile.instances()) {
    return;
  }
  const Agent* agent = AgentOf(s, task);
  JsonWriter out;
  out.BeginObject()
      .Field("instanceId", task.instance)
      .Field("condition", ConditionName(condition, s.profile));
  out.Field("runSpecId", task.app_id);
  if (agent == nullptr) {
    out.Key("agentId").Null().Key("host").Null();
  } else {
    out.Field("agentId", agent->id).Field("host", agent->name);
  }
  out.Field("runSpecVersion", task.app->version);
  Publish(s, Instance(task), "instance_changed_event", task.app_id,
          FinishNew(out, s, "instance_changed_event"));
}

void EmitHealthStatusChanged(State& s, const Task& task, bool alive) {
  JsonWriter out;
  out.BeginObject().Field("appId", task.app_id);
  if (s.profile.instances()) {
    out.Field("instanceId", task.instance);
  } else {
    out.Field("taskId", task.id);
  }
  out.Field("version", task.app->version).Field("alive", alive);
  Publish(s, Health(task), "health_status_changed_event", task.app_id,
          Finish(out, s, "health_status_changed_event"));
}

void EmitInstanceHealth(State& s, const Task& task, std::optional<bool> healthy, bool by_status) {
  if (!s.profile.instances()) {
    return;
  }
  JsonWriter out;
  out.BeginObject().Field("instanceId", task.instance).Field("runSpecId", task.app_id);
  if (healthy) {
    out.Field("healthy", *healthy);
  } else {
    out.Key("healthy").Null();
  }
  out.Field("runSpecVersion", task.app->version);
  Publish(s, by_status ? Instance(task) : Health(task), "instance_health_changed_event", task.app_id,
          FinishNew(out, s, "instance_health_changed_event"));
}

void EmitFailedCheck(State& s, const Task& task, const Check& check) {
  JsonWriter out;
  out.BeginObject()
      .Field("appId", task.app_id)
      .Field("eventType", "failed_health_check_event")
      .Key("healthCheck");
  WriteCheck(out, check, s.profile);
  // 1.4 named it rightly; from 1.5 on "taskId" holds the instance's id.
  out.Field(s.profile.minor == 4 ? "instanceId" : "taskId", s.profile.instances() ? task.instance : task.id);
  out.Field("timestamp", FormatTimestamp(s.now)).EndObject();
  Publish(s, Health(task), "failed_health_check_event", task.app_id, out.Take());
}

void EmitUnhealthyKill(State& s, const Task& task, std::string_view reason) {
  const Agent* agent = AgentOf(s, task);
  const char* type = s.profile.instances() ? "unhealthy_instance_kill_event" : "unhealthy_task_kill_event";
  JsonWriter out;
  out.BeginObject().Field("appId", task.app_id).Field("taskId", task.id);
  if (s.profile.instances()) {
    out.Field("instanceId", task.instance);
  }
  out.Field("version", task.app->version).Field("reason", reason).Field("host", agent->name);
  out.Field("slaveId", agent->id);
  Publish(s, Health(task), type, task.app_id, Finish(out, s, type));
}

void EmitStrayTerminated(State& s, const Task& task) {
  JsonWriter out;
  out.BeginObject();
  if (s.profile.instances()) {
    out.Field("instanceId", task.instance).Field("runSpecId", task.app_id).Field("condition", "Running");
    Publish(s, Instance(task), "unknown_instance_terminated_event", task.app_id,
            FinishNew(out, s, "unknown_instance_terminated_event"));
  } else if (s.profile.Since(3)) {
    out.Field("taskId", task.id).Field("runSpecId", task.app_id).Field("status", "TASK_KILLED");
    Publish(s, Instance(task), "unknown_task_terminated_event", task.app_id,
            FinishNew(out, s, "unknown_task_terminated_event"));
  }
}

// A pod's checks are Mesos' own: Marathon keeps none of them, and tells none.
void EmitAddChecks(State& s, const App& app) {
  if (app.is_pod) {
    return;
  }
  for (const Check& check : app.checks) {
    JsonWriter out;
    out.BeginObject().Field("appId", app.id).Field("eventType", "add_health_check_event").Key("healthCheck");
    WriteCheck(out, check, s.profile);
    out.Field("timestamp", FormatTimestamp(s.now)).Field("version", app.version).EndObject();
    Publish(s, "checks", "add_health_check_event", app.id, out.Take());
  }
}

void EmitRemoveChecks(State& s, const App& app) {
  if (app.is_pod) {
    return;
  }
  for (size_t i = 0; i < app.checks.size(); ++i) {
    JsonWriter out;
    out.BeginObject().Field("appId", app.id);
    Publish(s, "checks", "remove_health_check_event", app.id, Finish(out, s, "remove_health_check_event"));
  }
}

std::string ActionsJson(const std::vector<Action>& actions, const Profile& profile) {
  static constexpr const char* kNames[] = {"StartApplication", "ScaleApplication", "RestartApplication",
                                           "StopApplication"};
  static constexpr const char* kPodNames[] = {"StartPod", "ScalePod", "RestartPod", "StopPod"};
  JsonWriter out;
  out.BeginArray();
  for (const Action& action : actions) {
    // "type" up to 1.1.1.
    out.BeginObject().Field(profile.Since(3) ? "action" : "type",
                            (action.pod ? kPodNames : kNames)[static_cast<int>(action.type)]);
    out.Field(action.pod ? "pod" : "app", action.app).EndObject();
  }
  out.EndArray();
  return out.Take();
}

std::string StepsJson(const Plan& plan, const Profile& profile) {
  JsonWriter out;
  out.BeginArray();
  for (const std::vector<Action>& actions : plan.steps) {
    out.BeginObject().Key("actions").Raw(ActionsJson(actions, profile)).EndObject();
  }
  out.EndArray();
  return out.Take();
}

void EmitDeployment(State& s, const Plan& plan, std::string_view type, std::string_view reason) {
  const bool ended = type == "deployment_success" || type == "deployment_failed";
  const auto text = [&](bool heavy) {
    JsonWriter out;
    out.BeginObject();
    if (ended) {
      out.Field("id", plan.id);
    }
    out.Key("plan").BeginObject().Field("id", plan.id);
    if (heavy) {
      out.Key("original").Raw(plan.original).Key("target").Raw(plan.target);
    }
    out.Key("steps").Raw(StepsJson(plan, s.profile)).Field("version", plan.version).EndObject();
    if (!ended) {
      out.Key("currentStep")
          .BeginObject()
          .Key("actions")
          .Raw(ActionsJson(plan.steps[plan.step], s.profile))
          .EndObject();
    }
    out.Field("eventType", type).Field("timestamp", FormatTimestamp(s.now));
    if (!reason.empty() && s.profile.Since(8)) {
      out.Field("reason", reason);
    }
    out.EndObject();
    return out.Take();
  };
  const bool heavy = !plan.target.empty();
  const std::string light = text(false);
  Publish(s, "deployment:" + plan.id, type, plan.before.size() == 1 ? plan.before.begin()->first : "",
          heavy ? text(true) : light, heavy ? light : "");
}

void EmitAppTerminated(State& s, const Plan& plan, const std::string& app) {
  JsonWriter out;
  out.BeginObject().Field("appId", app);
  // Not awaited by the deployment up to 1.5, so in no order with its end.
  Publish(s, s.profile.Since(6) ? "deployment:" + plan.id : "app:" + app, "app_terminated_event", app,
          Finish(out, s, "app_terminated_event"));
}

void EmitGroupChange(State& s, std::string_view group, std::string_view version) {
  JsonWriter out;
  out.BeginObject().Field("groupId", group).Field("version", version);
  Publish(s, "groups", "group_change_success", "", Finish(out, s, "group_change_success"));
}

void EmitApiPost(State& s, const App& app, std::string_view uri) {
  JsonWriter out;
  out.BeginObject().Field("clientIp", "127.0.0.1").Field("uri", uri).Key("appDefinition");
  out.Raw(AppDefinitionJson(app, s.profile));
  Publish(s, "api", "api_post_event", app.id, Finish(out, s, "api_post_event"));
}

void EmitPodChange(State& s, std::string_view type, const std::string& pod, std::string_view uri) {
  JsonWriter out;
  out.BeginObject().Field("clientIp", "127.0.0.1").Field("uri", uri);
  Publish(s, "api", type, pod, Finish(out, s, type));
}

void EmitStream(State& s, bool attached, std::string_view remote) {
  const char* type = attached ? "event_stream_attached" : "event_stream_detached";
  JsonWriter out;
  out.BeginObject().Field("remoteAddress", remote);
  Publish(s, "stream", type, "", Finish(out, s, type));
}

void EmitScheduler(State& s, std::string_view type) {
  JsonWriter out;
  out.BeginObject();
  if (type == "scheduler_registered_event") {
    out.Field("frameworkId", s.framework);
  }
  if (type != "scheduler_disconnected_event") {
    out.Field("master", "127.0.0.1");
  }
  Publish(s, "scheduler", type, "", Finish(out, s, type));
}

}  // namespace dispatcher::world
