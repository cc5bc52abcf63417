// What the calls on apps and on pods share: answers, locks, plans.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/world/world.h"

namespace dispatcher::world {

using Changes = std::map<std::string, std::shared_ptr<const App>>;  // by id; null: deleted

Reply Say(int status, std::string_view message);
Reply Invalid(const std::vector<Complaint>& complaints);
// "/a" for "/a/b".
std::string GroupOf(std::string_view app);
// Locks, then the plan. The answer is {"version","deploymentId"}.
Reply Deploy(State& s, const Changes& changes, const std::string& version, const std::string& group,
             const std::string& api_uri, bool force, int status = 200);

}  // namespace dispatcher::world
