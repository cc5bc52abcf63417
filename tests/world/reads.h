// What Marathon answers to a GET, as JSON.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "dispatcher/base/json.h"
#include "tests/world/state.h"

namespace dispatcher::world {

// What a read carries beside the bare app.
struct Embed {
  bool tasks = true;  // implies deployments, as in Marathon
  bool deployments = true;
  bool counts = true;
  bool readiness = true;
  bool last_failure = false;
  bool health = true;  // false: healthCheckResults left out, as a leader that has lost them
};

enum class Tree { kShown, kTargets };

// The app with what is embedded, as an element of /v2/apps.
void WriteApp(JsonWriter& out, const State& s, const App& app, const Embed& embed);
// One element of a list of tasks; service ports only for /v2/tasks.
void WriteTask(JsonWriter& out, const State& s, const Task& task, bool service_ports, bool health = true);
// Whether task lists show it: one without an agent is in none.
inline bool IsListed(const Task& task) { return task.agent >= 0; }

// A group with its apps and groups; nullopt: no such group. Shown: as reads show
// it; targets: as deployments see it, for plans.
std::optional<std::string> GroupTree(const State& s, std::string_view id, Tree tree,
                                     const Embed* embed = nullptr);
std::string DeploymentsText(const State& s);
std::string InfoText(const State& s);

}  // namespace dispatcher::world
