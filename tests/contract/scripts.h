// The calls of the showcase's scripts (tests/data/scripts), and an adapter's answer to
// what they made.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/adapter.h"

namespace dispatcher::testing {

struct ScriptCall {
  std::string script, to, method, path, content_type, body;
};

// Those that one script makes at one server, with texts in them replaced.
std::vector<ScriptCall> CallsOf(const std::string& script, const std::string& to,
                                const std::map<std::string, std::string>& replace = {});

// Adapter::Adopt from "scripts" of these services.
std::vector<Adoption> AdoptScripts(Adapter& adapter, const std::vector<Service>& services,
                                   bool dry_run = false);

// "taken frontend web" and so on, one a line, without the reasons.
std::string Outcomes(const std::vector<Adoption>& adoptions);
// The reasons, one a line.
std::string Reasons(const std::vector<Adoption>& adoptions);

}  // namespace dispatcher::testing
