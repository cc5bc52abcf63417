// What a dispatcher of another owner wrote to Kong, where names and tags carry the owner.
#pragma once

#include <vector>

#include "adapters/adapter.h"
#include "adapters/kong/read.h"

namespace dispatcher {

// Their services become ours in place (name, tags, where they send to), so that plugins
// stay; then their targets and upstreams go.
std::vector<Adoption> AdoptOwnersObjects(const KongSite& site, const KongVersion& version, Adapter& adapter,
                                         const AdoptionRequest& request, const Cancel& cancel);

}  // namespace dispatcher
