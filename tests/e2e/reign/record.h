// What was seen of several dispatchers from outside, and whether only one wrote at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"

namespace dispatcher::testing {

// A call about the lock. Times are those of the dispatcher's proxy.
struct LockCall {
  enum class What : uint8_t {
    kSession,  // a new one, or it is renewed
    kAcquire,
    kRelease,  // of the lock, or the end of its session
    kLook,     // who has it; of no session
    kStart,    // no call: a new process, which knows of no session
  } what = What::kSession;
  size_t who = 0;
  std::string session;
  Mono begun;
  Mono ended = Mono::max();  // when the answer was handed over; max: not yet
  bool granted = false;      // ... and was heard
};

// A call that would change a registry.
struct Write {
  enum class Answer : uint8_t {
    kDone,
    kFenced,  // refused, since the lock is not held by its session
    kOther,   // refused for another reason, or nobody knows
  } answer = Answer::kOther;
  size_t who = 0;
  std::string registry;
  Mono begun;                          // at the dispatcher's proxy, whole
  Mono passed;                         // handed on to the registry
  std::optional<std::string> session;  // that the registry was asked to check; none: it has no fence
  bool removes = false;                // nothing but entries of single tasks, which `text` names
  std::string text;
};

// A process that could not do anything.
struct Standstill {
  size_t who = 0;
  Mono from, to;
};

struct Seen {
  std::vector<LockCall> lock;
  std::vector<Write> writes;
  std::vector<Standstill> standstills;
};

// Any thread.
class Record {
 public:
  size_t Asked(LockCall call);
  void Answered(size_t call, std::string session, Mono now, bool granted);
  void Wrote(Write write);
  void StoodStill(Standstill standstill);
  // The session for which it was last told that it has the lock; "": it never was.
  std::string LastWonBy(size_t who);
  // All so far; the writes are handed over once.
  Seen Take();

 private:
  Mutex mutex_;
  Seen seen_ ABSL_GUARDED_BY(mutex_);
};

struct JudgePolicy {
  Duration ttl, margin;
  // From the look at the permit in the dispatcher to `begun` in the proxy: a connection, two
  // sends and the turn of a thread, on one machine with more processes than cores. Renewals
  // need no allowance: they are counted from their coming to the proxy, which is after they
  // were sent, so that the permit is taken for longer than it is, by as much.
  // The longest of an hour's 24,000 writes, with builds beside them, was 0.44 s.
  Duration transit = std::chrono::milliseconds(500);
  // A write that a process had in hand when it was stopped goes out when it is woken.
  Duration in_hand = std::chrono::milliseconds(500);
  size_t hands = 4;  // writes at once to one registry
};

struct Judgement {
  std::vector<std::string> wrong;
  size_t writes = 0;
  size_t fenced = 0;                  // refused by the fence
  size_t seen_dead = 0;               // removals by one that is cut off from the lock
  size_t in_hand = 0;                 // begun before a standstill and sent after it
  size_t turns = 0;                   // how often the writer of one was not that of the one before
  Duration latest = Duration::min();  // the last beginning of a write, as seen from its permit's end
  std::string latest_is;              // ... and which one
  std::vector<Write> removals;        // those of seen_dead
};

// Each write has begun within a permit of its writer: after it was told that it has the lock,
// before it gave it back, before the end of a TTL less the margin after a renewal that it knew
// to be granted, and before another was told that it has it. Or
//   * it was refused by the fence;
//   * it removes tasks' entries, and its writer had the lock last and asked for it, or who has it,
//     in vain;
//   * its writer stood still between its look at the permit and the sending, when the permit ended.
// What has a fence is never carried out once another has the lock, whenever it began. Between
// two writes of different writers the second was told that it has the lock.
Judgement Judge(const Seen& seen, const JudgePolicy& policy);

}  // namespace dispatcher::testing
