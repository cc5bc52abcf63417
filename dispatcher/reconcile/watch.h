// When to ask a registry that can be watched whether something changed, and when its
// answer is worth a read. An answer says that, never what and by whom: it may be our
// own write, an entry of ours that somebody else changed, or an entry of others. Pure.
//
// No write of ours began since the answer before: it was somebody else, read now.
// Else it may well have been us: a read later, unless one comes by itself until then,
// and not in the middle of a long write, whose every answer would ask for another.
// Reads cost, so both wait for a multiple of what the last one took, and a registry that
// answers at once each time is asked once a second.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "dispatcher/base/backoff.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"

namespace dispatcher {

struct WatchPolicy {
  // Between two questions about one thing, and between two reads for others' changes; the
  // first of them may follow at once: two questions, as Consul's documentation wants it
  // (API docs, "Blocking Queries": a token bucket of burst 2), and `burst` reads.
  Duration least = std::chrono::seconds(1);
  int burst = 3;
  int foreign_share = 20;                   // reads for others' changes: 1/20 of the time in the long run
  Duration own = std::chrono::seconds(10);  // until a read for a change that may be ours
  Duration own_most = std::chrono::seconds(60);  // ... while we go on writing
  int own_share = 100;
  BackoffPolicy retry{std::chrono::seconds(1), std::chrono::seconds(30), 2.0};
};

namespace reconcile {

class WatchPacer {
 public:
  WatchPacer(WatchPolicy policy, size_t things, uint64_t seed);

  // Questions. One at a time for each thing.
  Mono AskAt(size_t thing) const;
  uint64_t Asked(size_t thing, Mono now);  // the index to ask from
  void Answered(size_t thing, const absl::StatusOr<WatchAnswer>& answer, Mono now);

  void WriteBegan(Mono now);
  void WriteEnded() { --writing_; }

  // When to read the registry on account of an answer; none: no need. `writing`: there
  // are changes that go now.
  std::optional<Mono> ReadAt(bool writing) const;
  // Any read of all of it, whoever wanted it.
  void ReadBegan(Mono now);
  void ReadEnded(bool ok, Mono now);

  // Answers that something had changed, since start.
  uint64_t changes() const { return changes_; }
  // Of the things whose last question failed, the first one's; "" if there is none.
  std::string error() const;
  // Failures in a row, the most of any thing, and since when.
  uint32_t failures() const;
  std::optional<Mono> failing_since() const { return failing_since_; }

 private:
  // The time that the last read pays for.
  Duration Cost() const { return std::max(policy_.least, policy_.foreign_share * read_took_); }

  struct Thing {
    uint64_t index = 0, state = 0;
    bool lost = false;  // what happened since `index` is not known: the next answer counts as a change
    Mono full_at{};     // the bucket holds two again from then on
    Mono not_before{};  // after a failure
    Mono answered{};    // the last time
    Backoff backoff;
    std::string error;
  };

  WatchPolicy policy_;
  std::vector<Thing> things_;
  int writing_ = 0;
  std::optional<Mono> wrote_;  // when a write of ours began last: it may end after the answer it causes
  std::optional<Mono> read_at_;
  std::optional<Mono> ours_since_;  // all that read_at_ is for may be ours; the first of it
  Mono changed_{};                  // when that became known
  std::optional<Mono> read_began_, read_ended_;
  Duration read_took_{};
  Mono reads_full_at_{};  // all of the burst may be read again from then on
  uint64_t changes_ = 0;
  std::optional<Mono> failing_since_;
};

}  // namespace reconcile
}  // namespace dispatcher
