// Which read of Marathon comes next. Pure: the state of the queue, no clock, no
// threads.
//
// Wanted reads of an app collapse; too many of them become one snapshot; the next
// resync waits for max(resync_interval, 100 x what the quicker of the last two took):
// one slow read does not put comparisons off for long. Nothing is asked without a
// stream: what is true now is worth nothing if the next change can't be heard, and
// attaching makes a snapshot due anyway.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "dispatcher/base/backoff.h"
#include "dispatcher/base/status.h"
#include "dispatcher/catalog/catalog.h"

namespace dispatcher {

struct ReadPolicy {
  Duration resync_interval = std::chrono::seconds(60);
  int resync_cost_factor = 100;  // a resync may take 1 % of Marathon's time
  int demand_cost_factor = 10;   // a snapshot asked for by a gap or by many apps, 10 %
  size_t in_flight = 2;
  size_t collapse_above = 16;  // more due app reads than this and than ...
  int collapse_percent = 5;    // ... this share of all apps become one snapshot
  BackoffPolicy retry{std::chrono::milliseconds(500), std::chrono::seconds(30), 2.0};
  uint64_t seed = 0;
};

// A read to be carried out now.
struct ReadJob {
  ReadWanted::What what = ReadWanted::What::kSnapshot;  // never kResolve
  AppId app;
  bool pod = false;  // as in ReadWanted
  std::string version;
  std::string reason;
  uint32_t epoch = 0;  // which attach it was begun after
};

class ReadScheduler {
 public:
  explicit ReadScheduler(ReadPolicy policy);

  // A new stream is proven: /v2/info and then a snapshot are due at once. What is
  // in flight was begun too early: the caller breaks it off, and its end counts as
  // no answer.
  void Attached(Mono now);
  void Detached() { attached_ = false; }
  // Resyncs come so many times more seldom, from the next one on.
  void SetSeldom(int factor) { seldom_ = factor; }

  void Want(const ReadWanted& wanted, Mono now);

  // Marks it as in flight; Ended is called for it exactly once.
  std::optional<ReadJob> Next(Mono now);
  // OK and NotFound are answers; all else is tried again with backoff, no sooner
  // however often it is wanted meanwhile. `apps` is the number of elements of a
  // snapshot.
  void Ended(const ReadJob& job, const absl::Status& status, int apps, Duration took, Mono now);

  // When Next should be called again if nothing else happens.
  std::optional<Mono> NextDeadline() const;

  size_t pending() const { return due_.size() + (snapshot_wanted_ ? 1 : 0); }
  size_t in_flight() const { return in_flight_.size(); }
  uint64_t collapsed() const { return collapsed_; }
  // Of the next snapshot, whether wanted or just the resync.
  std::optional<Mono> snapshot_due() const { return snapshot_due_; }

 private:
  using What = ReadWanted::What;
  using Key = std::tuple<What, AppId, std::string>;  // what, app, version
  struct Waiting {
    Mono due{};
    std::string reason;
    bool pod = false;
  };
  struct Failing {
    Backoff backoff;
    Mono until{};
  };

  // `due`, or the end of the backoff if the read has failed lately.
  Mono NotBefore(const Key& key, Mono due) const;
  void Put(const Key& key, Waiting wanted);
  void Drop(const Key& key);
  void WantSnapshot(Mono due, const std::string& reason);
  bool SnapshotMayBegin() const;
  bool MayBegin(const Key& key) const;
  void CollapseIfMany(Mono now);
  ReadJob Begin(Key key, Waiting waiting);
  ReadJob BeginSnapshot(Mono now);
  Duration Jittered(Duration length);

  const ReadPolicy policy_;
  int seldom_ = 1;
  bool attached_ = false;
  uint32_t epoch_ = 0;  // number of attaches

  std::optional<Mono> snapshot_due_;  // none before the first attach
  bool snapshot_wanted_ = false;      // by somebody, not only for the resync
  bool snapshot_again_ = false;       // wanted while one was in flight
  std::string snapshot_reason_;
  bool info_tried_ = false;  // since the attach
  Mono snapshot_ended_{};
  Duration snapshot_took_{};
  std::optional<Duration> previous_took_;  // the last complete one, of any stream
  size_t apps_ = 0;                        // in the last complete snapshot

  std::map<Key, Waiting> due_;
  std::set<std::pair<Mono, Key>> order_;  // the keys of due_ by time
  std::set<Key> in_flight_;
  std::map<Key, Failing> failing_;
  uint64_t collapsed_ = 0;
  Backoff jitter_;
};

}  // namespace dispatcher
