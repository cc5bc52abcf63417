// When each task was first named by a write that a registry took: the moment it was
// registered, as seen on the wire.
#pragma once

#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "tests/bench/tap.h"

namespace dispatcher::bench {

// Every registry's writes carry the task's id, in a body or a path. Any thread.
class Ledger {
 public:
  // For a Tap with the calls of one family of apps.
  Tap::Listener Listener();

  // Time zero while it was not named. `number` is Task::number.
  Mono NamedAt(int number) const;

 private:
  void Note(const TapCall& call);

  mutable Mutex mutex_;
  std::vector<Mono> named_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher::bench
