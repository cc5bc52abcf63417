// publish: router takes over the entries that the showcase's register-service made:
// one for each service, at the agent next to the router, {"ID":name,"Name":name,
// "Tags":[],"Port":service port} and no address.
#pragma once

#include <vector>

#include "adapters/consul/adopt.h"

namespace dispatcher {

std::vector<Adoption> AdoptScriptsEntries(const ConsulSite& site, const AdoptionRequest& request,
                                          const Cancel& cancel);

}  // namespace dispatcher
