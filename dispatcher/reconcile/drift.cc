// Entries that others changed behind our back: noticed by a read, because what we wrote
// last is remembered, put back by the plan like anything that differs, counted and told.
#include <algorithm>
#include <utility>

#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

namespace {

// Of more than that one read the log gets one line for all.
constexpr size_t kDriftsTold = 10;

}  // namespace

std::string Reconciler::Impl::Alteration(SlotId slot, const Entry& entry) const {
  const Desire desire = Resolve(slot);
  if (desire.wanted == nullptr || desire.wanted->fingerprint == entry.Fingerprint()) {
    return "";
  }
  const Service& service = *At(desire.service).service;
  const std::vector<Entry> rendered =
      desire.wanted->instance == kStructure
          ? adapter.Render(service).structure
          : adapter.Render(service, *service.instances[desire.wanted->instance]);
  const auto want =
      std::find_if(rendered.begin(), rendered.end(), [&](const Entry& e) { return e.id == entry.id; });
  if (want == rendered.end()) {
    return "";
  }
  std::string names;
  const auto add = [&](std::string_view name) { names.append(names.empty() ? "" : ", ").append(name); };
  if (want->service != entry.service || want->task != entry.task) {
    add("whose it is");
  }
  for (const auto& [name, value] : want->fields) {
    if (const auto there = entry.fields.find(name); there == entry.fields.end() || there->second != value) {
      add(name);
    }
  }
  for (const auto& [name, value] : entry.fields) {
    if (!want->fields.contains(name)) {
      add(name);
    }
  }
  return "was altered by other hands (" + names + ")";
}

void Reconciler::Impl::AddDrift(LaneId id, const std::vector<SlotId>& gone) {
  LaneState& lane = lanes[id];
  if (!lane.read_once) {
    lane.altered.clear();  // somebody else may have written by rights since we last did
    return;
  }
  std::vector<std::pair<SlotId, std::string>> found;
  for (auto& [slot, what] : std::exchange(lane.altered, {})) {
    if (table[slot].touched == lane.reads) {
      continue;  // written since the read showed it
    }
    drift.erase(slot);
    if (!what.empty()) {
      found.emplace_back(slot, std::move(what));
    }
  }
  for (SlotId slot : gone) {
    if (const Desire desire = Resolve(slot); desire.wanted != nullptr && desire.wanted->create) {
      found.emplace_back(slot, "was removed by other hands");
    }
  }
  const bool empty = found.size() > 1 && std::none_of(lane.slots.begin(), lane.slots.end(),
                                                      [&](SlotId slot) { return table[slot].there(); });
  const bool few = !empty && found.size() <= kDriftsTold;
  if (empty) {
    Say(NoteKind::kDrift, "", "",
        "it holds nothing of ours any more" + (lane.name.empty() ? "" : " at " + lane.name) + ": " +
            std::to_string(found.size()) + " entries are gone, and are written again");
  } else if (!few) {
    Say(NoteKind::kDrift, "", "",
        std::to_string(found.size()) + " entries were altered or removed by other hands, and are put back: " +
            kinds.Name(table[found[0].first].kind) + " " + std::string(table[found[0].first].id()) + " " +
            found[0].second + ", and so on");
  }
  for (auto& [slot, what] : found) {
    drift[slot] = {few ? std::move(what) : "", few};
  }
}

bool Reconciler::Impl::Repaired(SlotId slot, const Change& change) {
  const auto it = drift.find(slot);
  if (it == drift.end()) {
    return false;
  }
  ++drift_repaired;
  const bool told = it->second.told;
  if (told) {
    Say(NoteKind::kDrift, change.entry->service.app, change.entry->task,
        change.id.kind + " " + change.id.id + " " + it->second.what + " and is put back");
    notes.back().address = change.entry->address;
  }
  drift.erase(it);
  return told;
}

std::optional<Mono> Reconciler::WatchDeadline(size_t thing) const {
  const Impl& im = *impl_;
  const bool read =
      im.lanes_known && std::all_of(im.lanes.begin(), im.lanes.end(),
                                    [](const LaneState& lane) { return !lane.known || lane.read_once; });
  return read && !im.policy.dry_run ? std::optional(im.watch.AskAt(thing)) : std::nullopt;
}

uint64_t Reconciler::WatchBegan(size_t thing, Mono now) { return impl_->watch.Asked(thing, now); }

void Reconciler::WatchEnded(size_t thing, const absl::StatusOr<WatchAnswer>& answer, Mono now) {
  Impl& im = *impl_;
  const std::optional<Mono> since = im.watch.failing_since();
  const uint32_t failures = im.watch.failures();
  im.watch.Answered(thing, answer, now);
  if (!answer.ok() && Impl::IsLoud(failures)) {
    im.Say(NoteKind::kRead, "", "",
           "changes by other hands are found by full passes alone, watching fails: " + Text(answer.status()));
  } else if (since && !im.watch.failing_since()) {
    im.Say(NoteKind::kRead, "", "", "watching works again, after " + Lasted(*since, now));
  }
}

}  // namespace dispatcher
