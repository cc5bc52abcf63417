// Deployments, and the count of each app's tasks between them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/world/state.h"

namespace dispatcher::world {

// The plan from what each app is to what it shall be (null: deleted), locks
// looked at by the caller. Publishes what comes at once and returns the id.
std::string StartPlan(State& s, const std::map<std::string, std::shared_ptr<const App>>& changes,
                      const std::string& version, const std::string& group, const std::string& api_uri);
// Plans that touch one of these apps.
std::vector<std::string> PlansOn(const State& s, const std::vector<std::string>& apps);
void FailPlan(State& s, const std::string& id, const std::string& reason);
void StoreCommit(State& s, const std::string& plan);

// Launches, kills and steps on wherever something changed, until nothing does.
void Work(State& s);

}  // namespace dispatcher::world
