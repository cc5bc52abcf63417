// One listener in the place of another on the same port.
#pragma once

#include <string>

#include "adapters/vulcand/engine.h"

namespace dispatcher {

// Puts `ours` where `theirs` was and sees to it that it is listened on. Vulcand closes a
// socket a moment after it has taken a listener away (graceful/server.go); where the new
// one comes before that (0.9.2: once in 40 single transactions, and with two calls of the
// API, too), it answers 200 and never listens. So it is looked at, and written once more if
// need be; where the port can't be reached from here, there is a pause between the two
// instead. `host` is where Vulcand is. Returns in words for how long nobody listened.
absl::StatusOr<std::string> SwapListeners(VulcandEngine& engine, const EntryId& theirs, const Entry& ours,
                                          const std::string& host, const Cancel& cancel);

}  // namespace dispatcher
