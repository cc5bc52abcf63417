#include "dispatcher/engine/read_scheduler.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace dispatcher {
namespace {

const std::tuple<ReadWanted::What, AppId, std::string> kSnapshotKey{ReadWanted::What::kSnapshot, "", ""};
const std::tuple<ReadWanted::What, AppId, std::string> kInfoKey{ReadWanted::What::kInfo, "", ""};

}  // namespace

ReadScheduler::ReadScheduler(ReadPolicy policy)
    : policy_(policy), jitter_({Duration(1'000'000), Duration(1'000'000), 1.0}, policy.seed) {}

void ReadScheduler::Attached(Mono now) {
  attached_ = true;
  ++epoch_;
  info_tried_ = false;
  failing_.clear();
  Put(kInfoKey, {Mono{}, "new stream"});  // before all that waits
  // Not paced by what the last one took: a stream without a snapshot is half blind.
  snapshot_took_ = Duration::zero();
  WantSnapshot(now, "new stream");
}

void ReadScheduler::Want(const ReadWanted& wanted, Mono now) {
  const Mono due = std::max(wanted.not_before, now);
  switch (wanted.what) {
    case What::kSnapshot:
      WantSnapshot(due, wanted.reason);
      break;
    case What::kInfo:
      Put(kInfoKey, {due, wanted.reason});
      break;
    case What::kVersion:
      Put({What::kVersion, wanted.app, wanted.version}, {due, wanted.reason, wanted.pod});
      break;
    case What::kApp:
      if (snapshot_wanted_ && !in_flight_.contains(kSnapshotKey) && *snapshot_due_ <= due) {
        ++collapsed_;  // the snapshot that waits will show it
      } else {
        Put({What::kApp, wanted.app, ""}, {due, wanted.reason, wanted.pod});
      }
      break;
    case What::kResolve:
      break;
  }
}

Mono ReadScheduler::NotBefore(const Key& key, Mono due) const {
  const auto failing = failing_.find(key);
  return failing == failing_.end() ? due : std::max(due, failing->second.until);
}

void ReadScheduler::Put(const Key& key, Waiting wanted) {
  wanted.due = NotBefore(key, wanted.due);
  const auto [waiting, added] = due_.try_emplace(key, wanted);
  if (!added) {
    ++collapsed_;
    if (wanted.due >= waiting->second.due) {
      return;
    }
    order_.erase({waiting->second.due, key});
    waiting->second = wanted;
  }
  order_.emplace(wanted.due, key);
}

void ReadScheduler::Drop(const Key& key) {
  const auto waiting = due_.find(key);
  order_.erase({waiting->second.due, key});
  due_.erase(waiting);
}

void ReadScheduler::WantSnapshot(Mono due, const std::string& reason) {
  due = NotBefore(kSnapshotKey, std::max(due, snapshot_ended_ + policy_.demand_cost_factor * snapshot_took_));
  if (in_flight_.contains(kSnapshotKey)) {
    collapsed_ += snapshot_again_ ? 1 : 0;
    snapshot_due_ = snapshot_again_ ? std::min(*snapshot_due_, due) : due;
    snapshot_again_ = true;
    snapshot_reason_ = reason;
    return;
  }
  collapsed_ += snapshot_wanted_ ? 1 : 0;
  if (!snapshot_due_ || due < *snapshot_due_) {
    snapshot_due_ = due;
    snapshot_reason_ = reason;
  }
  snapshot_wanted_ = true;
}

bool ReadScheduler::SnapshotMayBegin() const {
  return snapshot_due_ && info_tried_ && !in_flight_.contains(kSnapshotKey);
}

// An app that is being read is asked again only afterwards: what is wanted now came
// after that read had begun. Until info has been tried the first snapshot of this
// stream waits, and it will show every app.
bool ReadScheduler::MayBegin(const Key& key) const {
  return !in_flight_.contains(key) && (info_tried_ || std::get<What>(key) != What::kApp);
}

void ReadScheduler::CollapseIfMany(Mono now) {
  const size_t limit =
      std::max(policy_.collapse_above, apps_ * static_cast<size_t>(policy_.collapse_percent) / 100);
  size_t apps = 0;
  for (auto next = order_.begin(); next != order_.end() && next->first <= now && apps <= limit; ++next) {
    apps += std::get<What>(next->second) == What::kApp ? 1 : 0;
  }
  if (apps > limit && !snapshot_wanted_ && !snapshot_again_) {
    WantSnapshot(now, "many apps changed");
  }
}

std::optional<ReadJob> ReadScheduler::Next(Mono now) {
  if (!attached_ || in_flight_.size() >= policy_.in_flight) {
    return std::nullopt;
  }
  CollapseIfMany(now);
  if (SnapshotMayBegin() && *snapshot_due_ <= now) {
    return BeginSnapshot(now);
  }
  for (const auto& [due, key] : order_) {
    if (due > now) {
      break;
    }
    if (MayBegin(key)) {
      return Begin(key, due_.at(key));
    }
  }
  return std::nullopt;
}

ReadJob ReadScheduler::Begin(Key key, Waiting waiting) {
  Drop(key);
  in_flight_.insert(key);
  return {std::get<What>(key), std::get<1>(key),          waiting.pod,
          std::get<2>(key),    std::move(waiting.reason), epoch_};
}

ReadJob ReadScheduler::BeginSnapshot(Mono now) {
  std::vector<Key> covered;
  for (auto next = order_.begin(); next != order_.end() && next->first <= now; ++next) {
    if (std::get<What>(next->second) == What::kApp) {
      covered.push_back(next->second);
    }
  }
  for (const Key& key : covered) {
    Drop(key);
    failing_.erase(key);
    ++collapsed_;
  }
  in_flight_.insert(kSnapshotKey);
  snapshot_wanted_ = false;
  snapshot_due_.reset();
  return {What::kSnapshot, "", false, "", std::exchange(snapshot_reason_, "resync"), epoch_};
}

void ReadScheduler::Ended(const ReadJob& job, const absl::Status& status, int apps, Duration took, Mono now) {
  const Key key{job.what, job.app, job.version};
  in_flight_.erase(key);
  const bool broken_off = job.epoch != epoch_ || absl::IsCancelled(status);
  const bool answered =
      !broken_off && (status.ok() || (absl::IsNotFound(status) && job.what != What::kSnapshot));
  Duration wait{};
  if (answered) {
    failing_.erase(key);
  } else if (!broken_off) {
    const uint64_t seed = policy_.seed ^ std::hash<std::string>()(job.app);
    Failing& failing = failing_.try_emplace(key, Failing{Backoff(policy_.retry, seed), {}}).first->second;
    wait = failing.backoff.Next();
    failing.until = now + wait;
  }
  info_tried_ = info_tried_ || (job.what == What::kInfo && !broken_off);
  if (job.what != What::kSnapshot) {
    if (!answered) {
      Put(key, {now + wait, job.reason, job.pod});
    }
    return;
  }
  snapshot_ended_ = now;
  if (std::exchange(snapshot_again_, false)) {
    // Somebody wanted one that begins after theirs.
    const Duration pause = broken_off ? Duration::zero() : policy_.demand_cost_factor * took;
    snapshot_due_ = std::max(*snapshot_due_, now + std::max(wait, pause));
    snapshot_wanted_ = true;
  } else if (!answered) {
    snapshot_due_ = now + wait;
    snapshot_wanted_ = true;
    snapshot_reason_ = job.reason;
  } else {
    const Duration cost = policy_.resync_cost_factor * std::min(took, previous_took_.value_or(took));
    snapshot_due_ = now + Jittered(seldom_ * std::max(policy_.resync_interval, cost));
    snapshot_reason_ = "resync";
  }
  if (answered) {
    snapshot_took_ = took;
    previous_took_ = took;
    apps_ = static_cast<size_t>(apps);
  }
}

std::optional<Mono> ReadScheduler::NextDeadline() const {
  std::optional<Mono> next;
  if (!attached_ || in_flight_.size() >= policy_.in_flight) {
    return next;
  }
  if (SnapshotMayBegin()) {
    next = snapshot_due_;
  }
  for (const auto& [due, key] : order_) {
    if (MayBegin(key)) {
      return next ? std::min(*next, due) : due;
    }
  }
  return next;
}

Duration ReadScheduler::Jittered(Duration length) {
  // Backoff of one fixed length L gives L/2 to L: here 1.0 to 1.1.
  const double share = static_cast<double>(jitter_.Next().count()) / 1'000'000 - 0.5;
  return length + Duration(static_cast<Duration::rep>(static_cast<double>(length.count()) * share / 5));
}

}  // namespace dispatcher
