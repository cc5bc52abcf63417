// Exponential backoff with full jitter on its upper half.
#pragma once

#include <cstdint>

#include "dispatcher/base/clock.h"

namespace dispatcher {

struct BackoffPolicy {
  Duration first = std::chrono::milliseconds(250);
  Duration cap = std::chrono::seconds(30);
  double factor = 2.0;
};

// Not thread-safe; a value: copy it where it is needed. The sequence depends on
// the seed alone, so that a test or a replay sees the same waits.
class Backoff {
 public:
  explicit Backoff(BackoffPolicy policy = {}, uint64_t seed = 0);

  // The wait before the next try: a random share, 50 to 100 %, of a length that
  // grows by `factor` with each call up to `cap`.
  Duration Next();
  void Reset() { failures_ = 0; }
  // Calls of Next() since the last Reset().
  uint32_t failures() const { return failures_; }

 private:
  BackoffPolicy policy_;
  uint64_t state_;
  uint32_t failures_ = 0;
};

}  // namespace dispatcher
