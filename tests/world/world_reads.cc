// World's reads and the oracle.
#include <algorithm>

#include "tests/world/app_json.h"
#include "tests/world/emit.h"
#include "tests/world/health.h"
#include "tests/world/reads.h"
#include "tests/world/world.h"

namespace dispatcher::world {
namespace {

LiveTask Describe(const World& world, const Task& task) {
  LiveTask live;
  live.app = task.app_id;
  live.task = task.id;
  live.instance = task.instance;
  live.version = task.app->version;
  live.life = task.killed ? "Killing"
              : task.condition == Condition::kProvisioned
                  ? "Provisioned"
                  : std::string(ConditionName(task.condition, world.profile()));
  live.ports = task.host_ports;
  live.ips = task.ips;
  live.has_checks = !task.checks.empty();
  live.healthy = HealthOf(task);
  live.definition = task.app;
  if (task.agent >= 0) {
    live.host = world.AgentOf(task).name;
    live.endpoints = world.EndpointsOf(task);
  }
  return live;
}

// What the reads of apps show of it; null: nothing, or a pod.
const App* ShownApp(const AppEntry& entry) {
  return entry.shown != nullptr && !entry.shown->is_pod ? entry.shown.get() : nullptr;
}

}  // namespace

std::vector<Endpoint> World::EndpointsOf(const Task& task) const {
  const Agent& agent = AgentOf(task);
  const App& app = *task.app;
  std::vector<Endpoint> endpoints;
  size_t cursor = 0;
  for (size_t i = 0; i < app.ports.size(); ++i) {
    const Port& port = app.ports[i];
    Endpoint e{.index = static_cast<int>(i),
               .name = port.name,
               .address = agent.name,
               .ip = agent.address,
               .port = 0,
               .protocol = port.protocol,
               .service_port = port.service_port};
    const bool on_host = (app.network == Network::kHost && !app.is_pod) ||
                         (app.network != Network::kIpPerTask && port.host_port.has_value());
    if (on_host && cursor < task.host_ports.size()) {
      e.port = task.host_ports[cursor++];
    } else if (!on_host && !task.ips.empty()) {
      e.address = e.ip = task.ips.front();
      e.port = port.container_port;
    } else {
      continue;
    }
    endpoints.push_back(std::move(e));
  }
  return endpoints;
}

std::vector<LiveTask> World::Alive() const {
  std::vector<LiveTask> alive;
  for (const auto& [id, task] : state_.tasks) {
    alive.push_back(Describe(*this, task));
  }
  return alive;
}

std::vector<LiveTask> World::Running() const {
  std::vector<LiveTask> running;
  for (const auto& [id, task] : state_.tasks) {
    if (task.condition == Condition::kRunning && !task.killed) {
      running.push_back(Describe(*this, task));
    }
  }
  return running;
}

std::vector<std::shared_ptr<const App>> World::Apps() const {
  std::vector<std::shared_ptr<const App>> apps;
  for (const auto& [id, entry] : state_.apps) {
    if (entry.target != nullptr) {
      apps.push_back(entry.target);
    }
  }
  return apps;
}

// ------------------------------------------------------------------------ reads

std::string World::AppsJson(const Embed& embed) const {
  return AppsJson(embed, [](const App&) { return true; });
}

std::string World::AppsJson(const Embed& embed, const std::function<bool(const App&)>& filter,
                            std::string_view root_key) const {
  JsonWriter out;
  out.BeginObject().Key(root_key).BeginArray();
  for (const auto& [id, entry] : state_.apps) {
    if (ShownApp(entry) != nullptr && filter(*entry.shown)) {
      WriteApp(out, state_, *entry.shown, embed);
    }
  }
  out.EndArray().EndObject();
  return out.Take();
}

std::optional<std::string> World::AppJson(std::string_view id, const Embed& embed) const {
  const auto it = state_.apps.find(id);
  if (it == state_.apps.end() || ShownApp(it->second) == nullptr) {
    return std::nullopt;
  }
  JsonWriter out;
  out.BeginObject().Key("app");
  WriteApp(out, state_, *it->second.shown, embed);
  out.EndObject();
  return out.Take();
}

std::optional<std::string> World::VersionsJson(std::string_view id) const {
  const auto it = state_.apps.find(id);
  if (it == state_.apps.end() || ShownApp(it->second) == nullptr) {
    return std::nullopt;
  }
  JsonWriter out;
  out.BeginObject().Key("versions").BeginArray();
  const auto& versions = it->second.versions;
  std::for_each(versions.rbegin(), versions.rend(), [&](const auto& version) { out.String(version.first); });
  out.EndArray().EndObject();
  return out.Take();
}

std::optional<std::string> World::VersionJson(std::string_view id, std::string_view version) const {
  const auto it = state_.apps.find(id);
  if (it == state_.apps.end() || ShownApp(it->second) == nullptr) {
    return std::nullopt;
  }
  const auto v = it->second.versions.find(std::string(version));
  return v == it->second.versions.end()
             ? std::nullopt
             : std::optional<std::string>(AppDefinitionJson(*v->second, state_.profile));
}

std::optional<std::string> World::AppTasksJson(std::string_view id) const {
  const bool whole_group = id.ends_with("/*");
  const std::string_view prefix = whole_group ? id.substr(0, id.size() - 1) : id;
  JsonWriter out;
  out.BeginObject().Key("tasks").BeginArray();
  bool any = whole_group;
  for (const auto& [app, entry] : state_.apps) {
    if (ShownApp(entry) == nullptr || !(whole_group ? app.starts_with(prefix) : app == id)) {
      continue;
    }
    any = true;
    for (const std::string& task : entry.tasks) {
      if (IsListed(state_.tasks.at(task))) {
        WriteTask(out, state_, state_.tasks.at(task), false);
      }
    }
  }
  out.EndArray().EndObject();
  return any ? std::optional<std::string>(out.Take()) : std::nullopt;
}

std::string World::TasksJson(std::string_view status) const {
  JsonWriter out;
  out.BeginObject().Key("tasks").BeginArray();
  for (const auto& [id, task] : state_.tasks) {
    const bool staging = task.condition < Condition::kRunning;
    const bool wanted = status.empty() || (status == "running" && task.condition == Condition::kRunning) ||
                        (status == "staging" && staging);
    const auto app = state_.apps.find(task.app_id);
    if (IsListed(task) && wanted && app != state_.apps.end() && ShownApp(app->second) != nullptr) {
      WriteTask(out, state_, task, true);
    }
  }
  out.EndArray().EndObject();
  return out.Take();
}

std::string World::DeploymentsJson() const { return DeploymentsText(state_); }

std::optional<std::string> World::GroupJson(std::string_view id) const {
  const Embed embed{.tasks = false, .deployments = false, .counts = false, .readiness = false};
  return GroupTree(state_, id, Tree::kShown, &embed);
}

std::string World::InfoJson() const { return InfoText(state_); }

std::string World::LeaderJson() const {
  JsonWriter out;
  out.BeginObject().Field("leader", state_.leader).EndObject();
  return out.Take();
}

std::string World::QueueJson() const {
  JsonWriter out;
  out.BeginObject().Key("queue").BeginArray();
  for (const auto& [id, entry] : state_.apps) {
    int count = 0;
    for (const std::string& task : entry.tasks) {
      count += state_.tasks.at(task).condition == Condition::kScheduled ? 1 : 0;
    }
    if (count > 0 && entry.target != nullptr && !entry.target->is_pod) {
      out.BeginObject()
          .Field("count", count)
          .Key("app")
          .Raw(AppDefinitionJson(*entry.target, state_.profile));
      out.Key("delay")
          .BeginObject()
          .Field("timeLeftSeconds", 0)
          .Field("overdue", true)
          .EndObject()
          .EndObject();
    }
  }
  out.EndArray().EndObject();
  return out.Take();
}

}  // namespace dispatcher::world
