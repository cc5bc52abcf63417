// Chance and names.
#pragma once

#include <string>
#include <string_view>

#include "tests/world/state.h"

namespace dispatcher::world {

// 0 .. below-1 from the world's seed.
uint64_t Random(State& s, uint64_t below);
std::string NewUuid(State& s);
// A version that no other change has: now, or a millisecond after the last.
std::string NewVersion(State& s);
// "/a/b" is "a_b" in ids.
std::string SafeId(std::string_view app);
// Fills in task and instance ids in the profile's form. `task.instance` given: the
// next incarnation of that instance (residents).
void NameTask(State& s, Task& task);

}  // namespace dispatcher::world
