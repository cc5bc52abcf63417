#include "dispatcher/reconcile/state.h"

#include <algorithm>
#include <utility>

namespace dispatcher {

using namespace reconcile;

Reconciler::Impl::Impl(const Adapter& a, ReconcilePolicy p)
    : adapter(a),
      policy(std::move(p)),
      traits(a.GetTraits()),
      queue(policy.retry, policy.seed, static_cast<size_t>(std::max(traits.parallelism, 1)), traits.lanes),
      bucket(policy.max_writes_per_second),
      watch(policy.watch, traits.watches, policy.seed),
      brake(policy.brake),
      lanes_backoff(policy.retry, policy.seed) {
  if (policy.tiers != nullptr) {
    tier_member = policy.tiers->Join(traits.tier);
  }
}

ServiceId Reconciler::Impl::IdOf(const ServiceKey& key) {
  const auto [it, added] = ids.try_emplace(key, static_cast<ServiceId>(services.size()));
  if (added) {
    services.push_back(std::make_unique<ServiceState>());
    services.back()->key = key;
  }
  return it->second;
}

LaneId Reconciler::Impl::LaneOf(std::string_view name) {
  LaneId lane = 0;
  if (auto it = lane_ids.find(name); it != lane_ids.end()) {
    lane = it->second;
  } else {
    lane = static_cast<LaneId>(lanes.size());
    lane_ids.emplace(std::string(name), lane);
    lanes.emplace_back();
    lanes.back().name = name;
    lanes.back().backoff = Backoff(policy.retry, policy.seed ^ (lane + 1));
  }
  LaneState& state = lanes[lane];
  if (!state.known) {
    state.known = true;
    state.due = true;
  }
  return lane;
}

SlotId Reconciler::Impl::SlotOf(LaneId lane, uint16_t kind, std::string_view id) {
  const SlotId slot = table.Get(lane, kind, id);
  if (table[slot].lane_at == kNone) {
    table[slot].lane_at = static_cast<uint32_t>(lanes[lane].slots.size());
    lanes[lane].slots.push_back(slot);
  }
  return slot;
}

void Reconciler::Impl::MaybeFree(SlotId slot) {
  const Slot& s = table[slot];
  if (s.lane == kNone) {
    return;  // freed already
  }
  LaneState& lane = lanes[s.lane];
  // What was deleted during a read must be remembered until it ends: the read may
  // still show it.
  if (s.there() || s.claimant != kNone || s.in_flight || (lane.reading && s.touched == lane.reads)) {
    return;
  }
  const SlotId last = lane.slots.back();
  lane.slots[s.lane_at] = last;
  table[last].lane_at = s.lane_at;
  lane.slots.pop_back();
  brake.Forget(slot);
  drift.erase(slot);
  table.Free(slot);
}

void Reconciler::Impl::MaybeForget(ServiceId id) {
  const ServiceState& state = At(id);
  if (state.service != nullptr || !state.present.empty() || !state.wanted.empty() || !state.units.empty() ||
      state.dirty) {
    return;
  }
  for (const LaneState& lane : lanes) {
    if (lane.reading) {
      return;  // what it has shown so far refers to services by number
    }
  }
  claims.Set(id, state.key, {}, false);
  SetGate(id, std::nullopt, Mono{});
  refused.erase(id);
  ids.erase(state.key);
  services[id].reset();
}

void Reconciler::Impl::SetThere(SlotId slot, const Staged& what, Presence presence, Mono now) {
  Slot& s = table[slot];
  if (s.there() && s.service != what.service) {
    SetAbsent(slot);
  }
  const bool news = !s.there();
  if (news) {
    std::vector<SlotId>& present = At(what.service).present;
    s.service = what.service;
    s.service_at = static_cast<uint32_t>(present.size());
    present.push_back(slot);
    ++actual;
    if (present.size() == 1) {
      claims.SetHolding(what.service, true);
    }
  }
  if (news || s.fingerprint != what.fingerprint) {
    s.since = static_cast<uint32_t>(now.time_since_epoch() / std::chrono::seconds(1));
    s.found = false;
  }
  const std::string_view text = what.text;
  SetText(slot, text.substr(what.id_size, what.task_size), text.substr(what.id_size + what.task_size));
  if (news && dead.Holds(s.task())) {
    s.ended = true;
    NoteEnd(what.service, slot);
  }
  s.fingerprint = what.fingerprint;
  s.framework = what.framework;
  s.rank = what.rank;
  SetPresence(s, presence);
  s.content_unknown = false;
  MarkSlot(slot);
}

void Reconciler::Impl::SetAbsent(SlotId slot) {
  Slot& s = table[slot];
  if (!s.there()) {
    return;
  }
  MarkSlot(slot);
  std::vector<SlotId>& present = At(s.service).present;
  const SlotId last = present.back();
  present[s.service_at] = last;
  table[last].service_at = s.service_at;
  present.pop_back();
  --actual;
  if (present.empty()) {
    claims.SetHolding(s.service, false);
  }
  SetPresence(s, Presence::kAbsent);
  s.service = kNone;
  s.content_unknown = false;
  brake.Forget(slot);
}

void Reconciler::Impl::SetText(SlotId slot, std::string_view task, std::string_view address) {
  if (table[slot].task() == task && table[slot].address() == address) {
    return;
  }
  const auto mark = [&](SlotId mate) { MarkSlot(mate); };
  table.SameAddress(slot, mark);
  table.SetText(slot, task, address);
  table.SameAddress(slot, mark);
}

void Reconciler::Impl::MarkDirty(ServiceId id) {
  if (!At(id).dirty) {
    At(id).dirty = true;
    dirty.push_back(id);
  }
}

void Reconciler::Impl::MarkSlot(SlotId slot) {
  if (table[slot].there()) {
    MarkDirty(table[slot].service);
  }
  table.Claimants(slot, [&](ServiceId id) { MarkDirty(id); });
}

EntryId Reconciler::Impl::IdOfSlot(SlotId slot) const {
  const Slot& s = table[slot];
  return {lanes[s.lane].name, kinds.Name(s.kind), std::string(s.id())};
}

Staged Reconciler::Impl::Compact(const Entry& entry) {
  Staged staged;
  staged.text.reserve(entry.id.id.size() + entry.task.size() + entry.address.size());
  staged.text.append(entry.id.id).append(entry.task).append(entry.address);
  staged.id_size = static_cast<uint32_t>(entry.id.id.size());
  staged.task_size = static_cast<uint32_t>(entry.task.size());
  staged.fingerprint = entry.Fingerprint();
  staged.service = IdOf(entry.service);
  staged.kind = static_cast<uint16_t>(kinds.Intern(entry.id.kind));
  staged.framework = static_cast<uint16_t>(frameworks.Intern(entry.framework));
  staged.rank = entry.rank;
  return staged;
}

void Reconciler::Impl::Say(NoteKind kind, const AppId& app, const TaskId& task, std::string text) {
  notes.push_back({kind, app, task, std::move(text)});
}

void Reconciler::Impl::Settle(Mono now) {
  dead.Expire(kDeadFor, now);
  for (;;) {
    for (ServiceId id : claims.TakeChanged()) {
      if (services[id] != nullptr) {
        Refresh(id);
      }
    }
    if (dirty.empty()) {
      break;
    }
    settling = true;
    for (ServiceId id : std::exchange(dirty, {})) {
      At(id).dirty = false;
      Touch(id, now);
      MaybeForget(id);
    }
    settling = false;
    crowds.clear();
  }
  if (held_told && !brake.HoldsAny()) {
    held_told = false;
    Say(NoteKind::kHeld, "", "", "no removal is held back any more");
  }
}

}  // namespace dispatcher
