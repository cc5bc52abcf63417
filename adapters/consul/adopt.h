// Adapter::Adopt, in both modes.
#pragma once

#include <vector>

#include "adapters/adapter.h"
#include "adapters/consul/agents.h"
#include "adapters/consul/api.h"
#include "adapters/consul/consul.h"

namespace dispatcher {

struct ConsulSite {
  Adapter& adapter;
  const ConsulApi& servers;
  ConsulAgents& agents;
  const ConsulOptions& options;
};

std::vector<Adoption> AdoptInConsul(const ConsulSite& site, const AdoptionRequest& request,
                                    const Cancel& cancel);

}  // namespace dispatcher
