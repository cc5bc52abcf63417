#include <algorithm>
#include <utility>

#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

namespace {

// Above so many services, or apps, the log gets one line for all of them.
constexpr size_t kServicesTold = 10;
// Entries that are named in a line.
constexpr size_t kEntriesNamed = 5;

}  // namespace

void Reconciler::Impl::SayHeld(const std::map<ServiceId, std::vector<SlotId>>& newly, Mono now) {
  if (newly.empty()) {
    return;
  }
  held_told = true;
  const auto told = [&](const std::vector<SlotId>& slots, size_t count, const std::string& of) {
    const SlotId first = *std::min_element(slots.begin(), slots.end(),
                                           [&](SlotId a, SlotId b) { return table[a].id() < table[b].id(); });
    return Count(count, "removal", "removals") + of + (count == 1 ? " is" : " are") +
           " held back: " + kinds.Name(table[first].kind) + " " + std::string(table[first].id()) + " is " +
           brake.Reason(*brake.Find(first), now);
  };
  if (newly.size() <= kServicesTold) {
    for (const auto& [service, slots] : newly) {
      Say(NoteKind::kHeld, At(service).key.app, "", told(slots, slots.size(), ""));
    }
    return;
  }
  size_t all = 0;
  for (const auto& [service, slots] : newly) {
    all += slots.size();
  }
  Say(NoteKind::kHeld, "", "",
      told(newly.begin()->second, all, " of " + std::to_string(newly.size()) + " services") + ", and so on");
}

std::string Reconciler::Impl::Named(std::vector<SlotId> slots) const {
  std::sort(slots.begin(), slots.end(), [&](SlotId a, SlotId b) { return table[a].id() < table[b].id(); });
  std::string names;
  for (size_t i = 0; i < std::min(slots.size(), kEntriesNamed); ++i) {
    names.append(i == 0 ? "" : ", ").append(kinds.Name(table[slots[i]].kind)).append(" ");
    names.append(table[slots[i]].id());
  }
  const size_t rest = slots.size() - std::min(slots.size(), kEntriesNamed);
  return names + (rest == 0 ? "" : " and " + std::to_string(rest) + " more");
}

void Reconciler::Impl::SayGone(const std::vector<SlotId>& slots,
                               absl::FunctionRef<std::string(size_t)> what) {
  std::map<AppId, std::vector<SlotId>> apps;
  for (SlotId slot : slots) {
    apps[At(table[slot].service).key.app].push_back(slot);
  }
  if (apps.size() > kServicesTold) {
    Say(NoteKind::kHeld, "", "", what(slots.size()) + ": " + Named(slots));
    return;
  }
  for (const auto& [app, of_it] : apps) {
    Say(NoteKind::kHeld, app, "", what(of_it.size()) + ": " + Named(of_it));
  }
}

void Reconciler::BeginFullPass(bool empty, const std::string& framework, Mono now) {
  Impl& im = *impl_;
  im.pass = {im.pass.number + 1, now, empty};
  im.lanes_due = true;
  for (LaneState& lane : im.lanes) {
    lane.due = lane.due || lane.known;
  }
  const uint32_t number = im.frameworks.Intern(framework);
  if (number != im.framework) {
    im.framework = number;
    for (ServiceId id = 0; id < im.services.size(); ++id) {
      if (im.services[id] != nullptr && im.At(id).service != nullptr) {
        im.Refresh(id);
      } else if (im.services[id] != nullptr) {
        im.MarkDirty(id);
      }
    }
  }
  if (empty) {
    im.brake.Doubt([&](SlotId slot) { return im.table[slot].in_flight; });
    im.held_told = im.held_told || im.brake.HoldsAny();
    im.brake.ForEachHeld([&](SlotId slot, const Brake::Verdict&) { im.MarkSlot(slot); });
  }
  im.Settle(now);
}

void Reconciler::ReadAnew(Mono now) {
  Impl& im = *impl_;
  im.lanes_due = true;
  im.lanes_retry_at = now;
  for (LaneId id = 0; id < im.lanes.size(); ++id) {
    LaneState& lane = im.lanes[id];
    lane.due = lane.due || lane.known;
    lane.too_early = lane.reading;
    lane.read_once = false;
    lane.retry_at = now;
    im.queue.Lane(id).open = false;
  }
  im.drift.clear();   // it may have been the doing of whoever wrote until now
  im.ShutGates(now);  // nobody could act on what was waited for
  im.Settle(now);
}

void Reconciler::SetScope(WriteScope scope, Mono now) {
  Impl& im = *impl_;
  if (std::exchange(im.scope, scope) == scope) {
    return;
  }
  for (ServiceId id = 0; id < im.services.size(); ++id) {
    if (im.services[id] != nullptr) {
      im.MarkDirty(id);
    }
  }
  im.Settle(now);
}

bool Reconciler::LanesWanted(Mono now) const {
  return impl_->lanes_due && !impl_->lanes_asked && now >= impl_->lanes_retry_at;
}

void Reconciler::LanesAsked() { impl_->lanes_asked = true; }

void Reconciler::LanesKnown(const absl::StatusOr<std::vector<std::string>>& lanes, Mono now) {
  Impl& im = *impl_;
  im.lanes_asked = false;
  if (!lanes.ok()) {
    if (im.lanes_error.empty()) {
      im.lanes_failing_since = now;
    }
    if (Impl::IsLoud(im.lanes_backoff.failures())) {
      im.Say(NoteKind::kRead, "", "", "what there is to read can't be listed: " + Text(lanes.status()));
    }
    im.lanes_error = Text(lanes.status());
    im.lanes_retry_at = now + im.lanes_backoff.Next();
    return;
  }
  if (!im.lanes_error.empty()) {
    im.Say(NoteKind::kRead, "", "",
           "what there is to read can be listed again, after " + Lasted(im.lanes_failing_since, now));
  }
  im.lanes_error.clear();
  im.lanes_backoff.Reset();
  im.lanes_retry_at = now;
  im.lanes_due = false;
  im.lanes_known = true;
  std::set<LaneId> listed;
  for (const std::string& name : *lanes) {
    listed.insert(im.LaneOf(name));
  }
  for (LaneId id = 0; id < im.lanes.size(); ++id) {
    LaneState& lane = im.lanes[id];
    // The list may have been asked for before something was written there.
    const bool written = std::exchange(lane.written, false);
    if (!lane.known || lane.reading || written || listed.contains(id) || im.queue.Lane(id).in_flight > 0 ||
        std::any_of(lane.slots.begin(), lane.slots.end(),
                    [&](SlotId slot) { return im.table[slot].claimant != kNone; })) {
      continue;
    }
    // The list is complete: nothing of ours is there, and nobody wants to be.
    for (SlotId slot : std::vector<SlotId>(lane.slots)) {
      im.SetAbsent(slot);
      im.MaybeFree(slot);
    }
    lane.known = lane.due = lane.read_once = false;
    lane.read_error.clear();
    lane.write_error.clear();
    im.queue.Lane(id).open = false;
  }
  im.SettleClaims();
  im.Settle(now);
  im.OpenToTiers();
}

std::optional<std::string> Reconciler::NextRead(Mono now) {
  if (const std::optional<Mono> at = impl_->watch.ReadAt(impl_->IsWriting()); at && *at <= now) {
    for (LaneState& lane : impl_->lanes) {
      lane.due = lane.due || lane.known;
    }
  }
  for (LaneState& lane : impl_->lanes) {
    if (lane.due && !lane.reading && now >= lane.retry_at) {
      lane.reading = true;
      ++lane.reads;
      impl_->watch.ReadBegan(now);
      return lane.name;
    }
  }
  return std::nullopt;
}

void Reconciler::Observed(const std::string& name, Entry entry) {
  Impl& im = *impl_;
  const auto it = im.lane_ids.find(name);
  if (it == im.lane_ids.end() || !im.lanes[it->second].reading || entry.id.lane != name) {
    return;
  }
  LaneState& lane = im.lanes[it->second];
  Staged staged = im.Compact(entry);
  const SlotId slot = im.table.Find(it->second, staged.kind, entry.id.id);
  if (slot != kNone) {
    Slot& s = im.table[slot];
    if (s.presence == Presence::kPresent && !s.content_unknown) {
      if (s.fingerprint == staged.fingerprint && s.framework == staged.framework &&
          s.service == staged.service) {
        s.seen = lane.reads;  // nothing new: nothing to keep till the end
        return;
      }
      if (!s.in_flight && s.touched != lane.reads) {
        lane.altered.emplace_back(slot, im.Alteration(slot, entry));
      }
    }
  }
  lane.staged.push_back(std::move(staged));
}

void Reconciler::ReadEnded(const std::string& name, const absl::Status& status, Mono now) {
  Impl& im = *impl_;
  const auto it = im.lane_ids.find(name);
  if (it == im.lane_ids.end() || !im.lanes[it->second].reading) {
    return;
  }
  const LaneId id = it->second;
  LaneState& lane = im.lanes[id];
  const std::vector<Staged> staged = std::exchange(lane.staged, {});
  im.watch.ReadEnded(status.ok(), now);
  lane.reading = false;
  lane.attempted = true;
  const std::string what = name.empty() ? "reading" : "reading " + name;
  if (!status.ok()) {
    if (lane.read_error.empty()) {
      lane.read_failing_since = now;
    }
    if (Impl::IsLoud(lane.backoff.failures())) {
      im.Say(NoteKind::kRead, "", "", what + " fails: " + Text(status));
    }
    lane.altered.clear();
    lane.read_error = Text(status);
    lane.retry_at = now + lane.backoff.Next();
    lane.too_early = false;
  } else {
    if (!lane.read_error.empty()) {
      im.Say(NoteKind::kRead, "", "",
             what + " works again, after " + Lasted(lane.read_failing_since, now) + " and " +
                 Failures(lane.backoff.failures()));
    }
    lane.read_error.clear();
    lane.backoff.Reset();
    lane.retry_at = now;
    lane.due = std::exchange(lane.too_early, false);
    im.Apply(id, staged, now);
    if (!lane.due && !std::exchange(lane.read_once, true)) {
      im.queue.Lane(id).open = true;
      // What was wanted before we knew what is there is no event's doing.
      for (SlotId slot : lane.slots) {
        im.table[slot].fresh = false;
        im.table[slot].found = im.table[slot].there();
        im.Recall(slot);
      }
      if (std::all_of(im.lanes.begin(), im.lanes.end(),
                      [](const LaneState& l) { return !l.known || l.read_once; })) {
        im.inherited = {};
      }
    }
  }
  im.SettleClaims();
  im.Settle(now);
  im.OpenToTiers();
  if (status.ok() && lane.compared < im.pass.number) {
    lane.compared = im.pass.number;
    im.Compare(id, now);
  }
  // What was touched during the read may be forgotten now.
  for (SlotId slot : std::vector<SlotId>(lane.slots)) {
    if (status.ok()) {
      im.MarkSlot(slot);
    }
    im.MaybeFree(slot);
  }
  if (std::none_of(im.lanes.begin(), im.lanes.end(), [](const LaneState& l) { return l.reading; })) {
    for (ServiceId service = 0; service < im.services.size(); ++service) {
      if (im.services[service] != nullptr && im.At(service).service == nullptr) {
        im.MarkDirty(service);  // so may this be
      }
    }
  }
  im.Settle(now);
}

void Reconciler::Impl::Apply(LaneId id, const std::vector<Staged>& staged, Mono now) {
  LaneState& lane = lanes[id];
  std::vector<SlotId> gone;
  const auto key = [](const Staged& s) { return std::string_view(s.text).substr(0, s.id_size); };
  for (const Staged& s : staged) {
    const SlotId slot = SlotOf(id, s.kind, key(s));
    table[slot].seen = lane.reads;
    if (table[slot].touched != lane.reads) {
      SetThere(slot, s, Presence::kPresent, now);
    }
  }
  for (SlotId slot : lane.slots) {
    if (table[slot].seen != lane.reads && table[slot].touched != lane.reads) {
      if (table[slot].presence == Presence::kPresent && !table[slot].in_flight) {
        gone.push_back(slot);
      }
      SetAbsent(slot);
    }
  }
  AddDrift(id, gone);
}

void Reconciler::Impl::SettleClaims() {
  const bool settled = lanes_known && std::all_of(lanes.begin(), lanes.end(), [](const LaneState& lane) {
                         return !lane.known || lane.attempted;
                       });
  if (settled) {
    claims.Settle();
  }
}

// One task, or the structure of one service; of what belongs to no app each entry.
Brake::Item Reconciler::Impl::ItemOf(SlotId slot) const {
  const Slot& s = table[slot];
  const bool alone = s.structure() && At(s.service).key.app.empty();
  return {s.service, std::string(alone ? s.id() : s.task())};
}

size_t Reconciler::Impl::CountItems(ServiceId id) const {
  std::set<Brake::Item> items;
  for (SlotId slot : At(id).present) {
    items.insert(ItemOf(slot));
  }
  const auto gone =
      std::count_if(items.begin(), items.end(), [&](const Brake::Item& item) { return brake.Counted(item); });
  return items.size() - static_cast<size_t>(gone) + brake.CountedOf(id);
}

// A full pass over one lane: what is there and not wanted is judged as absent.
void Reconciler::Impl::Compare(LaneId id, Mono now) {
  std::vector<SlotId> confirmed;
  std::map<ServiceId, std::vector<SlotId>> newly_held;
  for (SlotId slot : lanes[id].slots) {
    const Slot& s = table[slot];
    if (!s.there() || s.in_flight || Resolve(slot).wanted != nullptr) {
      continue;
    }
    const Decision decision = Judge(slot);
    const Brake::Verdict* before = brake.Find(slot);
    const bool was_held = before != nullptr && Brake::IsHeld(before->state);
    switch (decision.act) {
      case Act::kNothing:
      case Act::kPut:
      case Act::kRemove:
        continue;  // settled by Touch
      case Act::kRemoveInFullPass:
        brake.SeenByRead(slot);
        break;
      case Act::kSuspect:
      case Act::kSuspectInFullPass:
        if (brake.Suspect(slot, pass)) {
          confirmed.push_back(slot);
        }
        break;
      case Act::kHold:
        brake.Hold(slot, Brake::State::kOtherFramework);
        break;
    }
    if (!was_held && Brake::IsHeld(brake.Find(slot)->state)) {
      newly_held[s.service].push_back(slot);
    }
  }
  SayHeld(newly_held, now);
  if (confirmed.empty()) {
    return;
  }
  std::sort(confirmed.begin(), confirmed.end(), [&](SlotId a, SlotId b) {
    const auto order = [&](SlotId slot) {
      return std::tuple(At(table[slot].service).key, table[slot].task(), table[slot].id());
    };
    return order(a) < order(b);
  });
  brake.Expire(now);
  std::vector<size_t> items(services.size());
  size_t all = 0;
  for (ServiceId service = 0; service < services.size(); ++service) {
    if (services[service] != nullptr) {
      all += items[service] = CountItems(service);
    }
  }
  std::vector<SlotId> gone;
  for (SlotId slot : confirmed) {
    const ServiceId service = table[slot].service;
    if (brake.LetGo(slot, ItemOf(slot), {all, items[service]}, now)) {
      gone.push_back(slot);
    }
  }
  SayGone(gone, [](size_t count) {
    return Count(count, "unexplained removal goes", "unexplained removals go") +
           ", confirmed by two complete reads";
  });
  if (const size_t over = confirmed.size() - gone.size(); over > 0) {
    Say(NoteKind::kHeld, "", "",
        Count(over, "removal is", "removals are") + " above the limit and wait" + (over == 1 ? "s" : "") +
            " for an explanation or a release");
  }
}

size_t Reconciler::Release(Mono now, const AppId& app) {
  Impl& im = *impl_;
  std::vector<SlotId> held;
  im.brake.ForEachHeld([&](SlotId slot, const Brake::Verdict&) {
    if (app.empty() || im.At(im.table[slot].service).key.app == app) {
      held.push_back(slot);
    }
  });
  for (SlotId slot : held) {
    im.brake.Release(slot);
    im.MarkSlot(slot);
  }
  im.SayGone(held, [](size_t count) {
    return Count(count, "held removal was", "held removals were") + " released";
  });
  im.Settle(now);
  return held.size();
}

}  // namespace dispatcher
