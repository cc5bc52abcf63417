#include "dispatcher/commands/lock_holder.h"

#include <memory>

#include "dispatcher/engine/lock_factory.h"

namespace dispatcher {

absl::StatusOr<std::optional<Holder>> HolderOfLock(const Settings& settings) {
  ASSIGN_OR_RETURN(const std::unique_ptr<LockStore> store, MakeLockStore(settings));
  const LockAnswer lock = store->Watch(0, Duration::zero(), Cancel());
  if (lock.code != LockAnswer::Code::kDone) {
    return Error(absl::StatusCode::kUnavailable, "whether a dispatcher leads can't be told: ", lock.error);
  }
  return lock.view.session.empty() ? std::nullopt : std::optional(HolderOf(lock.view.value));
}

}  // namespace dispatcher
