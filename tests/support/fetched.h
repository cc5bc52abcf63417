// Programs that a script of tests/tools fetches.
#pragma once

#include <string>

#include "dispatcher/base/status.h"

namespace dispatcher::testing {

// The path in that environment variable, else what tests/tools/<script> prints last, for
// which it may have to download. Unavailable says how to get one.
absl::StatusOr<std::string> FetchedBinary(const char* variable, const std::string& script);

}  // namespace dispatcher::testing
