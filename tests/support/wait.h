// Waiting on a condition instead of sleeping for a guess.
#pragma once

#include <chrono>

#include "absl/functional/function_ref.h"
#include "dispatcher/base/clock.h"

namespace dispatcher::testing {

// For what comes within moments on a machine that is not busy: how soon is not the claim.
inline constexpr std::chrono::seconds kPatience{30};

// Asks `condition` every millisecond or so; false if it is not true in time.
bool WaitFor(absl::FunctionRef<bool()> condition, std::chrono::milliseconds limit = kPatience);

// What is left until `end`, a millisecond at least: a limit shared by several waits.
std::chrono::milliseconds Left(Mono end);

}  // namespace dispatcher::testing
