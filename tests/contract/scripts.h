// What an adapter makes of that which others have made.
#pragma once

#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "tests/support/script_calls.h"

namespace dispatcher::testing {

// Adapter::Adopt of these services; `request` says from whom.
std::vector<Adoption> AdoptAs(AdoptionRequest request, Adapter& adapter, const std::vector<Service>& services,
                              bool dry_run = false);
// ... of what the showcase's scripts have made.
std::vector<Adoption> AdoptScripts(Adapter& adapter, const std::vector<Service>& services,
                                   bool dry_run = false);

// "taken frontend web" and so on, one a line, without the reasons.
std::string Outcomes(const std::vector<Adoption>& adoptions);
// The reasons, one a line.
std::string Reasons(const std::vector<Adoption>& adoptions);

}  // namespace dispatcher::testing
