// Whether a process may write although nobody has made it leader.
#pragma once

#include "dispatcher/config/load.h"

namespace dispatcher {

// InvalidArgument under Marathon, unless there is a leader block or its user has said that
// it needs none: Marathon starts a second one before the first is gone, or while that is
// only cut off.
absl::Status CheckAlone(const Settings& settings, const Environment& environment);

}  // namespace dispatcher
