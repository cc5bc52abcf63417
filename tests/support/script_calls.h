// The calls of the showcase's scripts, as tests/data/scripts has them.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace dispatcher::testing {

struct ScriptCall {
  std::string script, to, method, path, content_type, body;
};

// Those that one script makes at one server ("vulcand", "consul", "kong"), with texts in
// paths and bodies replaced. Empty if there are none.
std::vector<ScriptCall> CallsOf(const std::string& script, const std::string& to,
                                const std::map<std::string, std::string>& replace = {});

}  // namespace dispatcher::testing
