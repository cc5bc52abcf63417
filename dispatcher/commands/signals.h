// Signals are taken in one place, in the thread that waits for them: a thread inherits
// the mask of its maker, so Block comes before the first thread.
#pragma once

#include <optional>

#include "dispatcher/base/clock.h"

namespace dispatcher {

// SIGTERM, SIGINT and SIGHUP wait from now on; SIGPIPE is ignored.
void BlockSignals();

// The next of them; after `patience`, if given, none.
std::optional<int> WaitForSignal(std::optional<Duration> patience = std::nullopt);

}  // namespace dispatcher
