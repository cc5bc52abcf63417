#include <algorithm>
#include <utility>

#include "dispatcher/base/strings.h"
#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

namespace {

bool SameProfile(const Service& a, const Service& b) {
  return a.profile == b.profile || (a.profile != nullptr && b.profile != nullptr && *a.profile == *b.profile);
}

}  // namespace

void Reconciler::Impl::Offer(ServiceId id, std::shared_ptr<const Service> service) {
  ServiceState& state = At(id);
  const std::shared_ptr<const Service> before = std::exchange(state.service, std::move(service));
  MarkDirty(id);
  if (state.key.port == kAnyPort) {
    // It speaks for every service of the app that nothing else is known of.
    for (auto it = ids.lower_bound(state.key); it != ids.end() && it->first.app == state.key.app; ++it) {
      MarkDirty(it->second);
    }
  }
  Rendered rendered;
  if (state.service != nullptr && state.service->want != Want::kNo) {
    rendered = adapter.Render(*state.service);
  } else {
    rendered.published = false;
  }
  const bool published = rendered.published && rendered.refusal.empty();
  claims.Set(id, state.key, published ? rendered.claims : std::vector<Claim>(), !state.present.empty());

  if (state.service == nullptr) {
    SetStanding(state, Standing::kUnknown, "");
  } else if (state.service->want == Want::kNo) {
    SetStanding(state, Standing::kGone, "");
  } else if (!published) {
    const bool doubt = state.service->want == Want::kIfThere || state.service->profile == nullptr;
    SetStanding(state, doubt ? Standing::kDoubt : Standing::kUnpublished, rendered.refusal);
  } else if (claims.Of(id) == Claims::Outcome::kRefused) {
    SetStanding(state, Standing::kUnpublished, claims.Reason(id));
  } else if (claims.Of(id) == Claims::Outcome::kOpen) {
    SetStanding(state, Standing::kDoubt, "");
  } else {
    SetStanding(state, Standing::kPublished, "");
  }
  const std::unique_ptr<const Rotation> rotation_before = Rotate(state);
  Want(id, state.standing == Standing::kPublished ? RenderAll(id, rendered, before, rotation_before.get())
                                                  : std::vector<Wanted>());
  // What is in flight is judged when it has come down; by then the dead may be listed no more.
  for (const auto& [number, flight] : flights) {
    for (const Flight::Item& item : flight.items) {
      if (item.unit == id) {
        NoteEnd(id, item.slot);
      }
    }
  }
}

std::unique_ptr<const Rotation> Reconciler::Impl::Rotate(ServiceState& state) {
  std::unique_ptr<const Rotation> before = std::move(state.rotation);
  if (state.service != nullptr && traits.tier != Tier::kDiscovery) {
    Rotation now = reconcile::Rotate(*state.service, policy.panic_threshold);
    if (state.standing != Standing::kPublished) {
      now.unfit.clear();  // nothing is taken out of a rotation that is not ours
      now.kept = 0;
    }
    if (!now.leaving.empty() || !now.unfit.empty() || now.kept > 0) {
      state.rotation = std::make_unique<const Rotation>(std::move(now));
    }
  }
  const bool panicked = before != nullptr && before->kept > 0;
  if (const std::string panic = PanicOf(state); panic.empty() == panicked) {
    Say(NoteKind::kHeld, state.key.app, "",
        panic.empty() ? "no instance stays in rotation by the panic threshold alone any more" : panic);
  }
  return before;
}

// Its claims were judged anew, or entries look different now.
void Reconciler::Impl::Refresh(ServiceId id) {
  const std::shared_ptr<const Service> service = At(id).service;
  At(id).service = nullptr;  // so that nothing rendered before is taken over
  Offer(id, service);
}

void Reconciler::Impl::SetStanding(ServiceState& state, Standing standing, const std::string& refusal) {
  if (refusal != state.refusal) {
    const ServiceId id = ids.at(state.key);
    if (refusal.empty()) {
      refused.erase(id);
      Say(NoteKind::kRefused, state.key.app, "", "no longer refused, it was: " + state.refusal);
    } else {
      refused.insert(id);
      Say(NoteKind::kRefused, state.key.app, "", "not published: " + refusal);
    }
  }
  state.standing = standing;
  state.refusal = refusal;
}

std::vector<Wanted> Reconciler::Impl::RenderAll(ServiceId id, const Rendered& rendered,
                                                const std::shared_ptr<const Service>& before,
                                                const Rotation* rotation_before) {
  const ServiceState& state = At(id);
  const Service& service = *state.service;
  std::vector<Wanted> wanted;
  const auto add = [&](const Entry& entry, uint32_t instance, bool create) {
    Wanted w;
    w.slot = SlotOf(LaneOf(entry.id.lane), static_cast<uint16_t>(kinds.Intern(entry.id.kind)), entry.id.id);
    w.fingerprint = entry.Fingerprint();
    w.address = entry.address.empty() ? 0 : Fnv1a(entry.address);
    w.instance = instance;
    w.create = create;
    if (!table[w.slot].there()) {
      SetText(w.slot, entry.task, entry.address);
    }
    wanted.push_back(w);
  };
  for (const Entry& entry : rendered.structure) {
    add(entry, kStructure, service.want == Want::kYes);
  }

  // An instance that is the very same object looks the same: nothing to render.
  std::vector<Wanted> old;
  if (before != nullptr && SameProfile(*before, service)) {
    old = state.wanted;
    std::sort(old.begin(), old.end(),
              [](const Wanted& a, const Wanted& b) { return a.instance < b.instance; });
  }
  size_t old_instance = 0;
  auto next_old = old.begin();
  for (uint32_t i = 0; i < service.instances.size(); ++i) {
    const Instance& instance = *service.instances[i];
    if (state.rotation != nullptr && state.rotation->Out(i)) {
      continue;
    }
    if (!old.empty()) {
      // Both lists are sorted by task id.
      while (old_instance < before->instances.size() &&
             before->instances[old_instance]->task < instance.task) {
        ++old_instance;
      }
      if (old_instance < before->instances.size() &&
          before->instances[old_instance] == service.instances[i] &&
          (rotation_before == nullptr || !rotation_before->Out(static_cast<uint32_t>(old_instance)))) {
        while (next_old != old.end() && next_old->instance < old_instance) {
          ++next_old;
        }
        for (; next_old != old.end() && next_old->instance == old_instance; ++next_old) {
          wanted.push_back(*next_old);
          wanted.back().instance = i;
        }
        continue;
      }
    }
    // Without an address there is nothing to write, and while health is not known
    // nothing true to say of it: what is there stays as it is.
    const bool untold = instance.want == Want::kIfThere && instance.condition == Condition::kUnknown;
    if (instance.want == Want::kNo || instance.address.empty() || untold) {
      continue;
    }
    for (const Entry& entry : adapter.Render(service, instance)) {
      add(entry, i, instance.want == Want::kYes);
    }
  }
  return wanted;
}

void Reconciler::Impl::Want(ServiceId id, std::vector<Wanted> wanted) {
  const auto by_slot = [](const Wanted& a, const Wanted& b) { return a.slot < b.slot; };
  // One entry rendered twice (two instances at one address): the first one counts,
  // but one that may be created before one that may not.
  std::stable_sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) {
    return a.slot != b.slot ? a.slot < b.slot : a.create > b.create;
  });
  wanted.erase(std::unique(wanted.begin(), wanted.end(),
                           [](const Wanted& a, const Wanted& b) { return a.slot == b.slot; }),
               wanted.end());
  wanted.shrink_to_fit();

  ServiceState& state = At(id);
  const std::vector<Wanted> old = std::exchange(state.wanted, std::move(wanted));
  desired += state.wanted.size() - old.size();
  const auto mark_rivals = [&](SlotId slot) {
    table.SameAddress(slot, [&](SlotId mate) { MarkSlot(mate); });
  };
  for (const Wanted& w : state.wanted) {
    const auto was = std::lower_bound(old.begin(), old.end(), w, by_slot);
    const bool is_new = was == old.end() || was->slot != w.slot;
    if (is_new) {
      if (table[w.slot].ended) {
        NoteEnd(id, w.slot);
      }
      table.AddClaimant(w.slot, id);
      MarkSlot(w.slot);
    }
    if (is_new || was->fingerprint != w.fingerprint) {
      table[w.slot].fresh = true;
    }
    mark_rivals(w.slot);
  }
  for (const Wanted& w : old) {
    const auto is = std::lower_bound(state.wanted.begin(), state.wanted.end(), w, by_slot);
    if (is != state.wanted.end() && is->slot == w.slot) {
      continue;
    }
    NoteEnd(id, w.slot);
    table.RemoveClaimant(w.slot, id);
    mark_rivals(w.slot);
    MarkSlot(w.slot);
    MaybeFree(w.slot);
  }
}

}  // namespace dispatcher
