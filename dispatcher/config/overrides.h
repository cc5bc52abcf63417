// Settings from the environment and from --set.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/config/assignment.h"

namespace dispatcher {

using Environment = std::vector<std::pair<std::string, std::string>>;

// DISPATCHER_MARATHON__URLS becomes marathon.urls: two underscores are a dot, all
// is lower-cased. Variables without the prefix, and DISPATCHER_CONFIG (the file's
// path, for the command line), are left alone. One that has the prefix but names no
// section of the table is skipped with a line in `warnings` unless it looks like a
// slip of the pen: build and deployment tools set such variables too.
std::vector<Assignment> FromEnvironment(const Environment& environment, std::vector<std::string>& warnings);

// "marathon.urls=http://a,http://b". InvalidArgument where there is no key or no =.
absl::StatusOr<Assignment> FromSetOption(const std::string& text);

}  // namespace dispatcher
