#include "adapters/memory/registry.h"

#include <algorithm>

namespace dispatcher {
namespace {

// Takes one off a switch's count; -1 never ends.
bool Take(int& count) {
  if (count == 0) {
    return false;
  }
  if (count > 0) {
    --count;
  }
  return true;
}

}  // namespace

void MemoryRegistry::FailWrites(int calls, absl::Status status) {
  MutexLock lock(mutex_);
  failing_writes_ = calls;
  write_error_ = std::move(status);
}

void MemoryRegistry::FailIds(std::string part, absl::Status status) {
  MutexLock lock(mutex_);
  failing_ids_ = std::move(part);
  id_error_ = std::move(status);
}

void MemoryRegistry::LoseAnswers(int calls) {
  MutexLock lock(mutex_);
  lost_answers_ = calls;
}

void MemoryRegistry::FailReads(int calls, absl::Status status) {
  MutexLock lock(mutex_);
  failing_reads_ = calls;
  read_error_ = std::move(status);
}

void MemoryRegistry::DenyReads(bool deny) {
  MutexLock lock(mutex_);
  deny_reads_ = deny;
}

void MemoryRegistry::KillLane(const std::string& lane, bool dead) {
  MutexLock lock(mutex_);
  if (dead) {
    dead_lanes_.insert(lane);
  } else {
    dead_lanes_.erase(lane);
  }
}

void MemoryRegistry::LoseData() {
  MutexLock lock(mutex_);
  entries_.clear();
}

void MemoryRegistry::Hold(bool hold) {
  MutexLock lock(mutex_);
  held_ = hold;
  changed_.NotifyAll();
}

std::vector<Entry> MemoryRegistry::Entries(std::string_view owner) const {
  MutexLock lock(mutex_);
  std::vector<Entry> found;
  for (const auto& [id, stored] : entries_) {
    if (stored.owner == owner) {
      found.push_back(stored.entry);
    }
  }
  return found;
}

void MemoryRegistry::Put(std::string_view owner, Entry entry) {
  MutexLock lock(mutex_);
  EntryId id = entry.id;
  entries_[std::move(id)] = {std::string(owner), std::move(entry)};
}

void MemoryRegistry::Remove(std::string_view owner, const EntryId& id) {
  MutexLock lock(mutex_);
  auto found = entries_.find(id);
  if (found != entries_.end() && found->second.owner == owner) {
    entries_.erase(found);
  }
}

uint64_t MemoryRegistry::write_calls() const {
  MutexLock lock(mutex_);
  return write_calls_;
}

uint64_t MemoryRegistry::puts() const {
  MutexLock lock(mutex_);
  return puts_;
}

uint64_t MemoryRegistry::deletes() const {
  MutexLock lock(mutex_);
  return deletes_;
}

absl::Status MemoryRegistry::WaitWhileHeld(Mono deadline, const Cancel& cancel) {
  while (true) {
    if (cancel.stop_requested()) {
      return absl::CancelledError("cancelled before it was done");
    }
    if (!held_) {
      return absl::OkStatus();
    }
    const Mono now = MonoClock::now();
    if (now >= deadline) {
      return absl::DeadlineExceededError("the registry is held");
    }
    // A Cancel has no way to wake this up: look again now and then.
    changed_.WaitUntil(mutex_, std::min(deadline, now + std::chrono::milliseconds(10)));
  }
}

absl::Status MemoryRegistry::Read(std::string_view owner, std::string_view lane, const Cancel& cancel,
                                  std::vector<Entry>& out) {
  MutexLock lock(mutex_);
  RETURN_IF_ERROR(WaitWhileHeld(Mono::max(), cancel));
  if (deny_reads_) {
    return absl::PermissionDeniedError("the token may not read");
  }
  if (dead_lanes_.contains(lane)) {
    return Error(absl::StatusCode::kUnavailable, "lane ", lane, " is down");
  }
  for (const auto& [id, stored] : entries_) {
    if (stored.owner == owner && id.lane == lane) {
      out.push_back(stored.entry);
    }
  }
  if (Take(failing_reads_)) {
    out.resize(out.size() / 2);
    return read_error_;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> MemoryRegistry::Lanes(std::string_view owner) {
  MutexLock lock(mutex_);
  if (deny_reads_) {
    return absl::PermissionDeniedError("the token may not read");
  }
  std::set<std::string> lanes = {""};
  for (const auto& [id, stored] : entries_) {
    if (stored.owner == owner) {
      lanes.insert(id.lane);
    }
  }
  return std::vector<std::string>(lanes.begin(), lanes.end());
}

absl::Status MemoryRegistry::Apply(std::string_view owner, const Change& change) {
  if (!failing_ids_.empty() && change.id.id.find(failing_ids_) != std::string::npos) {
    return id_error_;
  }
  auto found = entries_.find(change.id);
  if (found != entries_.end() && found->second.owner != owner) {
    return Error(absl::StatusCode::kFailedPrecondition, "entry ", change.id.id, " belongs to ",
                 found->second.owner);
  }
  if (change.op == Op::kPut) {
    entries_[change.id] = {std::string(owner), *change.entry};
    ++puts_;
  } else if (found != entries_.end()) {
    entries_.erase(found);
    ++deletes_;
  }
  return absl::OkStatus();
}

std::vector<absl::Status> MemoryRegistry::Write(std::string_view owner, std::string_view lane,
                                                std::span<const Change> changes, Mono deadline,
                                                const Cancel& cancel) {
  MutexLock lock(mutex_);
  absl::Status status = WaitWhileHeld(deadline, cancel);
  if (status.ok() && MonoClock::now() >= deadline) {
    status = absl::DeadlineExceededError("the permit to write has ended");
  }
  if (status.ok() && dead_lanes_.contains(lane)) {
    status = Error(absl::StatusCode::kUnavailable, "lane ", lane, " is down");
  }
  if (status.ok()) {
    ++write_calls_;
    if (Take(failing_writes_)) {
      status = write_error_;
    }
  }
  std::vector<absl::Status> results(changes.size(), status);
  if (!status.ok()) {
    return results;
  }
  for (size_t i = 0; i < changes.size(); ++i) {
    results[i] = Apply(owner, changes[i]);
  }
  if (Take(lost_answers_)) {
    results.assign(changes.size(), absl::DeadlineExceededError("the answer was lost"));
  }
  return results;
}

}  // namespace dispatcher
