// The right to write to the registries. At most one dispatcher of a kind has it at a
// time; it is given for a while, and whoever writes asks right before each write starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"

namespace dispatcher {

enum class WriteScope : uint8_t {
  kAll,
  // Another may be writing, too. Only what can't disturb that one: the removal of what
  // belongs to a task alone, and the task has ended for good.
  kSeenDead,
};

struct Permission {
  // Grows each time the right is won anew. What was read of a registry in another term
  // may be old.
  uint64_t term = 0;
  Mono until = Mono::max();  // no write starts then or later
  WriteScope scope = WriteScope::kAll;
  std::string fence;  // the session that holds the lock, for registries that can check it; "": none
  bool operator==(const Permission&) const = default;
};

// Any thread. Without a lock among dispatchers there is none of this, and the plain
// `Permission()` is for ever.
class Permit {
 public:
  // `clock` outlives this, and counts the time in which the machine is suspended (clock.h):
  // a permit that has run out is never good again.
  explicit Permit(const Clock& clock) : clock_(clock) {}

  // None: no write may start.
  std::optional<Permission> Ask() const {
    MutexLock lock(mutex_);
    return given_ && clock_.Now() < given_->until ? given_ : std::nullopt;
  }

  // Only by who holds the lock. True if it says something else than before; more time in
  // the same term, scope and fence is no change.
  bool Set(std::optional<Permission> permission) {
    MutexLock lock(mutex_);
    const auto same = [](Permission a, const Permission& b) {
      a.until = b.until;
      return a == b;
    };
    const bool changed =
        given_ && permission ? !same(*given_, *permission) : given_.has_value() != permission.has_value();
    given_ = std::move(permission);
    return changed;
  }

 private:
  const Clock& clock_;
  mutable Mutex mutex_;
  std::optional<Permission> given_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
