// What health checks say and what follows from it.
#pragma once

#include <optional>
#include <string_view>

#include "tests/world/state.h"

namespace dispatcher::world {

// One probe's result. May start a kill.
void RecordProbe(State& s, Task& task, int check, bool ok, std::string_view cause);
// true: all checks are alive (or there are none); false: one has failed and that
// counted; nullopt: not all have reported.
std::optional<bool> HealthOf(const Task& task);
// Running, healthy and ready: what a deployment waits for.
bool IsServing(const Task& task);
// Marathon-level results only if `mesos_too` is false.
void ForgetHealth(Task& task, bool mesos_too);

}  // namespace dispatcher::world
