// The command line: which commands there are, their help, and the way to them.
#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "dispatcher/config/overrides.h"

namespace dispatcher {

Environment ProcessEnvironment();

// `arguments` without the program's name. Returns the exit code: 0, or 1 after a
// message on `err`; plan has a code of its own, see its help. A question that a
// command asks on `out` is answered on `in`.
int RunCommandLine(const std::vector<std::string>& arguments, const Environment& environment,
                   std::ostream& out, std::ostream& err, std::istream& in);

}  // namespace dispatcher
