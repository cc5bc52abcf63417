// Whether a write may still start.
#pragma once

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"

namespace dispatcher {

// Asked before each request that writes, because the one before may have taken long:
// Cancelled, DeadlineExceeded (the permit ended at `deadline`) or OK.
inline absl::Status MayWrite(Mono deadline, const Cancel& cancel) {
  if (cancel.stop_requested()) {
    return absl::CancelledError("cancelled before it was written");
  }
  return MonoClock::now() >= deadline
             ? absl::DeadlineExceededError("the permit to write ended before it was written")
             : absl::OkStatus();
}

}  // namespace dispatcher
