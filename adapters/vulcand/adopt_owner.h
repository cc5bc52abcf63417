// What a dispatcher of another owner wrote to Vulcand, where ids carry the owner.
#pragma once

#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/vulcand/engine.h"

namespace dispatcher {

// Our frontend beside theirs, with a route that differs by a blank (routes.h), then theirs
// goes; a listener is exchanged (swap.h); backend and servers stand beside theirs anyway.
// `host` is where Vulcand is.
std::vector<Adoption> AdoptOwnersRouting(VulcandEngine& engine, const std::string& host, Adapter& adapter,
                                         const AdoptionRequest& request, const Cancel& cancel);

}  // namespace dispatcher
