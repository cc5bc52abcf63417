// What the showcase's register-service and register-instance made: a frontend, a backend
// with servers and a listener on every address, all with the service's name as their id
// (and a host object, which stays).
#pragma once

#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/vulcand/engine.h"

namespace dispatcher {

// One service after the other, each as a whole and only where ours can take all of its
// requests: our frontend beside theirs, then theirs goes, its servers and its backend
// after it, and at last the listener is exchanged. Nobody listens between the two halves
// of that, because Vulcand can't hand a socket over. `host` is where Vulcand is, to see
// whether it listens again; `adapter` renders.
std::vector<Adoption> AdoptScriptsRouting(VulcandEngine& engine, const std::string& host,
                                          const Adapter& adapter, const AdoptionRequest& request,
                                          const Cancel& cancel);

}  // namespace dispatcher
