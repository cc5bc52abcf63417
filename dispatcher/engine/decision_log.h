// The last decisions of all pure rooms, for /v1/events and explain, and each as a
// line of the log.
#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/engine/report.h"

namespace dispatcher {

// Thread-safe. Add writes to the log: call it without a lock of the pipeline.
class DecisionLog {
 public:
  // `quiet`: no lines in the log.
  DecisionLog(const Clock& clock, size_t capacity, bool quiet = false)
      : clock_(clock), capacity_(capacity), quiet_(quiet) {}

  void Add(std::string_view source, std::vector<Note> notes);

  // Numbered above `after`, oldest first; the newest `limit` if there are more. A number
  // that was never given is of another life: all that are kept are above it.
  std::vector<Decision> After(uint64_t after, size_t limit) const;
  // The same; waits for the first one until `until` or Close().
  std::vector<Decision> WaitAfter(uint64_t after, size_t limit, Mono until) const;
  void Close();

 private:
  std::vector<Decision> Take(uint64_t after, size_t limit) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const size_t capacity_;
  const bool quiet_;
  mutable Mutex mutex_;
  mutable CondVar added_;
  std::deque<Decision> ring_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace dispatcher
