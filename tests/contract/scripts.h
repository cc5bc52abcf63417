// What an adapter makes of that which the showcase's scripts have made.
#pragma once

#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "tests/support/script_calls.h"

namespace dispatcher::testing {

// Adapter::Adopt from "scripts" of these services.
std::vector<Adoption> AdoptScripts(Adapter& adapter, const std::vector<Service>& services,
                                   bool dry_run = false);

// "taken frontend web" and so on, one a line, without the reasons.
std::string Outcomes(const std::vector<Adoption>& adoptions);
// The reasons, one a line.
std::string Reasons(const std::vector<Adoption>& adoptions);

}  // namespace dispatcher::testing
