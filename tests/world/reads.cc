#include "tests/world/reads.h"

#include "dispatcher/base/strings.h"
#include "tests/world/app_json.h"
#include "tests/world/emit.h"
#include "tests/world/health.h"

namespace dispatcher::world {
namespace {

void StampOrNull(JsonWriter& out, std::string_view key, WallMs at) {
  if (at == 0) {
    out.Key(key).Null();
  } else {
    out.Field(key, FormatTimestamp(at));
  }
}

void WriteChecks(JsonWriter& out, const State& s, const Task& task) {
  bool any = false;
  for (const CheckState& check : task.checks) {
    any = any || check.reported;
  }
  // The key is left out while nothing has reported, up to 1.5; an empty list after.
  if (!any && !s.profile.Since(6)) {
    return;
  }
  out.Key("healthCheckResults").BeginArray();
  for (const CheckState& check : task.checks) {
    if (!check.reported) {
      continue;
    }
    out.BeginObject().Field("alive", check.alive).Field("consecutiveFailures", check.failures);
    StampOrNull(out, "firstSuccess", check.first_success);
    StampOrNull(out, "lastFailure", check.last_failure);
    StampOrNull(out, "lastSuccess", check.last_success);
    if (check.cause.empty()) {
      out.Key("lastFailureCause").Null();
    } else {
      out.Field("lastFailureCause", check.cause);
    }
    if (s.profile.instances()) {
      out.Field("instanceId", task.instance);
    } else {
      out.Field("taskId", task.id);
    }
    out.EndObject();
  }
  out.EndArray();
}

void WriteCounts(JsonWriter& out, const State& s, const AppEntry& entry) {
  int staged = 0, running = 0, healthy = 0, unhealthy = 0;
  for (const std::string& id : entry.tasks) {
    const Task& task = s.tasks.at(id);
    if (task.condition == Condition::kRunning) {
      ++running;
      const std::optional<bool> health = task.checks.empty() ? std::nullopt : HealthOf(task);
      healthy += health == true ? 1 : 0;
      unhealthy += health == false ? 1 : 0;
    } else if (task.condition < Condition::kRunning) {
      ++staged;
    }
  }
  out.Field("tasksStaged", staged).Field("tasksRunning", running);
  out.Field("tasksHealthy", healthy).Field("tasksUnhealthy", unhealthy);
}

// Plans whose app this is, as far as /v2/deployments shows them.
void WriteDeploymentIds(JsonWriter& out, const State& s, const std::string& app) {
  out.Key("deployments").BeginArray();
  for (const Plan& plan : s.plans) {
    if (plan.before.contains(app)) {
      out.BeginObject().Field("id", plan.id).EndObject();
    }
  }
  out.EndArray();
}

bool IsDeploying(const State& s, const std::string& app) {
  for (const Plan& plan : s.plans) {
    if (plan.before.contains(app)) {
      return true;
    }
  }
  return false;
}

void WriteReadiness(JsonWriter& out, const State& s, const App& app, const AppEntry& entry) {
  out.Key("readinessCheckResults").BeginArray();
  bool all_ready = true;
  for (const std::string& id : entry.tasks) {
    all_ready = all_ready && s.tasks.at(id).ready;
  }
  // Only while a deployment waits for it.
  if (!all_ready && IsDeploying(s, app.id)) {
    for (const std::string& id : entry.tasks) {
      const Task& task = s.tasks.at(id);
      for (const std::string& name : task.app->readiness) {
        if (task.condition == Condition::kRunning && task.app->version >= app.last_config_change_at) {
          out.BeginObject().Field("name", name).Field("taskId", id).Field("ready", task.ready).EndObject();
        }
      }
    }
  }
  out.EndArray();
}

void WriteLastFailure(JsonWriter& out, const App& app, const AppEntry& entry) {
  if (!entry.last_failure) {
    return;
  }
  const LastFailure& failure = *entry.last_failure;
  out.Key("lastTaskFailure").BeginObject().Field("appId", app.id).Field("host", failure.host);
  out.Field("message", failure.message).Field("state", failure.state).Field("taskId", failure.task);
  out.Field("timestamp", FormatTimestamp(failure.at)).Field("version", failure.version);
  out.Field("slaveId", failure.agent).EndObject();
}

// Pods are in no tree.
const App* AppOf(const AppEntry& entry, Tree tree) {
  const App* app = (tree == Tree::kShown ? entry.shown : entry.target).get();
  return app != nullptr && app->is_pod ? nullptr : app;
}

// "/a" for "/a/b" and "/" for "/a".
std::string Parent(std::string_view id) {
  const size_t slash = id.rfind('/');
  return slash == 0 ? "/" : std::string(id.substr(0, slash));
}

void WriteGroup(JsonWriter& out, const State& s, const std::string& id, const Embed* embed,
                const std::map<std::string, std::set<std::string>>& children,
                const std::map<std::string, std::vector<const App*>>& apps) {
  out.BeginObject().Field("id", id).Key("apps").BeginArray();
  if (const auto it = apps.find(id); it != apps.end()) {
    for (const App* app : it->second) {
      if (embed != nullptr) {
        WriteApp(out, s, *app, *embed);
      } else {
        out.Raw(AppDefinitionJson(*app, s.profile));
      }
    }
  }
  out.EndArray();
  if (s.profile.instances()) {
    out.Key("pods").BeginArray().EndArray();
  }
  out.Key("groups").BeginArray();
  if (const auto it = children.find(id); it != children.end()) {
    for (const std::string& child : it->second) {
      WriteGroup(out, s, child, embed, children, apps);
    }
  }
  out.EndArray().Key("dependencies").BeginArray().EndArray();
  const auto version = s.groups.find(id);
  out.Field("version", version == s.groups.end() ? FormatTimestamp(s.options.start) : version->second);
  if (s.profile.Since(9)) {
    out.Field("enforceRole", false);
  }
  out.EndObject();
}

}  // namespace

void WriteTask(JsonWriter& out, const State& s, const Task& task, bool service_ports, bool health) {
  const Agent& agent = s.agents[static_cast<size_t>(task.agent)];
  const Profile& profile = s.profile;
  // From 1.6 on a task that is not active shows no ports and no times.
  const bool bare = profile.Since(6) && (task.condition == Condition::kUnreachable ||
                                         task.condition == Condition::kUnreachableInactive);
  out.BeginObject();
  WriteIpAddresses(out, s, task, profile.Since(6));
  out.Field("stagedAt", FormatTimestamp(task.staged));
  if (profile.Since(3)) {
    out.Field("state", StateName(task, profile));
  }
  out.Key("ports").BeginArray();
  if (!bare) {
    for (int port : task.host_ports) {
      out.Int(port);
    }
  }
  out.EndArray();
  if (task.started != 0 && !bare) {
    out.Field("startedAt", FormatTimestamp(task.started));
  }
  out.Field("version", task.app->version).Field("id", task.id).Field("appId", task.app_id);
  out.Field("slaveId", agent.id).Field("host", agent.name);
  if (service_ports) {
    out.Key("servicePorts").BeginArray();
    for (const Port& port : task.app->ports) {
      out.Int(port.service_port);
    }
    out.EndArray();
  } else if (profile.Since(6)) {
    out.Key("servicePorts").BeginArray().EndArray();
  }
  if (health) {
    WriteChecks(out, s, task);
  }
  if (profile.Since(6)) {
    out.Key("localVolumes").BeginArray().EndArray();
  }
  if (profile.Since(9)) {
    out.Field("role", "*");
  }
  out.EndObject();
}

void WriteApp(JsonWriter& out, const State& s, const App& app, const Embed& embed) {
  const AppEntry& entry = s.apps.find(app.id)->second;
  out.BeginObject();
  WriteAppMembers(out, app, s.profile);
  if (embed.counts) {
    WriteCounts(out, s, entry);
  }
  if (embed.deployments || embed.tasks) {
    WriteDeploymentIds(out, s, app.id);
  }
  if (embed.readiness && (!app.readiness.empty() || !s.profile.Since(5))) {
    WriteReadiness(out, s, app, entry);
  }
  if (embed.last_failure) {
    WriteLastFailure(out, app, entry);
  }
  if (embed.tasks) {
    out.Key("tasks").BeginArray();
    for (const std::string& id : entry.tasks) {
      const Task& task = s.tasks.at(id);
      if (IsListed(task)) {
        WriteTask(out, s, task, false, embed.health);
      }
    }
    out.EndArray();
  }
  out.EndObject();
}

std::optional<std::string> GroupTree(const State& s, std::string_view id, Tree tree, const Embed* embed) {
  std::map<std::string, std::set<std::string>> children;
  std::map<std::string, std::vector<const App*>> apps;
  std::set<std::string> known = {"/"};
  const auto add = [&](std::string group) {
    known.insert(group);
    while (group != "/") {
      const std::string parent = Parent(group);
      children[parent].insert(group);
      known.insert(parent);
      group = parent;
    }
  };
  for (const auto& [name, version] : s.groups) {
    add(name);
  }
  for (const auto& [name, entry] : s.apps) {
    if (const App* app = AppOf(entry, tree)) {
      apps[Parent(name)].push_back(app);
      add(Parent(name));
    }
  }
  const std::string wanted(id);
  if (!known.contains(wanted)) {
    return std::nullopt;
  }
  JsonWriter out;
  WriteGroup(out, s, wanted, embed, children, apps);
  return out.Take();
}

std::string DeploymentsText(const State& s) {
  JsonWriter out;
  out.BeginArray();
  for (const Plan& plan : s.plans) {
    if (plan.step == plan.steps.size()) {
      continue;
    }
    out.BeginObject().Field("id", plan.id).Field("version", plan.version).Key("affectedApps").BeginArray();
    const auto affected = [&](bool pods) {
      for (const auto& [app, before] : plan.before) {
        const auto entry = s.apps.find(app);
        const bool now =
            entry != s.apps.end() && entry->second.target != nullptr && entry->second.target->is_pod;
        if ((now || (before != nullptr && before->is_pod)) == pods) {
          out.String(app);
        }
      }
      out.EndArray();
    };
    affected(false);
    if (s.profile.instances()) {
      out.Key("affectedPods").BeginArray();
      affected(true);
    }
    out.Key("steps").Raw(StepsJson(plan, s.profile));
    out.Key("currentActions").Raw(ActionsJson(plan.steps[plan.step], s.profile));
    out.Field("currentStep", static_cast<int64_t>(plan.step + 1));
    out.Field("totalSteps", static_cast<int64_t>(plan.steps.size())).EndObject();
  }
  out.EndArray();
  return out.Take();
}

std::string InfoText(const State& s) {
  JsonWriter out;
  out.BeginObject().Field("name", "marathon").Field("version", s.profile.version);
  if (s.profile.Since(5)) {
    out.Field("buildref", "unknown");
  }
  out.Field("elected", true).Field("leader", s.leader).Field("frameworkId", s.framework);
  out.Key("marathon_config").BeginObject().Field("master", "127.0.0.1:5050").Field("ha", true);
  out.Field("checkpoint", true).Field("framework_name", "marathon").Field("hostname", "127.0.0.1");
  out.Key("features").BeginArray();
  if (s.options.task_killing) {
    out.String("task_killing");
  }
  out.EndArray().Field("failover_timeout", 604800).Field("task_launch_timeout", 300000).EndObject();
  out.Key("zookeeper_config").BeginObject().Field("zk", "zk://127.0.0.1:2181/marathon").EndObject();
  out.Key("http_config").BeginObject().Field("http_port", 8080).Field("https_port", 8443).EndObject();
  if (!s.profile.Since(5)) {
    out.Key("event_subscriber").BeginObject().Field("type", "http_callback").EndObject();
  }
  out.EndObject();
  return out.Take();
}

}  // namespace dispatcher::world
