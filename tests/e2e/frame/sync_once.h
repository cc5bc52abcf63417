// `dispatcher sync` as an operator runs it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/frame/world.h"

namespace dispatcher::testing {

// Between that world's Marathon and Consul, to its end: the exit code and all that was
// printed.
std::pair<int, std::string> SyncOnce(World& world, const std::vector<std::string>& arguments);

// The newest Marathon, and no dispatcher but what a test runs itself.
WorldOptions WithoutDispatcher();

}  // namespace dispatcher::testing
