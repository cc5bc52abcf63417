// Entries of others in the catalog, and how they are taken away once ours stand beside
// them: at their own agent, which would put them back if they were only taken out of the
// catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/adoption.h"
#include "adapters/consul/agents.h"
#include "adapters/consul/api.h"
#include "adapters/consul/registration.h"

namespace dispatcher {

struct Registered {
  std::string node, node_address;
  Registration registration;
};

// "service web on node a".
std::string NameOf(const Registered& entry);

struct CatalogContent {
  std::vector<Registered> ours, strangers;
};
absl::StatusOr<CatalogContent> ReadAllNodes(const ConsulApi& servers, std::string_view owner,
                                            const Cancel& cancel);

// For one call of Adopt; all that it is made of outlives it.
class Evictor {
 public:
  Evictor(const ConsulApi& servers, ConsulAgents& agents, const AdoptionRequest& request,
          const Cancel& cancel)
      : servers_(servers), agents_(agents), request_(request), cancel_(cancel) {}

  // Deregisters it at its agent, or says that it would; left on a node without one.
  Adoption Evict(const Registered& theirs);

 private:
  absl::StatusOr<bool> RunsAgent(const std::string& node);
  absl::Status Remove(const Registered& theirs);

  const ConsulApi& servers_;
  ConsulAgents& agents_;
  const AdoptionRequest& request_;
  const Cancel& cancel_;
};

}  // namespace dispatcher
