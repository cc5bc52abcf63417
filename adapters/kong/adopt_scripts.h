// What the showcase's register-service and register-mesos-marathon-services made: an API
// called like the service, for the service's host. On later Kongs a service of that name
// with one route.
#pragma once

#include <vector>

#include "adapters/adapter.h"
#include "adapters/kong/read.h"

namespace dispatcher {

// Changes theirs into ours in place: name, tags, where it sends to, what its route asks
// for. Plugins and whatever else hangs on it stay. `adapter` renders.
std::vector<Adoption> AdoptScriptsObjects(const KongSite& site, const KongVersion& version,
                                          const Adapter& adapter, const AdoptionRequest& request,
                                          const Cancel& cancel);

}  // namespace dispatcher
