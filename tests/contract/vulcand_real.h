// The real Vulcands of the contract suite.
#pragma once

#include <string>

#include "tests/support/vulcand_server.h"

namespace dispatcher::testing {

// With the engine for etcd v2 or v3. Started on first use, shared by the whole program;
// null with the reason in `why`.
VulcandServer* SharedVulcand(int etcd_version, std::string& why);

}  // namespace dispatcher::testing
