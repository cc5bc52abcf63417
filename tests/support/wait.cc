#include "tests/support/wait.h"

#include <algorithm>
#include <thread>

namespace dispatcher::testing {

bool WaitFor(absl::FunctionRef<bool()> condition, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

std::chrono::milliseconds Left(Mono end) {
  return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(end - MonoClock::now()),
                  std::chrono::milliseconds(1));
}

}  // namespace dispatcher::testing
