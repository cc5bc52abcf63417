// The reconciler's inside: what is wanted, what is there, and how the parts work
// together. Split over files by what comes in: desired.cc (services), reading.cc
// (reads and full passes), drift.cc (what other hands did), writing.cc (batches),
// telling.cc (what is told of them), evaluate.cc (what is due), report.cc and where.cc (what is shown),
// ages.cc (what a successor needs).
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "dispatcher/base/recent_ids.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/reconcile/brake.h"
#include "dispatcher/reconcile/bucket.h"
#include "dispatcher/reconcile/claims.h"
#include "dispatcher/reconcile/plan.h"
#include "dispatcher/reconcile/queue.h"
#include "dispatcher/reconcile/reconciler.h"
#include "dispatcher/reconcile/rotation.h"
#include "dispatcher/reconcile/table.h"
#include "dispatcher/reconcile/telling.h"

namespace dispatcher::reconcile {

inline constexpr uint32_t kStructure = UINT32_MAX;
// How long at least the dead are remembered whose entries another may have left. A lock's time to live and
// the time to a standby's next read are well below it.
inline constexpr Duration kDeadFor = std::chrono::minutes(5);

// One entry that a service wants.
struct Wanted {
  uint64_t fingerprint = 0;
  uint64_t address = 0;  // hash of its address; 0: none
  SlotId slot = 0;
  uint32_t instance = kStructure;  // place in Service::instances
  bool create = false;             // kYes
};

struct ServiceState {
  ServiceKey key;
  std::shared_ptr<const Service> service;  // null: not offered, or not known
  Standing standing = Standing::kUnknown;
  SharedString refusal;                      // kUnpublished, kDoubt: why, where there is a reason
  std::unique_ptr<const Rotation> rotation;  // null: all get traffic
  std::vector<Wanted> wanted;                // sorted by slot
  std::vector<SlotId> present;               // what is there, or may be
  absl::btree_set<LaneId> units;             // lanes for which the queue may know a unit
  bool dirty = false;                        // in Impl::dirty
};

// An entry as a read showed it, kept until the read has ended well.
struct Staged {
  std::string text;
  uint32_t id_size = 0, task_size = 0;
  uint64_t fingerprint = 0;
  ServiceId service = 0;
  uint16_t kind = 0, framework = 0;
  uint8_t rank = 0;
};

struct LaneState {
  std::string name;
  bool known = false;  // listed by the adapter, or wanted by somebody
  bool due = false, reading = false;
  bool too_early = false;  // the read under way began before it was to be read anew
  bool read_once = false;  // completely
  bool attempted = false;  // a read of it ended, well or not
  bool written = false;    // since the lanes were last listed
  uint32_t reads = 0;      // begun so far; the number of the one under way
  uint64_t compared = 0;   // the last full pass it was compared for
  Mono retry_at{};
  Backoff backoff;
  Mono read_failing_since{}, write_failing_since{};
  std::string read_error, write_error;
  std::vector<Staged> staged;
  std::vector<std::pair<SlotId, std::string>> altered;  // what the read under way found so, see Drift
  std::vector<SlotId> slots;
};

// One change that is due.
struct Due {
  SlotId slot = 0;
  Op op = Op::kPut;
  Decision decision;
  uint32_t instance = kStructure;  // puts
  uint64_t fingerprint = 0;        // of the put, or of what is to be deleted
  bool blocked = false, refused = false;
};

// The place of a task in Service::instances, or kStructure.
uint32_t PlaceOf(const Service& service, std::string_view task);
const Instance* FindInstance(const Service& service, std::string_view task);

// A service whose structure waits for another tier.
struct Gate {
  Mono until{};
  bool deleting = false;
  bool over = false;  // it was waited for long enough
};

// How long something has lasted, for the log: "12 s".
inline std::string Lasted(Mono since, Mono now) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(now - since).count()) + " s";
}

inline std::string Failures(uint32_t count) { return Count(count, "failure", "failures"); }

// What somebody else did to an entry that is wanted as we wrote it; kept until it is
// put back.
struct Drift {
  std::string what;   // "was altered by other hands (port, tags)"
  bool told = false;  // by a line of its own, when it is put back
};

struct Flight {
  struct Item {
    SlotId slot;
    Op op;
    ServiceId unit;
    uint64_t fingerprint;
    bool was_there;  // when it began: a read beside it may show the entry before its answer comes
  };
  LaneId lane = 0;
  std::vector<Item> items;  // in the order of Batch::changes
  std::vector<ServiceId> units;
};

}  // namespace dispatcher::reconcile

namespace dispatcher {

struct Reconciler::Impl {
  Impl(const Adapter& a, ReconcilePolicy p);

  // ---- names and lists (state.cc)
  reconcile::ServiceId IdOf(const ServiceKey& key);
  reconcile::ServiceState& At(reconcile::ServiceId id) { return *services[id]; }
  const reconcile::ServiceState& At(reconcile::ServiceId id) const { return *services[id]; }
  reconcile::LaneId LaneOf(std::string_view name);
  reconcile::SlotId SlotOf(reconcile::LaneId lane, uint16_t kind, std::string_view id);
  void MaybeFree(reconcile::SlotId slot);
  void MaybeForget(reconcile::ServiceId id);
  // Enters that something is there (or may be), or that it is not.
  void SetThere(reconcile::SlotId slot, const reconcile::Staged& what, reconcile::Presence presence,
                Mono now);
  void SetAbsent(reconcile::SlotId slot);
  void SetPresence(reconcile::Slot& slot, reconcile::Presence presence) {
    maybe += presence == reconcile::Presence::kMaybe ? 1 : 0;
    maybe -= slot.presence == reconcile::Presence::kMaybe ? 1 : 0;
    slot.presence = presence;
  }
  // Whose task and address a slot stands for; marks those that had or get the
  // same address, of which it may now prove the death, or no longer.
  void SetText(reconcile::SlotId slot, std::string_view task, std::string_view address);
  void MarkDirty(reconcile::ServiceId id);
  void MarkSlot(reconcile::SlotId slot);
  EntryId IdOfSlot(reconcile::SlotId slot) const;
  reconcile::Staged Compact(const Entry& entry);
  void Say(NoteKind kind, const AppId& app, const TaskId& task, std::string text);
  // A failure that is worth a line: the first and every tenth.
  static bool IsLoud(uint32_t failures_before) { return failures_before % 10 == 0; }
  // Works off what was marked: every public call that changes something ends here.
  void Settle(Mono now);

  // ---- desired.cc
  void Offer(reconcile::ServiceId id, std::shared_ptr<const Service> service);
  void Refresh(reconcile::ServiceId id);
  void SetStanding(reconcile::ServiceState& state, reconcile::Standing standing, const std::string& refusal);
  void Want(reconcile::ServiceId id, std::vector<reconcile::Wanted> wanted);
  // Sets who gets traffic from now on, and gives back how it was. Says when the panic
  // threshold begins to keep somebody, or ceases to.
  std::unique_ptr<const reconcile::Rotation> Rotate(reconcile::ServiceState& state);
  // Whom the panic threshold keeps; "" for nobody.
  std::string PanicOf(const reconcile::ServiceState& state) const;
  std::vector<reconcile::Wanted> RenderAll(reconcile::ServiceId id, const Rendered& rendered,
                                           const std::shared_ptr<const Service>& before,
                                           const reconcile::Rotation* rotation_before);

  // ---- evaluate.cc
  struct Desire {
    reconcile::ServiceId service = reconcile::kNone;
    const reconcile::Wanted* wanted = nullptr;
  };
  struct Evaluation {
    std::vector<reconcile::Due> due;
    std::vector<std::pair<reconcile::SlotId, reconcile::Decision>> judged;  // what is there and not wanted
    std::optional<bool> gated;  // its structure may not be created (false) or deleted (true) by the tiers
  };
  const reconcile::Wanted* FindWanted(reconcile::ServiceId id, reconcile::SlotId slot) const;
  Desire Resolve(reconcile::SlotId slot) const;
  // The instance, not of `task`, that is wanted at the slot's address since the
  // latest; null if there is none.
  const Instance* Rival(reconcile::SlotId slot, std::string_view task) const;
  // Visits the slot with each instance that is wanted there, at the slot's address.
  template <typename Visit>
  void Contenders(reconcile::SlotId slot, Visit visit) const;
  // The service whose list speaks for the tasks of `state`.
  const Service* Listing(const reconcile::ServiceState& state) const;
  reconcile::Decision Judge(reconcile::SlotId slot) const;
  // Who of those in bad health may go now: as many fit ones are there as have to be.
  std::vector<uint32_t> MayLeave(reconcile::ServiceId id, const std::vector<reconcile::Due>& unfit) const;
  // `everything`: as if nothing were held, waiting or failing.
  Evaluation Evaluate(reconcile::ServiceId id, Mono now, bool everything) const;
  // Remembers in the slot whether the task of what is there, or is being written, has ended: as it is
  // listed; as before if it is not.
  void NoteEnd(reconcile::ServiceId id, reconcile::SlotId slot);
  // Remembers who of the service offered last is listed as ended, and in `next` (null: none) no more, unless
  // all that is there is known: another may be writing, or a lane was not read yet.
  void RememberDead(reconcile::ServiceId id, const Service* next, Mono now);
  // In keeping with WriteScope::kSeenDead.
  bool RemovesSeenDead(const reconcile::ServiceState& state, const reconcile::Due& due) const;
  void Touch(reconcile::ServiceId id, Mono now);

  // ---- gates.cc
  // Whether the gate of that direction is shut: not yet, or not for long enough, waited for.
  bool Waits(reconcile::ServiceId id, bool deleting) const;
  // It has structure, and none of it is there.
  bool IsNew(reconcile::ServiceId id) const;
  // What of the service waits for another tier: its creation, its deletion or nothing.
  void SetGate(reconcile::ServiceId id, std::optional<bool> deleting, Mono now);
  void OpenGates(Mono now);
  // As if all of them had just been shut.
  void ShutGates(Mono now);
  void TellTiers(reconcile::ServiceId id);
  // Tells the other tiers, once it is so, that what is there is known here.
  void OpenToTiers();

  // ---- reading.cc
  void Compare(reconcile::LaneId lane, Mono now);
  // What a read showed, now that it is complete.
  void Apply(reconcile::LaneId lane, const std::vector<reconcile::Staged>& staged, Mono now);
  // "server web/a, server web/b and 3 more"
  std::string Named(std::vector<reconcile::SlotId> slots) const;
  // Says what became of removals that were held back, with their names behind it: a line for each of a
  // few apps, else one for all.
  void SayGone(const std::vector<reconcile::SlotId>& slots,
               absl::FunctionRef<std::string(size_t count)> what);
  // Says which removals are held back only since now.
  void SayHeld(const std::map<reconcile::ServiceId, std::vector<reconcile::SlotId>>& newly, Mono now);
  // What the brake counts a removal as.
  reconcile::Brake::Item ItemOf(reconcile::SlotId slot) const;
  // Items of a service that are there, and those the brake let go of late.
  size_t CountItems(reconcile::ServiceId id) const;
  void SettleClaims();

  // ---- drift.cc
  // How an entry, found otherwise than it was left, differs from what is wanted there; "" if it does not,
  // or nothing is wanted.
  std::string Alteration(reconcile::SlotId slot, const Entry& entry) const;
  // What a complete read found: LaneState::altered, and what is not there any more.
  void AddDrift(reconcile::LaneId lane, const std::vector<reconcile::SlotId>& gone);
  // It was written as wanted. True: it was drift, and that is told.
  bool Repaired(reconcile::SlotId slot, const Change& change);

  // ---- telling.cc
  // What was written: in notes, or remembered to be told with more.
  void Tell(std::vector<Written>& written, Mono now);
  void TellDue(Mono now);

  // ---- ages.cc
  uint64_t KeyOf(reconcile::SlotId slot) const;
  // Its age, if that was inherited and it is as it was.
  void Recall(reconcile::SlotId slot);

  // ---- where.cc
  void AddEntries(reconcile::ServiceId id, Mono now, AppPlace& place) const;
  // Of its entries, from `first` on, those that health keeps out of traffic, or would.
  void SayUnfit(reconcile::ServiceId id, size_t first, AppPlace& place) const;

  // ---- report.cc
  // It is there, as it is wanted.
  bool IsRight(const reconcile::Wanted& wanted) const;
  // What the registry did not take of a service.
  void AddFailed(reconcile::ServiceId id, std::vector<FailedChange>& failed) const;

  // ---- writing.cc
  bool IsWriting() const { return queue.queued() + queue.in_flight() > 0; }
  using Work = std::vector<std::pair<reconcile::Due, Change>>;
  // Turns dues of one service into changes, in the order in which to write them.
  Work Build(reconcile::ServiceId id, const std::vector<reconcile::Due>& due) const;
  std::optional<Change> Put(reconcile::ServiceId id, reconcile::Due& due,
                            std::map<uint32_t, std::vector<Entry>>& rendered) const;
  // What of a unit may go now. Takes it out of line if that is nothing.
  Work Prepare(reconcile::UnitKey key, Mono now);
  Change Removal(const reconcile::Due& due) const;
  // `alone`: the rest of its batch, or some of it, came through. True: its unit goes
  // again and had not failed before.
  bool Failed(const reconcile::Flight::Item& item, const Change& change, const absl::Status& status,
              bool alone, Mono now);

  const Adapter& adapter;
  const ReconcilePolicy policy;
  const Traits traits;

  reconcile::Table table;
  reconcile::Names kinds, frameworks;
  absl::btree_map<ServiceKey, reconcile::ServiceId> ids;
  std::vector<std::unique_ptr<reconcile::ServiceState>> services;  // null: forgotten; numbers are not reused
  std::map<std::string, reconcile::LaneId, std::less<>> lane_ids;
  std::deque<reconcile::LaneState> lanes;

  reconcile::Queue queue;
  reconcile::Bucket bucket;
  reconcile::WatchPacer watch;
  reconcile::Brake brake;
  bool held_told = false;  // something is held back, and that was said
  std::map<reconcile::SlotId, reconcile::Drift> drift;
  reconcile::Claims claims;
  reconcile::Pass pass;
  WriteScope scope = WriteScope::kAll;
  Mono asked = Mono::min();  // when changes to write were last asked for
  RecentIds dead;            // RememberDead
  uint32_t framework = 0;    // Marathon's, by the last full pass
  bool lanes_due = true, lanes_asked = false, lanes_known = false;
  Mono lanes_retry_at{};
  Backoff lanes_backoff;
  std::string lanes_error;

  TierBoard::Member tier_member = 0;
  bool tiers_opened = false;
  std::map<reconcile::ServiceId, reconcile::Gate> gates;
  std::set<std::pair<Mono, reconcile::ServiceId>> gate_ends;  // of those that are not over
  TierNews tier_news;

  struct Contender {
    reconcile::SlotId slot;
    const Instance* instance;
  };
  // Of addresses with many, the latest first; only while `settling`, when nothing else
  // changes who is wanted where.
  mutable absl::flat_hash_map<std::string, std::vector<Contender>> crowds;
  bool settling = false;

  std::vector<reconcile::ServiceId> dirty;
  std::map<uint64_t, reconcile::Flight> flights;
  uint64_t batches = 0;
  std::set<reconcile::ServiceId> refused;
  std::vector<Note> notes;
  reconcile::Telling telling;
  absl::flat_hash_map<uint64_t, Age> inherited;  // until each lane was read once since
  size_t desired = 0, changes_in_flight = 0;
  size_t actual = 0, maybe = 0;  // slots that are not absent, and those of them that are kMaybe
  uint64_t puts = 0, deletes = 0, retries = 0, failures = 0, drift_repaired = 0;
  Mono lanes_failing_since{};
};

}  // namespace dispatcher
