#include "dispatcher/reconcile/queue.h"

#include <algorithm>

namespace dispatcher::reconcile {

// Single failures are a unit's affair; so many batches in a row with units that had
// not failed before, and the lane is taken for down and probed at its own pace.
constexpr uint32_t kLaneDownAfter = 3;
// Where there is one lane only, a few changes that can't succeed look the same for a
// while. So it takes more of them, and the pause is one that a healthy change can bear.
constexpr uint32_t kRegistryDownAfter = 10;
constexpr Duration kRegistryPause = std::chrono::seconds(1);
// Added to the ticket of what failed before: it goes after all that did not.
constexpr uint64_t kAgain = uint64_t{1} << 63;

LaneQueue& Queue::Lane(LaneId lane) {
  const auto [it, added] = lanes_.try_emplace(lane);
  if (added) {
    it->second.backoff = Backoff(retry_, seed_ + ++made_);
  }
  return it->second;
}

Unit* Queue::Find(UnitKey key) {
  const auto it = units_.find(key);
  return it == units_.end() ? nullptr : &it->second;
}

Unit& Queue::Get(UnitKey key) { return units_[key]; }

Trouble& Queue::TroubleOf(Unit& unit) {
  if (unit.trouble == nullptr) {
    unit.trouble = std::make_unique<Trouble>();
    unit.trouble->backoff = Backoff(retry_, seed_ + ++made_);
  }
  return *unit.trouble;
}

void Queue::Leave(UnitKey key, Unit& unit) {
  LaneQueue& lane = Lane(key.lane);
  if (unit.state == Unit::State::kQueued) {
    lane.ready.erase(unit.ticket);
    --queued_;
  } else if (unit.state == Unit::State::kTimed) {
    lane.timed.erase({unit.trouble->retry_at, key.service});
    --timed_;
  }
  unit.state = Unit::State::kIdle;
}

void Queue::Update(UnitKey key, size_t sendable, size_t blocked, size_t refused) {
  const size_t due = sendable + blocked + refused;
  Unit* unit = due > 0 ? &Get(key) : Find(key);
  if (unit == nullptr) {
    return;
  }
  due_ += due - unit->due;
  unit->due = due;
  if (unit->state == Unit::State::kInFlight) {
    return;
  }
  if (sendable > 0) {
    if (unit->state != Unit::State::kQueued) {
      Leave(key, *unit);
      unit->state = Unit::State::kQueued;
      unit->ticket = next_ticket_++;
      Lane(key.lane).ready.emplace(unit->ticket, key.service);
      ++queued_;
    }
    return;
  }
  if (blocked > 0 && unit->state == Unit::State::kTimed) {
    return;
  }
  Leave(key, *unit);
  if (blocked > 0) {
    unit->state = Unit::State::kTimed;
    Lane(key.lane).timed.emplace(unit->trouble->retry_at, key.service);
    ++timed_;
  } else if (due == 0) {
    units_.erase(key);
  }
}

bool Queue::MayWrite(const LaneQueue& lane) const {
  if (!lane.open || in_flight_ >= parallelism_) {
    return false;
  }
  return lane.failed_in_a_row == 0 || (lane.in_flight == 0 && troubled_in_flight_ < TroubledShare());
}

std::optional<LaneId> Queue::Next(Mono now) {
  std::optional<LaneId> best;
  uint64_t best_ticket = 0;
  bool best_troubled = true;
  for (auto& [id, lane] : lanes_) {
    if (!MayWrite(lane) || now < lane.not_before) {
      continue;
    }
    while (!lane.timed.empty() && lane.timed.begin()->first <= now) {
      const UnitKey key{lane.timed.begin()->second, id};
      Unit& unit = units_.at(key);
      Leave(key, unit);
      unit.state = Unit::State::kQueued;
      unit.ticket = kAgain + next_ticket_++;
      lane.ready.emplace(unit.ticket, key.service);
      ++queued_;
    }
    if (lane.ready.empty()) {
      continue;
    }
    const uint64_t ticket = lane.ready.begin()->first;
    const bool troubled = lane.failed_in_a_row > 0;
    if (!best || std::pair(troubled, ticket) < std::pair(best_troubled, best_ticket)) {
      best = id;
      best_ticket = ticket;
      best_troubled = troubled;
    }
  }
  return best;
}

std::optional<ServiceId> Queue::Front(LaneId lane) {
  const LaneQueue& queue = Lane(lane);
  return queue.ready.empty() ? std::nullopt : std::optional(queue.ready.begin()->second);
}

void Queue::Begin(UnitKey key) {
  Unit& unit = units_.at(key);
  Leave(key, unit);
  unit.state = Unit::State::kInFlight;
}

void Queue::BatchBegan(LaneId lane) {
  LaneQueue& queue = Lane(lane);
  ++queue.in_flight;
  ++in_flight_;
  if (queue.failed_in_a_row > 0) {
    ++troubled_in_flight_;
  }
}

void Queue::BatchEnded(LaneId lane, bool progress, bool news, bool denied, Mono now) {
  LaneQueue& queue = Lane(lane);
  if (queue.failed_in_a_row > 0) {
    troubled_in_flight_ -= queue.in_flight;
  }
  --queue.in_flight;
  --in_flight_;
  if (progress) {
    queue.failed_in_a_row = queue.newly_failed = 0;
    queue.backoff.Reset();
    return;
  }
  ++queue.failed_in_a_row;
  queue.newly_failed += news ? 1 : 0;
  troubled_in_flight_ += queue.in_flight;
  const bool down = queue.newly_failed >= (lanes_fail_alone_ ? kLaneDownAfter : kRegistryDownAfter);
  if (down || (denied && news)) {
    const Duration pause = queue.backoff.Next();
    queue.not_before = now + (lanes_fail_alone_ ? pause : std::min(pause, kRegistryPause));
  }
}

void Queue::Retry(UnitKey key, Mono now) {
  const std::unique_ptr<Trouble>& trouble = units_.at(key).trouble;
  if (trouble != nullptr) {
    std::erase_if(trouble->blocked, [](const Blocked& b) { return !b.refused; });
    trouble->backoff.Reset();
    trouble->retry_at = now;
  }
}

void Queue::End(UnitKey key) { units_.at(key).state = Unit::State::kIdle; }

std::optional<Mono> Queue::NextDeadline() const {
  std::optional<Mono> next;
  for (const auto& [id, lane] : lanes_) {
    if (!MayWrite(lane) || (lane.ready.empty() && lane.timed.empty())) {
      continue;
    }
    const Mono at =
        lane.ready.empty() ? std::max(lane.not_before, lane.timed.begin()->first) : lane.not_before;
    next = next ? std::min(*next, at) : at;
  }
  return next;
}

}  // namespace dispatcher::reconcile
