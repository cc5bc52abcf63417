// What outlives an engine: the last decisions, and since when the process runs. With SIGHUP
// it goes from one engine to the next, so that nobody's place in it is lost.
#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/engine/report.h"

namespace dispatcher {

// Thread-safe; its lock is a leaf.
class History {
 public:
  // Begins now. `clock` outlives this; `capacity` decisions are kept.
  History(const Clock& clock, size_t capacity) : clock_(clock), capacity_(capacity), began_(clock.Now()) {}

  Mono began() const { return began_; }

  void Add(std::string_view source, std::vector<Note> notes);
  // Oldest first. A number that was never given is of another life: all that are kept are
  // above it.
  std::vector<Decision> Find(const DecisionQuery& query) const;
  // Those above `after`; waits for the first one until `until`, or until nobody is left who
  // could add one.
  std::vector<Decision> WaitAfter(uint64_t after, size_t limit, Mono until) const;

  // Who may add decisions: each joins once, and leaves when that is over.
  void Join();
  void Leave();

 private:
  std::vector<Decision> Take(const DecisionQuery& query) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const size_t capacity_;
  const Mono began_;
  mutable Mutex mutex_;
  mutable CondVar changed_;
  std::deque<Decision> kept_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
  int members_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace dispatcher
