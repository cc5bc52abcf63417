// Waiting on a condition instead of sleeping for a guess.
#pragma once

#include <chrono>

#include "absl/functional/function_ref.h"
#include "dispatcher/base/clock.h"

namespace dispatcher::testing {

// Asks `condition` every millisecond or so; false if it is not true in time.
bool WaitFor(absl::FunctionRef<bool()> condition, std::chrono::milliseconds limit = std::chrono::seconds(10));

// What is left until `end`, a millisecond at least: a limit shared by several waits.
std::chrono::milliseconds Left(Mono end);

}  // namespace dispatcher::testing
