// A service's structure and the other tiers: what waits, for how long, and what this
// adapter tells the others. Beside tiers.h, which holds what they all know.
#include <algorithm>
#include <utility>

#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

bool Reconciler::Impl::Waits(ServiceId id, bool deleting) const {
  const auto it = gates.find(id);
  return it == gates.end() || it->second.deleting != deleting || !it->second.over;
}

bool Reconciler::Impl::IsNew(ServiceId id) const {
  const ServiceState& state = At(id);
  bool structured = false;
  for (const Wanted& w : state.wanted) {
    const Slot& s = table[w.slot];
    if (w.instance == kStructure) {
      structured = true;
      if (s.there() || s.in_flight) {
        return false;
      }
    }
  }
  for (SlotId slot : state.present) {
    if (table[slot].structure()) {
      return false;  // under an old name
    }
  }
  return structured;
}

void Reconciler::Impl::SetGate(ServiceId id, std::optional<bool> deleting, Mono now) {
  const auto it = gates.find(id);
  if (it != gates.end() && deleting == it->second.deleting) {
    return;
  }
  if (it != gates.end()) {
    gate_ends.erase({it->second.until, id});
    gates.erase(it);
  }
  if (deleting) {
    const Mono until = now + policy.tier_wait;
    gates[id] = {until, *deleting, false};
    gate_ends.emplace(until, id);
  }
}

void Reconciler::Impl::OpenGates(Mono now) {
  while (!gate_ends.empty() && gate_ends.begin()->first <= now) {
    const ServiceId id = gate_ends.begin()->second;
    gate_ends.erase(gate_ends.begin());
    Gate& gate = gates.at(id);
    gate.over = true;
    MarkDirty(id);
    Say(NoteKind::kApp, At(id).key.app, "",
        gate.deleting ? "deleted although a tier above still has it: it was waited for long enough"
                      : "created although a tier below has it not yet: it was waited for long enough");
  }
}

void Reconciler::Impl::ShutGates(Mono now) {
  gate_ends.clear();
  for (auto& [id, gate] : gates) {
    gate.until = now + policy.tier_wait;
    gate.over = false;
    gate_ends.emplace(gate.until, id);
  }
}

void Reconciler::Impl::OpenToTiers() {
  // Where lanes fail alone, a dead one must not keep every tier waiting for ever.
  const bool known = lanes_known && std::all_of(lanes.begin(), lanes.end(), [&](const LaneState& lane) {
                       return !lane.known || lane.read_once || (traits.lanes && lane.attempted);
                     });
  if (policy.tiers != nullptr && known && !std::exchange(tiers_opened, true)) {
    policy.tiers->Opened(tier_member);
    tier_news.all = true;
  }
}

void Reconciler::Impl::TellTiers(ServiceId id) {
  if (policy.tiers == nullptr) {
    return;
  }
  const ServiceState& state = At(id);
  bool lacks_structure = false, wants_instances = false, has_instance = false;
  if (state.standing == Standing::kPublished) {
    for (const Wanted& w : state.wanted) {
      const bool there = table[w.slot].presence == Presence::kPresent;
      if (w.instance == kStructure) {
        lacks_structure = lacks_structure || (w.create && !there);
      } else {
        wants_instances = wants_instances || w.create;
        has_instance = has_instance || there;
      }
    }
  }
  bool holding = false;
  for (SlotId slot : state.present) {
    holding = holding || table[slot].structure();
  }
  const bool missing = lacks_structure || (wants_instances && !has_instance);
  if (policy.tiers->Set(tier_member, state.key, missing, holding)) {
    tier_news.services.push_back(state.key);
  }
}

void Reconciler::TiersMoved(const TierNews& news, Mono now) {
  Impl& im = *impl_;
  if (news.all) {
    for (const auto& [id, gate] : im.gates) {
      im.MarkDirty(id);
    }
  }
  for (const ServiceKey& key : news.services) {
    if (const auto it = im.ids.find(key); it != im.ids.end() && im.gates.contains(it->second)) {
      im.MarkDirty(it->second);
    }
  }
  im.Settle(now);
}

TierNews Reconciler::TakeTierNews() { return std::exchange(impl_->tier_news, {}); }

}  // namespace dispatcher
