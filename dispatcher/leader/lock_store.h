// Where the lock lies: what the election asks of it, and the answers there are.
#pragma once

#include <cstdint>
#include <string>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/clock.h"

namespace dispatcher {

// What the store says about the lock.
struct LockView {
  bool there = false;   // the key exists
  std::string session;  // that holds it; "": nobody
  std::string value;    // what the last holder wrote: see holder.h
  uint64_t index = 0;   // for the next Watch
};

struct LockAsk {
  enum class What : uint8_t {
    kCreate,   // a session that ends by itself if it is not renewed
    kRenew,    // it lives for another TTL
    kAcquire,  // the lock for the session
    kLook,     // who holds the lock now, by the word of a majority
    kRelease,  // the lock, by its own session
    kDestroy,  // the session
  } what = What::kCreate;
  std::string session;  // all but kCreate
  std::string value;    // kAcquire, kRelease: what the lock's key holds from then on
};

struct LockAnswer {
  enum class Code : uint8_t {
    kDone,
    kNotNow,       // kAcquire: another holds it, or held it a moment ago and the delay runs
    kSessionGone,  // it ran out, or somebody ended it
    kSilent,       // no answer, or one of a store that can decide nothing now
    kDenied,       // we may not
    kRefused,      // the same would be refused again
  } code = Code::kDone;
  std::string session;  // kCreate
  LockView view;        // kLook, Watch
  std::string error;    // for people, unless kDone or kNotNow
};

// Called from two threads: Do by one, Watch by the other.
class LockStore {
 public:
  virtual ~LockStore() = default;
  // Takes not much longer than `patience`; kSilent then.
  virtual LockAnswer Do(const LockAsk& ask, Duration patience, const Cancel& cancel) = 0;
  // Waits until the lock is something else than at `index`, at most `wait`; index 0: at once.
  virtual LockAnswer Watch(uint64_t index, Duration wait, const Cancel& cancel) = 0;
};

}  // namespace dispatcher
