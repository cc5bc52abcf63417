// The files that the settings name: whether they are there and can be used.
#pragma once

#include <string>
#include <vector>

#include "dispatcher/config/load.h"

namespace dispatcher {

// A line for each that can't be used, with the setting, the file and what to do; none is shown.
std::vector<std::string> FileProblems(const Configuration& configuration);

}  // namespace dispatcher
