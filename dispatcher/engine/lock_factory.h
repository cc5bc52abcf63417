// The lock among dispatchers, as the configuration names it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/leader/lock_store.h"

namespace dispatcher {

// For a configuration with leader.configured. No I/O beyond reading its secrets.
// InvalidArgument names the setting.
using LockMaker = std::function<absl::StatusOr<std::unique_ptr<LockStore>>(const Settings&)>;

absl::StatusOr<std::unique_ptr<LockStore>> MakeLockStore(const Settings& settings);

// leader.key if the lock surely lies where this adapter's transactions go, so that they
// can check it; else "".
std::string LockKeyOf(const Settings& settings, const AdapterSettings& adapter);

}  // namespace dispatcher
