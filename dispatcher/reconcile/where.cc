#include <algorithm>
#include <tuple>

#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

namespace {

// What hinders a change that is due, or what it waits for.
void Describe(const Due& due, const Unit* unit, EntryReport& report) {
  const bool put = due.op == Op::kPut;
  report.state = due.refused ? "refused" : due.blocked ? "failing" : put ? "due" : "leaving";
  if (unit == nullptr) {
    return;
  }
  for (const Blocked& blocked : unit->blocked()) {
    if (blocked.slot == due.slot && blocked.op == due.op) {
      report.why = blocked.error;
    }
  }
}

// Of an instance that health takes out of traffic, and why its entry stands all the same: in a
// discovery as critical, in a router by the panic threshold alone.
std::string UnfitWords(const Instance& instance, const Rotation* rotation, int threshold) {
  std::string text = rotation == nullptr ? "listed as critical: " : "unfit: ";
  text.append(instance.reason.view());
  if (rotation != nullptr) {
    text.append("; kept in traffic because ")
        .append(std::to_string(rotation->unfit.size() + rotation->kept))
        .append(" of ")
        .append(std::to_string(rotation->running))
        .append(" running are unfit (services.panic_threshold ")
        .append(std::to_string(threshold))
        .append(" %)");
  }
  return text;
}

}  // namespace

void Reconciler::Impl::SayUnfit(ServiceId id, size_t first, AppPlace& place) const {
  const ServiceState& state = At(id);
  const Rotation* const rotation = state.rotation.get();
  if (state.standing != Standing::kPublished || (rotation == nullptr && traits.tier != Tier::kDiscovery)) {
    return;
  }
  std::multimap<TaskId, size_t> of_task;
  for (size_t i = first; i < place.entries.size(); ++i) {
    of_task.emplace(place.entries[i].task, i);
  }
  for (uint32_t i = 0; i < state.service->instances.size(); ++i) {
    const Instance& instance = *state.service->instances[i];
    const bool out = rotation != nullptr && rotation->Out(i);
    if (instance.want == Want::kNo || instance.address.empty() ||
        (instance.condition != Condition::kCritical && !instance.hinted && !out)) {
      continue;
    }
    const auto [begin, end] = of_task.equal_range(instance.task);
    for (auto it = begin; it != end; ++it) {
      EntryReport& entry = place.entries[it->second];
      if (entry.why.empty()) {
        entry.why =
            out ? std::string(instance.reason) : UnfitWords(instance, rotation, policy.panic_threshold);
      }
    }
    for (const Entry& rendered :
         begin == end && out ? adapter.Render(*state.service, instance) : std::vector<Entry>()) {
      EntryReport entry;
      entry.id = rendered.id;
      entry.port = state.key.port;
      entry.task = std::string(instance.task);
      entry.address = rendered.address;
      entry.state = "out";
      entry.why = std::string(instance.reason);
      place.entries.push_back(std::move(entry));
    }
  }
}

void Reconciler::Impl::AddEntries(ServiceId id, Mono now, AppPlace& place) const {
  const ServiceState& state = At(id);
  const Evaluation found = Evaluate(id, now, false);
  const auto report = [&](SlotId slot) {
    const Slot& s = table[slot];
    EntryReport entry;
    entry.id = IdOfSlot(slot);
    entry.port = state.key.port;
    entry.task = std::string(s.task());
    entry.address = std::string(s.address());
    if (s.presence == Presence::kPresent) {
      entry.since = std::max(now - Mono(std::chrono::seconds(s.since)), Duration::zero());
      entry.found = s.found;
    }
    const auto due = std::find_if(found.due.begin(), found.due.end(),
                                  [&](const Due& candidate) { return candidate.slot == slot; });
    if (s.in_flight) {
      entry.state = "writing";
    } else if (due != found.due.end()) {
      Describe(*due, queue.Find({id, s.lane}), entry);
    }
    return entry;
  };
  for (const Wanted& wanted : state.wanted) {
    const Slot& s = table[wanted.slot];
    if (Resolve(wanted.slot).service != id) {
      continue;
    }
    EntryReport entry = report(wanted.slot);
    if (entry.state.empty()) {
      const bool right = s.presence == Presence::kPresent && s.fingerprint == wanted.fingerprint;
      entry.state = !lanes[s.lane].read_once ? "unread"
                    : right                  ? "right"
                    : wanted.create          ? "waits"
                                             : "absent";
    }
    place.entries.push_back(std::move(entry));
  }
  for (SlotId slot : state.present) {
    if (Resolve(slot).wanted != nullptr) {
      continue;
    }
    EntryReport entry = report(slot);
    const Brake::Verdict* verdict = brake.Find(slot);
    if (verdict != nullptr && Brake::IsHeld(verdict->state)) {
      entry.state = "held";
      entry.why = brake.Reason(*verdict, now);
    } else if (entry.state.empty()) {
      entry.state = "kept";
    }
    place.entries.push_back(std::move(entry));
  }
}

AppPlace Reconciler::Where(const AppId& app, Mono now) const {
  const Impl& im = *impl_;
  AppPlace place;
  place.read = im.lanes_known && std::all_of(im.lanes.begin(), im.lanes.end(), [](const LaneState& lane) {
                 return !lane.known || lane.read_once;
               });
  for (auto it = im.ids.lower_bound({app, kAnyPort}); it != im.ids.end() && it->first.app == app; ++it) {
    const ServiceState& state = im.At(it->second);
    if (state.standing == Standing::kUnpublished) {
      const std::string why =
          state.refusal.empty() ? im.adapter.Render(*state.service).unasked : std::string(state.refusal);
      place.not_published.emplace_back(state.key.port,
                                       why.empty() ? "this registry takes no such service" : why);
    }
    const size_t first = place.entries.size();
    im.AddEntries(it->second, now, place);
    im.SayUnfit(it->second, first, place);
  }
  std::sort(place.entries.begin(), place.entries.end(), [](const EntryReport& a, const EntryReport& b) {
    return std::tie(a.task, a.port, a.id) < std::tie(b.task, b.port, b.id);
  });
  return place;
}

std::vector<AppStanding> Reconciler::Standings() const {
  const Impl& im = *impl_;
  absl::flat_hash_map<ServiceId, size_t> held;
  im.brake.ForEachHeld([&](SlotId slot, const Brake::Verdict&) { ++held[im.table[slot].service]; });
  std::vector<AppStanding> standings;
  for (const auto& [key, id] : im.ids) {  // by app, then by port
    if (standings.empty() || key.app != standings.back().app) {
      standings.emplace_back().app = key.app;
    }
    AppStanding& standing = standings.back();
    const ServiceState& state = im.At(id);
    standing.published += state.standing == Standing::kPublished ? 1 : 0;
    standing.refused += im.refused.contains(id) ? 1 : 0;
    for (const Wanted& wanted : state.wanted) {
      if (wanted.create && wanted.instance != kStructure) {
        ++standing.wanted;
        standing.right += im.IsRight(wanted) ? 1 : 0;
      }
    }
    if (const auto of_it = held.find(id); of_it != held.end()) {
      standing.held += of_it->second;
    }
    for (const LaneId lane : state.units) {
      if (const Unit* unit = im.queue.Find({id, lane}); unit != nullptr) {
        standing.failed += unit->blocked().size();
      }
    }
  }
  return standings;
}

}  // namespace dispatcher
