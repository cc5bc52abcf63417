// /v2/pods of the stand-in.
#pragma once

#include <string_view>

#include "tests/marathon_sim/rest.h"

namespace dispatcher::sim {

// `below`: the path after "/v2/pods". For profiles that have pods.
RestAnswer Pods(world::World& world, const RestCall& call, std::string_view below);

}  // namespace dispatcher::sim
