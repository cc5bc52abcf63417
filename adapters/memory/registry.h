// The registry behind the memory adapter: a map that outlives the adapters on it,
// with the ways to fail that real registries have.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

// Any thread. Several adapters with different owners may share one.
class MemoryRegistry {
 public:
  // Switches. A count of -1 lasts until the next call of the same switch.
  void FailWrites(int calls, absl::Status status);      // nothing is applied
  void FailIds(std::string part, absl::Status status);  // ids that contain `part`; "" ends it
  void LoseAnswers(int calls);                          // applied, but DeadlineExceeded comes back
  void FailReads(int calls, absl::Status status);       // after half of the entries was visited
  void DenyReads(bool deny);                            // as a token without rights
  void KillLane(const std::string& lane, bool dead);    // its reads and writes are Unavailable
  void LoseData();                                      // everything, every owner's
  void Hold(bool hold);                                 // reads and writes wait until let go

  // What is there, by owner, and hands that are not ours.
  std::vector<Entry> Entries(std::string_view owner) const;
  void Put(std::string_view owner, Entry entry);
  void Remove(std::string_view owner, const EntryId& id);

  // Since the start: calls of Write, and changes applied in them.
  uint64_t write_calls() const;
  uint64_t puts() const;
  uint64_t deletes() const;

 private:
  friend class MemoryAdapter;

  absl::Status Read(std::string_view owner, std::string_view lane, const Cancel& cancel,
                    std::vector<Entry>& out);
  absl::StatusOr<std::vector<std::string>> Lanes(std::string_view owner);
  std::vector<absl::Status> Write(std::string_view owner, std::string_view lane,
                                  std::span<const Change> changes, Mono deadline, const Cancel& cancel);
  // OK once nothing holds the registry; Cancelled, or DeadlineExceeded.
  absl::Status WaitWhileHeld(Mono deadline, const Cancel& cancel) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Apply(std::string_view owner, const Change& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  struct Stored {
    std::string owner;
    Entry entry;
  };

  mutable Mutex mutex_;
  CondVar changed_;
  std::map<EntryId, Stored> entries_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> dead_lanes_ ABSL_GUARDED_BY(mutex_);
  int failing_writes_ ABSL_GUARDED_BY(mutex_) = 0;
  int failing_reads_ ABSL_GUARDED_BY(mutex_) = 0;
  int lost_answers_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status write_error_ ABSL_GUARDED_BY(mutex_);
  absl::Status read_error_ ABSL_GUARDED_BY(mutex_);
  absl::Status id_error_ ABSL_GUARDED_BY(mutex_);
  std::string failing_ids_ ABSL_GUARDED_BY(mutex_);
  bool deny_reads_ ABSL_GUARDED_BY(mutex_) = false;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t write_calls_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t puts_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t deletes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace dispatcher
