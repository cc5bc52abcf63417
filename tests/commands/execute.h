// A command line, run in this process.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "dispatcher/commands/commands.h"

namespace dispatcher {

struct Outcome {
  int code;
  std::string out, err;
};

inline Outcome Execute(const std::vector<std::string>& arguments, const Environment& environment = {},
                       const std::string& typed = "") {
  std::ostringstream out, err;
  std::istringstream in(typed);
  const int code = RunCommandLine(arguments, environment, out, err, in);
  return {code, out.str(), err.str()};
}

}  // namespace dispatcher
