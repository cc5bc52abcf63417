// Since when what is there is as it is, and of whom it is known that they ended: handed from one reconciler
// to its successor.
#include "dispatcher/base/strings.h"
#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

uint64_t Reconciler::Impl::KeyOf(SlotId slot) const {
  const Slot& s = table[slot];
  const std::string_view end("\0", 1);
  uint64_t key = Fnv1a(lanes[s.lane].name);
  key = Fnv1a(kinds.Name(s.kind), Fnv1a(end, key));
  return Fnv1a(s.id(), Fnv1a(end, key));
}

void Reconciler::Impl::Recall(SlotId slot) {
  if (inherited.empty()) {
    return;
  }
  Slot& s = table[slot];
  const auto age = inherited.find(KeyOf(slot));
  if (s.presence == Presence::kPresent && age != inherited.end() &&
      age->second.fingerprint == s.fingerprint) {
    s.since = age->second.since;
    s.found = age->second.found;
    if (age->second.ended) {
      s.ended = true;
      NoteEnd(s.service, slot);
      MarkSlot(slot);
    }
  }
}

std::vector<Age> Reconciler::Ages() const {
  const Impl& im = *impl_;
  std::vector<Age> ages;
  ages.reserve(im.actual);
  for (const LaneState& lane : im.lanes) {
    for (SlotId slot : lane.slots) {
      const Slot& s = im.table[slot];
      // A removal that ended without a word may have left it there.
      if ((s.presence == Presence::kPresent && !s.content_unknown) || (s.there() && s.ended)) {
        ages.push_back({im.KeyOf(slot), s.fingerprint, s.since, s.found, s.ended});
      }
    }
  }
  return ages;
}

void Reconciler::Inherit(const std::vector<Age>& ages) {
  Impl& im = *impl_;
  for (const Age& age : ages) {
    im.inherited.emplace(age.entry, age);
  }
  for (const LaneState& lane : im.lanes) {
    for (SlotId slot : lane.slots) {
      im.Recall(slot);
    }
  }
}

}  // namespace dispatcher
