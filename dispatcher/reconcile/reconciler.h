// One adapter's side of the dispatcher: what it should hold, what it holds, and
// which changes are due. Plan, brake, claims and queue in one pure state machine:
// no clock, no I/O, no threads. The engine owns one per adapter behind a mutex.
//
// Unit of work: (service, lane). A unit is never in two batches at once.
//
//   Offer ─► desired ─┐
//                     ├─ plan ─► brake ─► NextBatch ─► (engine writes) ─► Finished
//   Observed ► actual ┘
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "dispatcher/base/backoff.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/permit.h"
#include "dispatcher/model/entry.h"
#include "dispatcher/model/note.h"
#include "dispatcher/model/service.h"
#include "dispatcher/reconcile/tiers.h"
#include "dispatcher/reconcile/watch.h"

namespace dispatcher {

struct BrakePolicy {
  int max_removal_percent = 20;
  int min_instances = 3;  // so many unexplained removals a window always pass
  Duration window = std::chrono::minutes(10);
  Duration confirm_after = std::chrono::seconds(60);
};

struct ReconcilePolicy {
  std::string adapter;  // name in the configuration
  BrakePolicy brake;
  int panic_threshold = 50;          // percent; not for adapters of tier kDiscovery, which list everything
  std::shared_ptr<TierBoard> tiers;  // null: the only tier there is
  Duration tier_wait = std::chrono::seconds(10);
  BackoffPolicy retry{std::chrono::milliseconds(200), std::chrono::seconds(30), 2.0};
  int max_writes_per_second = 0;  // changes; 0: no limit
  WatchPolicy watch;
  uint64_t seed = 0;
  bool dry_run = false;  // plans, never hands out a batch
};

// Changes of one lane to be written in one Adapter::Write.
struct Batch {
  uint64_t number = 0;
  std::string lane;
  std::vector<Change> changes;
};

// What a change did to the registry, once that has acknowledged it.
enum class Deed : uint8_t { kRegistered, kChanged, kRemoved };
struct Written {
  Change change;
  Deed deed = Deed::kRegistered;
  bool told = false;  // by a note of its own, or with the rest of its service's structure
};
// Of that deed: the kind of its notes, whose name is the word for it, too.
NoteKind KindOf(Deed deed);
// "server 10.0.0.1:31000: it runs and is healthy"
std::string Describe(const Change& change);

// How long an entry has been in the registry as it is, and whether its task has ended, as its reconciler
// knows: for the one that takes its place in the same process (SIGHUP).
struct Age {
  uint64_t entry = 0;  // hash of its id
  uint64_t fingerprint = 0;
  uint32_t since = 0;  // seconds of Mono
  bool found = false;  // it was so at the first look
  bool ended = false;  // and it could not be removed yet
};

// What a removal that is held back waits for, beside an explanation and a release.
enum class HeldFor : uint8_t {
  kConfirmation,  // a second complete read
  kEmptyAnswer,   // one with any apps in it at all
  kLimit,         // nothing else: too many went unexplained
  kFramework,     // nothing else: it was written under another framework
};
inline constexpr HeldFor kHeldForAll[] = {HeldFor::kConfirmation, HeldFor::kEmptyAnswer, HeldFor::kLimit,
                                          HeldFor::kFramework};
// "unconfirmed", "empty_answer", "over_limit", "other_framework"
std::string_view Name(HeldFor cause);

// A removal that waits, and for what.
struct HeldRemoval {
  EntryId id;
  ServiceKey service;
  TaskId task;
  std::string reason;  // "absent from 1 complete read, needs a second one 42 s from now"
  HeldFor cause = HeldFor::kConfirmation;
};
size_t CountHeld(const std::vector<HeldRemoval>& held, HeldFor cause);

// A change that the registry did not take.
struct FailedChange {
  EntryId id;
  Op op = Op::kPut;
  ServiceKey service;
  std::string error;
  bool refused = false;  // pointless until something changes; else it is tried again by itself
};

struct ReconcileReport {
  std::string adapter;
  size_t desired = 0, actual = 0;  // entries; actual: that are known to be there
  size_t pending = 0;              // changes due and not yet confirmed written
  size_t queued_units = 0, in_flight = 0;
  size_t backing_off = 0;  // units that wait after a failure
  size_t gated = 0;        // services whose structure waits for another tier
  bool read_once = false;  // every lane was read completely at least once
  bool offered = false;    // a full pass began: what Marathon runs had been offered by then
  bool compared = false;   // ... and compared since the last full pass began, of which there was one
  std::vector<HeldRemoval> held;
  std::vector<FailedChange> failed;
  std::vector<std::string> refusals;  // "/shop/cart: name web is held by /web"
  std::vector<std::string> panics;  // services that only the panic threshold keeps from losing more instances
  std::vector<std::pair<std::string, std::string>> failing;   // lane -> last error
  uint64_t puts = 0, deletes = 0, retries = 0, failures = 0;  // since start; puts and deletes written
  uint64_t drift_repaired = 0;   // of the puts: of what others had changed or removed
  uint64_t watched_changes = 0;  // answers of a watch that something changed, ours or not
  std::string watch_error;       // "": watches work, or there are none
};

// How one entry of an app stands in the registry.
struct EntryReport {
  EntryId id;
  int port = 0;
  TaskId task;  // "" for structure
  std::string address;
  // right, writing, due (a write of it waits in line), waits (for another tier), failing, refused (by the
  // registry), leaving (its removal is due), held (its removal is), kept (not wanted, and nothing says that
  // it may go), absent (it may stay where it is there, and is not), out (not there: health, or that it is
  // leaving, keeps its instance out of traffic), unread
  std::string_view state;
  std::string why;                // failing, refused, held, out, and of an unfit instance's: in words
  std::optional<Duration> since;  // if it is there: for how long, as it is now
  bool found = false;             // ... at least: it was there when the registry was first read
};

// Where one app stands in one registry.
struct AppPlace {
  bool read = false;                                       // the registry was read completely once
  std::vector<std::pair<int, std::string>> not_published;  // port -> why, where that is decided
  std::vector<EntryReport> entries;                        // structure first, then by task
};

// The same in numbers, of its instances.
struct AppStanding {
  AppId app;             // or a static service's key
  size_t published = 0;  // ports
  size_t refused = 0;    // ports that something is in the way of
  size_t wanted = 0;     // entries of instances that must be there
  size_t right = 0;      // ... and are, as they should be
  size_t held = 0;       // removals, of anything of it
  size_t failed = 0;     // changes that the registry did not take, of anything of it
};

class Reconciler {
 public:
  // `adapter` outlives this; only its pure calls are used.
  Reconciler(const Adapter& adapter, ReconcilePolicy policy);
  ~Reconciler();
  Reconciler(const Reconciler&) = delete;
  Reconciler& operator=(const Reconciler&) = delete;

  // The desired state of one service, or that the catalog does not know the key
  // (null). Makes its units dirty: an event-driven pass, which upserts what is
  // wanted and deletes only instances that are listed as kNo.
  void Offer(const ServiceKey& key, std::shared_ptr<const Service> service, Mono now);

  // A complete snapshot of Marathon was believed. Makes a read of every lane due;
  // when a lane has been read, everything in it is compared, and what is absent
  // from the desired state is removed as far as the brake lets it.
  void BeginFullPass(bool empty, const std::string& framework, Mono now);

  // Whether Adapter::Lanes should be asked now. LanesAsked: it is being asked, and
  // LanesKnown follows with its answer.
  bool LanesWanted(Mono now) const;
  void LanesAsked();
  void LanesKnown(const absl::StatusOr<std::vector<std::string>>& lanes, Mono now);
  // A lane that wants to be read now (first read, full pass, retry of a failed
  // one), or none. Marks it begun.
  std::optional<std::string> NextRead(Mono now);
  void Observed(const std::string& lane, Entry entry);
  void ReadEnded(const std::string& lane, const absl::Status& status, Mono now);

  // What was read may be old, because another may have written: nothing is handed out for
  // a lane before a read of it that begins after this.
  void ReadAnew(Mono now);
  // What may be handed out at all.
  void SetScope(WriteScope scope, Mono now);

  // The next changes to write, or none now. Nothing is handed out for a lane
  // before its first complete read. Writes may go on while a lane is read: what
  // they touch is left out of that read's evidence.
  std::optional<Batch> NextBatch(Mono now);
  // One status a change; Cancelled is nobody's failure, the change is just not known to be
  // carried out. Returns what was written, for metrics and the log.
  std::vector<Written> Finished(const Batch& batch, const std::vector<absl::Status>& results, Mono now);

  // When a read (or asking for the lanes), or a write, becomes due by time alone.
  std::optional<Mono> NextReadDeadline() const;
  std::optional<Mono> NextWriteDeadline() const;

  // Adapter::Watch of a thing: when it may be called, and none before the first complete
  // read; from which index on; and what came of it. What somebody else may have changed
  // makes a read due (watch.h).
  std::optional<Mono> WatchDeadline(size_t thing) const;
  uint64_t WatchBegan(size_t thing, Mono now);
  void WatchEnded(size_t thing, const absl::StatusOr<WatchAnswer>& answer, Mono now);

  // Another adapter has what this one may wait for, or has let go of it.
  void TiersMoved(const TierNews& news, Mono now);
  // What to tell the other adapters since the last call.
  TierNews TakeTierNews();

  // Lets every removal that is held now go, or only those of one app. How many.
  size_t Release(Mono now, const AppId& app = "");

  ReconcileReport Report(Mono now) const;
  // Everything that would be written if nothing were held or failing, for `plan`;
  // what is held is marked.
  std::vector<Change> Plan(Mono now) const;
  // Of that app alone, or the static service.
  AppPlace Where(const AppId& app, Mono now) const;
  // Of all that are known here, sorted by app.
  std::vector<AppStanding> Standings() const;
  // How many of the wanted entries are there and as they should be.
  size_t CountRight() const;
  // The services that are published here: wanted, and no claim of theirs is lost.
  std::vector<std::shared_ptr<const Service>> Published() const;
  // Whether the tiers below have all of it.
  bool MayCreate(const ServiceKey& key) const;
  // Decisions since the last call. What was written in great numbers is told together (README.md), a
  // second later; TellRest: now.
  std::vector<Note> TakeNotes();
  void TellRest();

  // Of all that is there.
  std::vector<Age> Ages() const;
  // What is there, or is found at the next first read of a lane, has been so for as long as these say, and
  // its task has ended if they say so, unless it has changed since.
  void Inherit(const std::vector<Age>& ages);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dispatcher
