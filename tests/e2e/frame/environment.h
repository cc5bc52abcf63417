// What a run was told by environment variables.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "dispatcher/base/strings.h"

namespace dispatcher::testing {

// Before any thread is started.
inline int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): see above
  return value == nullptr ? otherwise : ParseInt(value).value_or(otherwise);
}

}  // namespace dispatcher::testing
