// A task's way from queue to death. All of it leaves the app dirty: who decides
// what follows (deploy.h) looks at it then.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tests/world/state.h"

namespace dispatcher::world {

void After(State& s, WallMs ms, TimerKind kind, std::string id, int arg = 0);

// A new instance, or the next incarnation of `instance`, waiting for an offer.
void Enlist(State& s, const std::shared_ptr<const App>& app, const std::string& instance = "",
            int incarnation = 1);
// An agent with room takes it; else it waits until something is freed.
void Offer(State& s, const std::string& id);
void Starting(State& s, Task& task);
void Running(State& s, Task& task);
// The kill goes out: the goal is told (1.8), TASK_KILLING where enabled. What was
// never launched or can't be reached is forgotten at once.
void Kill(State& s, const std::string& id);
// It is over, by Mesos' word. Strays too.
void End(State& s, const std::string& id, std::string_view state, std::string_view message);
// Forgotten without Mesos' word: it may still live where it is.
void Expunge(State& s, const std::string& id);
void Unreachable(State& s, const std::string& id);
void Inactive(State& s, Task& task);
void Return(State& s, const std::string& id);

}  // namespace dispatcher::world
