// World's operator calls: what the REST API accepts, refuses and starts.
#include <algorithm>

#include "dispatcher/base/strings.h"
#include "tests/world/app_json.h"
#include "tests/world/deploy.h"
#include "tests/world/emit.h"
#include "tests/world/ids.h"
#include "tests/world/life.h"
#include "tests/world/operate.h"
#include "tests/world/reads.h"
#include "tests/world/world.h"

namespace dispatcher::world {
namespace {

Reply NoSuchApp(std::string_view id) { return Say(404, "App '" + std::string(id) + "' does not exist"); }

Reply Locked(const std::vector<std::string>& plans) {
  JsonWriter out;
  out.BeginObject().Field(
      "message",
      "App is locked by one or more deployments. Override with the option '?force=true'. View "
      "details at '/v2/deployments/<DEPLOYMENT_ID>'.");
  out.Key("deployments").BeginArray();
  for (const std::string& plan : plans) {
    out.BeginObject().Field("id", plan).EndObject();
  }
  out.EndArray().EndObject();
  return {409, out.Take(), ""};
}

// What only Marathon writes; it may come back in a body that was read before.
void DropReadOnly(std::map<std::string, std::string>& fields) {
  for (const char* key :
       {"version", "versionInfo", "tasks", "tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy",
        "deployments", "lastTaskFailure", "taskStats", "readinessCheckResults"}) {
    fields.erase(key);
  }
}

std::shared_ptr<const App> TargetOf(const State& s, std::string_view id) {
  const auto it = s.apps.find(id);
  const bool pod = it != s.apps.end() && it->second.target != nullptr && it->second.target->is_pod;
  return it == s.apps.end() || pod ? nullptr : it->second.target;
}

// Members that say the same in two ways: who posts one replaces the other.
void Merge(std::map<std::string, std::string>& fields, const std::map<std::string, std::string>& update) {
  for (const auto& [one, other] :
       {std::pair("ports", "portDefinitions"), std::pair("portDefinitions", "ports"),
        std::pair("cmd", "args"), std::pair("args", "cmd")}) {
    if (update.contains(one) && !update.contains(other)) {
      fields.erase(other);
    }
  }
  for (const auto& [key, value] : update) {
    fields[key] = value;
  }
}

bool SameButInstances(const App& a, const App& b) {
  auto x = a.fields, y = b.fields;
  for (auto* fields : {&x, &y}) {
    fields->erase("instances");
    fields->erase("id");
  }
  return x == y;
}

void AssignServicePorts(State& s, App& app, const App* before) {
  for (size_t i = 0; i < app.ports.size() && app.network != Network::kIpPerTask; ++i) {
    Port& port = app.ports[i];
    if (port.service_port == 0 && before != nullptr && i < before->ports.size()) {
      port.service_port = before->ports[i].service_port;
    }
    while (port.service_port == 0 && s.next_service_port <= 20'000) {
      const int candidate = s.next_service_port++;
      port.service_port = s.service_ports.contains(candidate) ? 0 : candidate;
    }
    s.service_ports.insert(port.service_port);
  }
}

// The definition these fields make, on top of `before` (null: a new app). Null and
// complaints: refused.
std::shared_ptr<const App> Define(State& s, std::map<std::string, std::string> fields, const App* before,
                                  const std::string& version, std::vector<Complaint>& complaints,
                                  bool restart = false) {
  App app = ReadApp(std::move(fields), complaints);
  if (!complaints.empty()) {
    return nullptr;
  }
  if (app.implicit_ports && !s.profile.instances()) {
    for (Port& port : app.ports) {
      port.name.clear();  // the default's name came with 1.4
    }
  }
  AssignServicePorts(s, app, before);
  app.version = app.last_scaling_at = app.last_config_change_at = version;
  if (before != nullptr && !restart && SameButInstances(*before, app)) {
    app.last_config_change_at = before->last_config_change_at;
    app.last_scaling_at = app.instances == before->instances ? before->last_scaling_at : version;
  }
  return std::make_shared<const App>(std::move(app));
}

std::vector<std::string> Ids(const Changes& changes) {
  std::vector<std::string> ids;
  for (const auto& [id, to] : changes) {
    ids.push_back(id);
  }
  return ids;
}

// An absolute id: relative ones are meant under `group`.
std::string Under(std::string_view group, std::string_view id) {
  return id.starts_with("/") ? AbsoluteId(id) : AbsoluteId(std::string(group) + "/" + std::string(id));
}

std::map<std::string, std::string> WithId(std::map<std::string, std::string> fields, std::string_view id) {
  JsonWriter text;
  text.String(id);
  fields["id"] = text.Take();
  DropReadOnly(fields);
  return fields;
}

// Apps of a group's body, flattened: absolute id to fields.
void Flatten(JsonView group, const std::string& id,
             std::map<std::string, std::map<std::string, std::string>>& apps, std::set<std::string>& groups) {
  groups.insert(id);
  group["apps"].ForEach([&](JsonView app) {
    const std::string app_id = Under(id, app["id"].StringOr(""));
    apps[app_id] = WithId(FieldsOf(app), app_id);
  });
  group["groups"].ForEach(
      [&](JsonView sub) { Flatten(sub, Under(id, sub["id"].StringOr("")), apps, groups); });
}

bool IsUnder(std::string_view app, std::string_view group) {
  return group == "/" || (app.starts_with(group) && app.size() > group.size() && app[group.size()] == '/');
}

}  // namespace

Reply Say(int status, std::string_view message) {
  JsonWriter out;
  out.BeginObject().Field("message", message).EndObject();
  return {status, out.Take(), ""};
}

Reply Invalid(const std::vector<Complaint>& complaints) {
  JsonWriter out;
  out.BeginObject().Field("message", "Object is not valid").Key("details").BeginArray();
  for (const Complaint& complaint : complaints) {
    out.BeginObject().Field("path", complaint.path.empty() ? "/" : complaint.path).Key("errors").BeginArray();
    out.String(complaint.error).EndArray().EndObject();
  }
  out.EndArray().EndObject();
  return {422, out.Take(), ""};
}

std::string GroupOf(std::string_view app) {
  const size_t slash = app.rfind('/');
  return slash == 0 ? "/" : std::string(app.substr(0, slash));
}

Reply Deploy(State& s, const Changes& changes, const std::string& version, const std::string& group,
             const std::string& api_uri, bool force, int status) {
  const std::vector<std::string> locks = PlansOn(s, Ids(changes));
  if (!locks.empty() && !force) {
    return Locked(locks);
  }
  for (const std::string& plan : locks) {
    FailPlan(s, plan, "deployment was cancelled");
  }
  s.groups["/"] = version;
  const std::string plan = StartPlan(s, changes, version, group, api_uri);
  JsonWriter out;
  out.BeginObject().Field("version", version).Field("deploymentId", plan).EndObject();
  return {status, out.Take(), plan};
}

Reply World::Post(std::string_view body, bool force) {
  const auto document = JsonDocument::Parse(body);
  if (!document.ok() || !document->root().IsObject()) {
    return Say(400, "Invalid JSON");
  }
  const JsonView root = document->root();
  if (!root["id"].String()) {
    return Invalid({{"/id", root["id"].exists() ? "error.expected.jsstring" : "error.path.missing"}});
  }
  const std::string id = AbsoluteId(*root["id"].String());
  if (const auto it = state_.apps.find(id); it != state_.apps.end() && it->second.target != nullptr) {
    return Say(409, "An app with id [" + id + "] already exists.");
  }
  std::vector<Complaint> complaints;
  const std::string version = NewVersion(state_);
  const auto app = Define(state_, WithId(FieldsOf(root), id), nullptr, version, complaints);
  if (app == nullptr) {
    return Invalid(complaints);
  }
  Reply reply = Deploy(state_, {{id, app}}, version, GroupOf(id), "/v2/apps", force, 201);
  if (reply.ok()) {
    JsonWriter out;
    WriteApp(out, state_, *app, Embed{.tasks = true, .readiness = false});
    reply.body = out.Take();
  }
  return reply;
}

Reply World::Put(std::string_view given, std::string_view body, bool force) {
  const auto document = JsonDocument::Parse(body);
  if (!document.ok() || !document->root().IsObject()) {
    return Say(400, "Invalid JSON");
  }
  const std::string id = AbsoluteId(given);
  const auto before = TargetOf(state_, id);
  std::map<std::string, std::string> update = FieldsOf(document->root());
  const std::string back_to = document->root()["version"].StringOr("");
  DropReadOnly(update);
  std::map<std::string, std::string> fields =
      before == nullptr ? std::map<std::string, std::string>{} : before->fields;
  if (before != nullptr && update.empty() && !back_to.empty()) {
    const auto& versions = state_.apps.find(id)->second.versions;
    const auto old = versions.find(back_to);
    if (old == versions.end()) {
      return Say(404, "App '" + id + "' does not exist in version " + back_to);
    }
    fields = old->second->fields;
  }
  Merge(fields, update);
  std::vector<Complaint> complaints;
  const std::string version = NewVersion(state_);
  const auto app = Define(state_, WithId(std::move(fields), id), before.get(), version, complaints);
  if (app == nullptr) {
    return Invalid(complaints);
  }
  const bool nothing = before != nullptr && before->last_config_change_at == app->last_config_change_at &&
                       before->instances == app->instances;
  return Deploy(state_, nothing ? Changes{} : Changes{{id, app}}, version, GroupOf(id), "/v2/apps/" + id,
                force, before == nullptr ? 201 : 200);
}

Reply World::PutMany(std::string_view body, bool force) {
  const auto document = JsonDocument::Parse(body);
  if (!document.ok() || !document->root().IsArray()) {
    return Say(400, "Invalid JSON");
  }
  const std::string version = NewVersion(state_);
  Changes changes;
  std::vector<Complaint> complaints;
  document->root().ForEach([&](JsonView one) {
    const std::string id = AbsoluteId(one["id"].StringOr(""));
    const auto before = TargetOf(state_, id);
    auto fields = before == nullptr ? std::map<std::string, std::string>{} : before->fields;
    Merge(fields, FieldsOf(one));
    changes[id] = Define(state_, WithId(std::move(fields), id), before.get(), version, complaints);
  });
  if (!complaints.empty()) {
    return Invalid(complaints);
  }
  return Deploy(state_, changes, version, "/", "", force);
}

Reply World::Scale(std::string_view id, int instances, bool force) {
  if (TargetOf(state_, AbsoluteId(id)) == nullptr) {
    return NoSuchApp(AbsoluteId(id));
  }
  return Put(id, "{\"instances\":" + std::to_string(instances) + "}", force);
}

Reply World::Restart(std::string_view given, bool force) {
  const std::string id = AbsoluteId(given);
  const auto before = TargetOf(state_, id);
  if (before == nullptr) {
    return NoSuchApp(id);
  }
  std::vector<Complaint> complaints;
  const std::string version = NewVersion(state_);
  const auto app = Define(state_, before->fields, before.get(), version, complaints, /*restart=*/true);
  return Deploy(state_, {{id, app}}, version, GroupOf(id), "", force);
}

Reply World::Delete(std::string_view given, bool force) {
  const std::string id = AbsoluteId(given);
  if (TargetOf(state_, id) == nullptr) {
    return NoSuchApp(id);
  }
  return Deploy(state_, {{id, nullptr}}, NewVersion(state_), GroupOf(id), "", force);
}

Reply World::PutGroup(std::string_view given, std::string_view body, bool create_only, bool force) {
  const auto document = JsonDocument::Parse(body);
  if (!document.ok() || !document->root().IsObject()) {
    return Say(400, "Invalid JSON");
  }
  const JsonView root = document->root();
  const std::string id = Under(given, root["id"].StringOr(given));
  if (create_only && (id == "/" || state_.groups.contains(id) || TargetOf(state_, id) != nullptr)) {
    return Say(409, "Group " + id + " is already created. Use PUT to change this group.");
  }
  std::map<std::string, std::map<std::string, std::string>> apps;
  std::set<std::string> groups;
  Flatten(root, id, apps, groups);
  const std::string version = NewVersion(state_);
  Changes changes;
  std::vector<Complaint> complaints;
  for (auto& [app, fields] : apps) {
    const auto before = TargetOf(state_, app);
    const auto to = Define(state_, std::move(fields), before.get(), version, complaints);
    if (to != nullptr && (before == nullptr || before->last_config_change_at != to->last_config_change_at ||
                          before->instances != to->instances)) {
      changes[app] = to;
    }
  }
  if (!complaints.empty()) {
    return Invalid(complaints);
  }
  for (const auto& [app, entry] : state_.apps) {
    if (entry.target != nullptr && IsUnder(app, id) && !apps.contains(app)) {
      changes[app] = nullptr;
    }
  }
  Reply reply = Deploy(state_, changes, version, id, "", force, create_only ? 201 : 200);
  if (reply.ok()) {
    for (const std::string& group : groups) {
      state_.groups[group] = version;
    }
  }
  return reply;
}

Reply World::DeleteGroup(std::string_view given, bool force) {
  const std::string id = AbsoluteId(given);
  Changes changes;
  for (const auto& [app, entry] : state_.apps) {
    if (entry.target != nullptr && IsUnder(app, id)) {
      changes[app] = nullptr;
    }
  }
  if (changes.empty() && !state_.groups.contains(id)) {
    return Say(404, "Group '" + id + "' does not exist");
  }
  Reply reply = Deploy(state_, changes, NewVersion(state_), id, "", force);
  if (reply.ok()) {
    std::erase_if(state_.groups, [&](const auto& group) {
      return group.first != "/" && (group.first == id || IsUnder(group.first, id));
    });
  }
  return reply;
}

Reply World::KillTask(std::string_view given, std::string_view task, bool scale) {
  const std::string id = AbsoluteId(given);
  const auto app = TargetOf(state_, id);
  if (app == nullptr) {
    return NoSuchApp(id);
  }
  const auto it = state_.tasks.find(task);
  if (it == state_.tasks.end() || it->second.app_id != id || !IsListed(it->second)) {
    return Say(404, "Task '" + std::string(task) + "' does not exist");
  }
  JsonWriter out;
  out.BeginObject().Key("task");
  WriteTask(out, state_, it->second, false);
  out.EndObject();
  if (!scale) {
    Kill(state_, std::string(task));
    Work(state_);
    return {200, out.Take(), ""};
  }
  const std::vector<std::string> locks = PlansOn(state_, {id});
  if (!locks.empty()) {
    return Locked(locks);
  }
  Kill(state_, std::string(task));
  return Scale(id, std::max(0, app->instances - 1));
}

Reply World::KillTasks(std::string_view given, bool scale) {
  const std::string id = AbsoluteId(given);
  const auto app = TargetOf(state_, id);
  if (app == nullptr) {
    return NoSuchApp(id);
  }
  const std::string tasks = *AppTasksJson(id);
  const std::set<std::string> ids = state_.apps.find(id)->second.tasks;
  if (scale) {
    return Scale(id, 0);
  }
  for (const std::string& task : ids) {
    Kill(state_, task);
  }
  Work(state_);
  return {200, tasks, ""};
}

bool World::IsStored(std::string_view plan) const { return !state_.commits.contains(std::string(plan)); }

Reply World::CancelDeployment(std::string_view id, bool force) {
  const auto it =
      std::find_if(state_.plans.begin(), state_.plans.end(), [&](const Plan& p) { return p.id == id; });
  if (it == state_.plans.end()) {
    return Say(404, "DeploymentPlan " + std::string(id) + " does not exist");
  }
  const Plan plan = *it;
  FailPlan(state_, plan.id, "deployment was cancelled");
  const std::string version = NewVersion(state_);
  if (force) {
    return {202, "", ""};
  }
  Changes back;
  for (const auto& [app, was] : plan.before) {
    if (was != nullptr) {
      App again = *was;
      again.version = again.last_config_change_at = version;
      back[app] = std::make_shared<const App>(std::move(again));
    } else {
      back[app] = nullptr;
    }
  }
  return Deploy(state_, back, version, "/", "", /*force=*/true);
}

}  // namespace dispatcher::world
