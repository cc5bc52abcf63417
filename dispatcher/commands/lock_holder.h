// Whether a dispatcher leads somewhere.
#pragma once

#include <optional>

#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/leader/holder.h"

namespace dispatcher {

// Who holds the lock that the settings name now; nothing if nobody does. Unavailable: its
// store does not say.
absl::StatusOr<std::optional<Holder>> HolderOfLock(const Settings& settings);

}  // namespace dispatcher
