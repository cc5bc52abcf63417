#include "tests/fuzz/promise.h"

#include <cstdio>
#include <cstdlib>

namespace dispatcher {

void Require(bool promise, std::string_view what) {
  if (!promise) {
    std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
  }
}

}  // namespace dispatcher
