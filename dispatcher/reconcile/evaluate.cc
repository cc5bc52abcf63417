#include <algorithm>
#include <utility>

#include "dispatcher/base/strings.h"
#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

namespace {

// As many at one address are sorted once instead of looked through for each of them.
constexpr size_t kCrowd = 16;
// Who writes asks for changes with each that is offered.
constexpr Duration kAskedOfLate = std::chrono::seconds(10);

}  // namespace

uint32_t reconcile::PlaceOf(const Service& service, std::string_view task) {
  const auto it = std::lower_bound(
      service.instances.begin(), service.instances.end(), task,
      [](const std::shared_ptr<const Instance>& i, std::string_view t) { return i->task < t; });
  return it == service.instances.end() || (*it)->task != task
             ? kStructure
             : static_cast<uint32_t>(it - service.instances.begin());
}

const Instance* reconcile::FindInstance(const Service& service, std::string_view task) {
  const uint32_t place = PlaceOf(service, task);
  return place == kStructure ? nullptr : service.instances[place].get();
}

const Wanted* Reconciler::Impl::FindWanted(ServiceId id, SlotId slot) const {
  const std::vector<Wanted>& wanted = At(id).wanted;
  const auto it = std::lower_bound(wanted.begin(), wanted.end(), slot,
                                   [](const Wanted& w, SlotId s) { return w.slot < s; });
  return it == wanted.end() || it->slot != slot ? nullptr : &*it;
}

template <typename Visit>
void Reconciler::Impl::Contenders(SlotId slot, Visit visit) const {
  table.Claimants(slot, [&](ServiceId id) {
    if (IsStatic(At(id).key)) {
      return;  // another name for an address, of which a task may be the owner
    }
    const Wanted* w = FindWanted(id, slot);
    if (w != nullptr && w->create && w->instance != kStructure &&
        w->address == Fnv1a(table[slot].address())) {
      visit(slot, *At(id).service->instances[w->instance]);
    }
  });
}

const Instance* Reconciler::Impl::Rival(SlotId slot, std::string_view task) const {
  const std::string_view address = table[slot].address();
  if (task.empty() || address.empty()) {
    return nullptr;
  }
  if (const auto crowd = crowds.empty() ? crowds.end() : crowds.find(ToAbsl(address));
      crowd != crowds.end()) {
    const auto other = std::find_if(crowd->second.begin(), crowd->second.end(), [&](const Contender& c) {
      return c.slot != slot && c.instance->task != task;
    });
    return other == crowd->second.end() ? nullptr : other->instance;
  }
  size_t mates = 0;
  const Instance* latest = nullptr;
  const auto later = [&](SlotId, const Instance& instance) {
    if (instance.task != task && (latest == nullptr || latest->since < instance.since)) {
      latest = &instance;
    }
  };
  table.SameAddress(slot, [&](SlotId mate) {
    ++mates;
    Contenders(mate, later);
  });
  if (mates >= kCrowd && settling) {
    std::vector<Contender>& crowd = crowds[std::string(address)];
    const auto join = [&](SlotId at, const Instance& instance) { crowd.push_back({at, &instance}); };
    Contenders(slot, join);
    table.SameAddress(slot, [&](SlotId mate) { Contenders(mate, join); });
    std::stable_sort(crowd.begin(), crowd.end(), [](const Contender& x, const Contender& y) {
      return x.instance->since > y.instance->since;
    });
  }
  return latest;
}

Reconciler::Impl::Desire Reconciler::Impl::Resolve(SlotId slot) const {
  Desire best;
  table.Claimants(slot, [&](ServiceId id) {
    const Wanted* w = FindWanted(id, slot);
    if (w == nullptr) {
      return;
    }
    if (w->instance != kStructure && !IsStatic(At(id).key) && w->address == Fnv1a(table[slot].address())) {
      // Two tasks can't both be at one address: the one that came later is there.
      const Instance& mine = *At(id).service->instances[w->instance];
      const Instance* rival = Rival(slot, mine.task);
      if (rival != nullptr && (rival->since > mine.since || (!w->create && rival->since == mine.since))) {
        return;
      }
    }
    if (best.wanted == nullptr ||
        std::pair(!w->create, At(id).key) < std::pair(!best.wanted->create, At(best.service).key)) {
      best = {id, w};
    }
  });
  return best;
}

const Service* Reconciler::Impl::Listing(const ServiceState& state) const {
  if (state.service != nullptr) {
    return state.service.get();
  }
  const auto any = ids.find({state.key.app, kAnyPort});
  return any == ids.end() ? nullptr : At(any->second).service.get();
}

Decision Reconciler::Impl::Judge(SlotId slot) const {
  const Slot& s = table[slot];
  const ServiceState& state = At(s.service);
  Facts facts;
  facts.presence = s.presence;
  facts.structure = s.structure();
  facts.standing = state.standing;
  if (const Service* service = Listing(state); service != nullptr) {
    if (state.service == nullptr) {
      facts.standing = service->want == Want::kNo ? Standing::kGone : Standing::kDoubt;
    }
    facts.gone_why = service->why;
    facts.in_doubt = service->want == Want::kIfThere;
    facts.complete = service->complete;
    facts.missing = service->missing;
    if (const Instance* instance = s.structure() ? nullptr : FindInstance(*service, s.task())) {
      facts.listed = instance->want;
      facts.listed_why = instance->why;
      if (state.rotation != nullptr) {
        const uint32_t place = PlaceOf(*service, s.task());
        facts.leaving = state.rotation->Leaves(place);
        facts.unfit = state.standing == Standing::kPublished && state.rotation->Unfit(place);
      }
    }
  }
  if (s.ended && !facts.listed) {
    facts.listed = Want::kNo;  // as it was while it was listed
    facts.listed_why = Why::kEvent;
  }
  const bool is_static = IsStatic(state.key);
  if (!s.structure() && !is_static) {
    const Instance* rival = Rival(slot, s.task());
    const bool mine_later = rival != nullptr && facts.listed && *facts.listed != Want::kNo &&
                            FindInstance(*Listing(state), s.task())->since > rival->since;
    facts.taken_over = rival != nullptr && !mine_later;
  }
  if (state.service == nullptr && is_static) {
    // The configuration is all there is to know about these, and it names it no more.
    facts.standing = Standing::kGone;
    facts.gone_why = Why::kPolicy;
  }
  facts.other_framework = !is_static && s.framework != 0 && framework != 0 && s.framework != framework;
  return Decide(facts);
}

std::vector<uint32_t> Reconciler::Impl::MayLeave(ServiceId id, const std::vector<Due>& unfit) const {
  const ServiceState& state = At(id);
  std::set<uint32_t> served, missing;
  for (const Wanted& w : state.wanted) {
    if (w.instance != kStructure) {
      const bool there = table[w.slot].presence == Presence::kPresent && Resolve(w.slot).service == id;
      (there ? served : missing).insert(w.instance);
    }
  }
  // Those of which nobody knows whether they are there count for none.
  std::set<uint32_t> there, perhaps;
  for (const Due& due : unfit) {
    const uint32_t place = PlaceOf(*state.service, table[due.slot].task());
    (table[due.slot].presence == Presence::kPresent ? there : perhaps).insert(place);
  }
  size_t in_rotation = there.size();
  for (uint32_t place : served) {
    in_rotation += !missing.contains(place);
  }
  std::vector<uint32_t> may;
  for (uint32_t place : state.rotation->unfit) {
    if (there.contains(place) && in_rotation > state.rotation->least) {
      may.push_back(place);
      --in_rotation;
    } else if (!there.contains(place) && perhaps.contains(place) && in_rotation >= state.rotation->least) {
      may.push_back(place);
    }
  }
  return may;
}

Reconciler::Impl::Evaluation Reconciler::Impl::Evaluate(ServiceId id, Mono now, bool everything) const {
  const ServiceState& state = At(id);
  Evaluation result;
  std::vector<uint32_t> unsettled;  // instances of which something has still to be put
  for (const Wanted& w : state.wanted) {
    const Slot& s = table[w.slot];
    if (!lanes[s.lane].read_once || (s.in_flight && !everything)) {
      unsettled.push_back(w.instance);
      continue;
    }
    if (Resolve(w.slot).service != id) {
      continue;
    }
    Facts facts;
    facts.wanted = true;
    facts.create = w.create;
    facts.presence = s.presence;
    facts.same = s.presence == Presence::kPresent && !s.content_unknown && s.fingerprint == w.fingerprint;
    if (const Decision decision = Decide(facts); decision.act == Act::kPut) {
      unsettled.push_back(w.instance);
      result.due.push_back({w.slot, Op::kPut, decision, w.instance, w.fingerprint, false, false});
    }
  }

  if (policy.tiers != nullptr && !everything && !result.due.empty() && IsNew(id) &&
      !policy.tiers->MayCreate(tier_member, state.key)) {
    result.gated = false;
    if (Waits(id, false)) {
      // Nothing of it is there for its instances to go into.
      std::erase_if(result.due, [&](const Due& due) { return !table[due.slot].there(); });
    }
  }

  bool kept = false;         // an instance entry that is not wanted stays for now
  std::set<LaneId> leaving;  // lanes that instance entries are removed from
  std::vector<Due> structure, unfit;
  for (SlotId slot : state.present) {
    const Slot& s = table[slot];
    if (Resolve(slot).wanted != nullptr) {
      continue;
    }
    if (s.in_flight && !everything) {
      kept = kept || !s.structure();
      continue;
    }
    const Decision decision = Judge(slot);
    result.judged.emplace_back(slot, decision);
    bool goes = false;
    switch (decision.act) {
      case Act::kNothing:
      case Act::kPut:
        break;
      case Act::kRemove:
        goes = true;
        if (decision.cause == Cause::kSuperseded && !unsettled.empty() && !everything) {
          // What replaces it comes first, and if it can't come, the old one stays.
          const auto first = unsettled.begin(), last = unsettled.end();
          goes = !s.structure() && std::find(first, last, PlaceOf(*state.service, s.task())) == last;
        }
        break;
      case Act::kRemoveInFullPass: {
        const Brake::Verdict* verdict = brake.Find(slot);
        goes = everything || brake.MayGo(slot) ||
               (verdict != nullptr && verdict->state == Brake::State::kSeenByRead);
        break;
      }
      case Act::kSuspect:
      case Act::kSuspectInFullPass:
        goes = everything || brake.MayGo(slot);
        break;
      case Act::kHold: {
        const Brake::Verdict* verdict = brake.Find(slot);
        goes = everything || (verdict != nullptr && verdict->state == Brake::State::kReleased);
        break;
      }
    }
    if (!goes) {
      kept = kept || !s.structure();
      continue;
    }
    if (!s.structure()) {
      leaving.insert(s.lane);
    }
    (s.structure()                     ? structure
     : decision.cause == Cause::kUnfit ? unfit
                                       : result.due)
        .push_back({slot, Op::kDelete, decision, kStructure, s.fingerprint, false, false});
  }

  if (!unfit.empty()) {
    const std::vector<uint32_t> may = MayLeave(id, unfit);
    for (const Due& due : unfit) {
      const uint32_t place = PlaceOf(*state.service, table[due.slot].task());
      if (everything || std::find(may.begin(), may.end(), place) != may.end()) {
        result.due.push_back(due);
      } else {
        kept = true;
      }
    }
  }

  const auto mark = [&](Due& due) {
    const Unit* unit = queue.Find({id, table[due.slot].lane});
    if (unit == nullptr) {
      return;
    }
    for (const Blocked& b : unit->blocked()) {
      if (b.slot == due.slot && b.op == due.op && b.fingerprint == due.fingerprint) {
        due.refused = b.refused && now < b.until;
        due.blocked = !b.refused && now < unit->trouble->retry_at;
      }
    }
  };
  for (Due& due : result.due) {
    mark(due);
    kept = kept || (due.op == Op::kDelete && (due.blocked || due.refused));
  }
  // The shell of a service goes after all that is in it: within a lane the order of
  // the batch sees to that.
  if (policy.tiers != nullptr && !everything && !structure.empty() &&
      state.standing != Standing::kPublished && !policy.tiers->MayDelete(tier_member, state.key)) {
    result.gated = true;
    if (Waits(id, true)) {
      structure.clear();
    }
  }
  for (Due& due : structure) {
    const LaneId lane = table[due.slot].lane;
    const bool elsewhere = leaving.size() > (leaving.contains(lane) ? 1 : 0);
    if (everything || (!kept && !elsewhere)) {
      mark(due);
      result.due.push_back(due);
    }
  }
  if (scope == WriteScope::kSeenDead && !everything) {
    std::erase_if(result.due, [&](const Due& due) { return !RemovesSeenDead(state, due); });
  }
  return result;
}

bool Reconciler::Impl::RemovesSeenDead(const ServiceState& state, const Due& due) const {
  const Slot& s = table[due.slot];
  const Service* service = Listing(state);
  if (due.op != Op::kDelete || s.structure() || !traits.own_entries) {
    return false;
  }
  const Instance* instance = service == nullptr ? nullptr : FindInstance(*service, s.task());
  return instance != nullptr ? instance->ended : s.ended;
}

void Reconciler::Impl::NoteEnd(ServiceId id, SlotId slot) {
  Slot& s = table[slot];
  const Service* service = s.structure() ? nullptr : Listing(At(id));
  const Instance* instance = service == nullptr ? nullptr : FindInstance(*service, s.task());
  s.ended = instance != nullptr ? instance->ended : s.ended;
}

void Reconciler::Impl::RememberDead(ServiceId id, const Service* next, Mono now) {
  const Service* before = At(id).service.get();
  const bool writes = asked != Mono::min() && now < asked + kAskedOfLate;
  const auto unread = [](const LaneState& lane) { return lane.known && !lane.read_once; };
  if (before == nullptr || (writes && std::none_of(lanes.begin(), lanes.end(), unread))) {
    return;
  }
  for (const auto& instance : before->instances) {
    if (instance->ended && (next == nullptr || FindInstance(*next, instance->task) == nullptr)) {
      dead.Add(instance->task, kDeadFor, now);
    }
  }
}

void Reconciler::Impl::Touch(ServiceId id, Mono now) {
  const Evaluation found = Evaluate(id, now, false);
  SetGate(id, found.gated, now);
  TellTiers(id);
  ServiceState& state = At(id);
  if (!brake.idle()) {
    for (const Wanted& w : state.wanted) {
      if (Resolve(w.slot).wanted != nullptr) {
        brake.Forget(w.slot);
      }
    }
  }
  std::map<ServiceId, std::vector<SlotId>> newly_held;
  const auto hold = [&](SlotId slot, Brake::State why) {
    if (brake.Hold(slot, why)) {
      newly_held[id].push_back(slot);
    }
  };
  for (const auto& [slot, decision] : found.judged) {
    NoteEnd(id, slot);
    if (decision.act == Act::kNothing || decision.act == Act::kRemove) {
      brake.Forget(slot);
    } else if (decision.act == Act::kHold) {
      hold(slot, Brake::State::kOtherFramework);
    } else if (decision.act == Act::kSuspect) {
      hold(slot, Brake::State::kUnconfirmed);
    }
  }
  SayHeld(newly_held, now);

  struct Counts {
    size_t sendable = 0, blocked = 0, refused = 0;
  };
  std::map<LaneId, Counts> counts;
  for (LaneId lane : state.units) {
    counts.try_emplace(lane);
  }
  for (const Due& due : found.due) {
    Counts& c = counts[table[due.slot].lane];
    ++(due.refused ? c.refused : due.blocked ? c.blocked : c.sendable);
  }
  for (const auto& [lane, c] : counts) {
    const UnitKey key{id, lane};
    if (Unit* unit = queue.Find(key); unit != nullptr && unit->trouble != nullptr) {
      std::erase_if(unit->trouble->blocked, [&](const Blocked& b) {
        return std::none_of(found.due.begin(), found.due.end(), [&](const Due& due) {
          return due.slot == b.slot && due.op == b.op && due.fingerprint == b.fingerprint;
        });
      });
    }
    queue.Update(key, c.sendable, c.blocked, c.refused);
    if (queue.Find(key) == nullptr) {
      state.units.erase(lane);
    } else {
      state.units.insert(lane);
    }
  }
}

}  // namespace dispatcher
