// The one queue into the catalog: gives every observation its place.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "dispatcher/engine/report.h"
#include "dispatcher/model/observation.h"

namespace dispatcher {

// First in, first out; never full, because an event that is not taken is lost for
// good. Reads can be had again, so they wait for room. Thread-safe; one reader.
class Inbox {
 public:
  // Numbers and queues what was received together. A StreamAttached begins a new
  // generation, itself included. After Close() everything is dropped.
  void Push(std::vector<Observation> observations, Mono received);

  // Moves up to `limit` envelopes into `out` (cleared first), waiting for the
  // first until `until`, for ever without it. Empty with true: the time is over.
  // False: closed and empty.
  bool Drain(std::vector<Envelope>& out, size_t limit, std::optional<Mono> until);

  // For a read that begins now; its leader is left empty.
  ReadMark Position() const;

  // Waits until fewer than `depth` are queued, or until Close().
  void WaitForRoom(size_t depth);

  void Close();
  InboxReport Report() const;

 private:
  mutable Mutex mutex_;
  CondVar filled_, drained_;
  std::deque<Envelope> queue_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_seq_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t peak_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;  // its reader, for more
};

}  // namespace dispatcher
