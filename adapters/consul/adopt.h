// publish: router takes over the entries that the showcase's register-service made:
// one for each service, at the agent next to the router, {"ID":name,"Name":name,
// "Tags":[],"Port":service port} and no address.
#pragma once

#include <vector>

#include "adapters/adoption.h"
#include "adapters/consul/agents.h"
#include "adapters/consul/api.h"
#include "adapters/consul/consul.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

// `wanted`: our entries of what is published (RenderRouted). Where ours stands, theirs
// is deregistered at its own agent, which would put it back if it were only taken out of
// the catalog.
std::vector<Adoption> AdoptScriptsEntries(const ConsulApi& servers, ConsulAgents& agents,
                                          const ConsulOptions& options, const AdoptionRequest& request,
                                          const std::vector<Entry>& wanted, const Cancel& cancel);

}  // namespace dispatcher
