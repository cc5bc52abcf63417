// Which unit of work goes next. Fair (first dirty, first served), stingy (a unit
// is queued once however often it is touched, and never worked on twice at once),
// and patient with what failed. Knows no entries but by number.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "dispatcher/base/backoff.h"
#include "dispatcher/model/entry.h"
#include "dispatcher/reconcile/table.h"

namespace dispatcher::reconcile {

// One service in one lane.
struct UnitKey {
  ServiceId service = 0;
  LaneId lane = 0;
  auto operator<=>(const UnitKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const UnitKey& key) {
    return H::combine(std::move(h), key.service, key.lane);
  }
};

// A change that failed. It is not sent again as it is before the unit's retry_at,
// or, if it was refused, before the first full pass after `until`: what stood in its
// way may have gone. Any other change to the same entry is free to go.
struct Blocked {
  SlotId slot = 0;
  Op op = Op::kPut;
  uint64_t fingerprint = 0;  // of the put, or of what was to be deleted
  bool refused = false;
  Mono until{};  // refused
  std::string error;
};

// What a unit has only after a failure.
struct Trouble {
  Mono retry_at{};
  Backoff backoff;
  std::vector<Blocked> blocked;
  std::optional<Mono> failing_since;  // a failure of its own was told to the log, and its end was not
  size_t company = SIZE_MAX;          // units that may share its next batch
};

struct Unit {
  enum class State : uint8_t { kIdle, kQueued, kTimed, kInFlight };
  State state = State::kIdle;
  uint64_t ticket = 0;               // kQueued: place in line; what failed comes after all else
  size_t due = 0;                    // changes that wait, those that are blocked too
  std::unique_ptr<Trouble> trouble;  // null: nothing of it has failed

  const std::vector<Blocked>& blocked() const {
    static const std::vector<Blocked> none_blocked;
    return trouble == nullptr ? none_blocked : trouble->blocked;
  }
  size_t company() const { return trouble == nullptr ? SIZE_MAX : trouble->company; }
};

// What waits in a lane, and how the lane does.
struct LaneQueue {
  std::map<uint64_t, ServiceId> ready;  // by ticket
  std::set<std::pair<Mono, ServiceId>> timed;
  bool open = false;     // it was read once: writes may go
  size_t in_flight = 0;  // batches
  Mono not_before{};     // paused till then
  Backoff backoff;
  uint32_t failed_in_a_row = 0;  // batches of which nothing came through
  uint32_t newly_failed = 0;     // ... those with a unit that had not failed before
};

class Queue {
 public:
  // lanes_fail_alone: Traits::lanes
  Queue(BackoffPolicy retry, uint64_t seed, size_t parallelism, bool lanes_fail_alone)
      : retry_(retry), seed_(seed), parallelism_(parallelism), lanes_fail_alone_(lanes_fail_alone) {}

  LaneQueue& Lane(LaneId lane);
  void DropLane(LaneId lane) { lanes_.erase(lane); }

  Unit* Find(UnitKey key);
  const Unit* Find(UnitKey key) const { return const_cast<Queue*>(this)->Find(key); }
  Unit& Get(UnitKey key);
  Trouble& TroubleOf(Unit& unit);  // made if it has none

  // What the plan found for a unit: `sendable` changes that may go at once,
  // `blocked` ones that wait for retry_at, `refused` ones that wait for a change.
  void Update(UnitKey key, size_t sendable, size_t blocked, size_t refused);

  // The lane whose unit has waited longest, of those that may be written to.
  // Units whose retry has come join the line.
  std::optional<LaneId> Next(Mono now);
  // The first unit in a lane's line, or none.
  std::optional<ServiceId> Front(LaneId lane);
  void Begin(UnitKey key);  // out of line and into a batch
  void BatchBegan(LaneId lane);
  // `progress`: the registry dealt with some of it. Else `news`: some unit failed for
  // the first time, which tells of the lane; and `denied`: we may not write, which
  // pauses the lane at once.
  void BatchEnded(LaneId lane, bool progress, bool news, bool denied, Mono now);
  // What failed goes again at once, but for what was refused.
  void Retry(UnitKey key, Mono now);
  void End(UnitKey key);  // its changes are confirmed or failed

  std::optional<Mono> NextDeadline() const;
  size_t queued() const { return queued_; }
  size_t backing_off() const { return timed_; }
  size_t in_flight() const { return in_flight_; }
  size_t due() const { return due_; }

 private:
  void Leave(UnitKey key, Unit& unit);
  // How many batches lanes in trouble may have in flight together, so that they
  // can't take every connection from the healthy ones.
  size_t TroubledShare() const { return parallelism_ > 1 ? parallelism_ / 2 : 1; }
  bool MayWrite(const LaneQueue& lane) const;

  BackoffPolicy retry_;
  uint64_t seed_;
  size_t parallelism_;
  bool lanes_fail_alone_;
  uint64_t next_ticket_ = 1;
  uint64_t made_ = 0;  // units and lanes so far, for their seeds
  std::map<LaneId, LaneQueue> lanes_;
  absl::flat_hash_map<UnitKey, Unit> units_;
  size_t queued_ = 0, timed_ = 0, in_flight_ = 0, troubled_in_flight_ = 0, due_ = 0;
};

}  // namespace dispatcher::reconcile
