#include <algorithm>
#include <utility>

#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

namespace {

// How long what was refused is left alone if nothing about it changes.
constexpr Duration kRefusedFor = std::chrono::minutes(10);

bool IsDenied(const absl::Status& status) {
  return status.code() == absl::StatusCode::kPermissionDenied ||
         status.code() == absl::StatusCode::kUnauthenticated;
}

}  // namespace

Change Reconciler::Impl::Removal(const Due& due) const {
  const Slot& s = table[due.slot];
  const ServiceState& state = At(s.service);
  const Service* service = Listing(state);
  auto entry = std::make_shared<Entry>();
  entry->id = IdOfSlot(due.slot);
  entry->rank = s.rank;
  entry->service = state.key;
  entry->task = s.task();
  entry->address = s.address();
  entry->framework = frameworks.Name(s.framework);

  Change change;
  change.op = Op::kDelete;
  change.id = entry->id;
  change.why = due.decision.why;
  const Instance* instance = service == nullptr || s.structure() ? nullptr : FindInstance(*service, s.task());
  switch (due.decision.cause) {
    case Cause::kWanted:
      break;
    case Cause::kListed:
    case Cause::kUnfit:
      change.since = instance != nullptr && Explained(change.why) ? instance->since : Mono{};
      change.reason = instance != nullptr ? std::string(instance->reason) : "its task has ended";
      break;
    case Cause::kServiceGone:
      change.since = service != nullptr && Explained(change.why) ? service->since : Mono{};
      change.reason = service != nullptr ? service->reason : "it is not in static_services any more";
      break;
    case Cause::kUnpublished:
      change.reason = !state.refusal.empty() ? std::string(state.refusal)
                      : service != nullptr && service->profile != nullptr && service->profile->off
                          ? std::string(service->profile->refusal)
                          : "not meant for " + policy.adapter;
      break;
    case Cause::kSuperseded:
      change.since = instance != nullptr ? instance->since : service->since;
      change.reason = "looks different now";
      break;
    case Cause::kNotListed:
      change.reason = Explained(change.why) ? "its app runs all its instances without it"
                                            : "Marathon does not list its task";
      break;
    case Cause::kUnknownApp:
      change.reason = state.key.app.empty() ? "belongs to no app" : "Marathon does not list its app";
      break;
    case Cause::kTakenOver: {
      const Instance* rival = Rival(due.slot, s.task());
      change.since = rival->since;
      change.reason = "its address " + entry->address + " is that of task " + rival->task + " now";
      break;
    }
  }
  if (const Brake::Verdict* verdict = brake.Find(due.slot)) {
    change.reason += Brake::Leave(*verdict);
  }
  change.entry = std::move(entry);
  return change;
}

std::optional<Change> Reconciler::Impl::Put(ServiceId id, Due& due,
                                            std::map<uint32_t, std::vector<Entry>>& rendered) const {
  const Service& service = *At(id).service;
  const Slot& s = table[due.slot];
  const Instance* instance = due.instance == kStructure ? nullptr : service.instances[due.instance].get();
  const auto [it, first] = rendered.try_emplace(due.instance);
  if (first) {
    it->second = instance == nullptr ? adapter.Render(service).structure : adapter.Render(service, *instance);
  }
  Change change;
  change.id = IdOfSlot(due.slot);
  const auto entry =
      std::find_if(it->second.begin(), it->second.end(), [&](const Entry& e) { return e.id == change.id; });
  if (entry == it->second.end()) {
    return std::nullopt;
  }
  due.fingerprint = entry->Fingerprint();
  change.entry = std::make_shared<const Entry>(*entry);
  if (s.fresh) {
    change.since = instance == nullptr ? service.since : instance->since;
    change.reason = instance == nullptr ? service.reason : instance->reason;
  } else {
    change.reason = s.presence == Presence::kPresent ? "differs from what is wanted"
                    : s.there()                      ? "a write of it ended without a word"
                                                     : "missing in the registry";
  }
  return change;
}

Reconciler::Impl::Work Reconciler::Impl::Build(ServiceId id, const std::vector<Due>& due) const {
  Work work;
  std::map<uint32_t, std::vector<Entry>> rendered;
  for (Due d : due) {
    if (d.op == Op::kDelete) {
      work.emplace_back(d, Removal(d));
    } else if (std::optional<Change> change = Put(id, d, rendered)) {
      work.emplace_back(d, *std::move(change));
    }
  }
  // New before old; up by rank for the new, down for the old with the service's
  // shell last; then by id, so that equal worlds give equal batches.
  const auto order = [](const std::pair<Due, Change>& x) {
    const bool removal = x.first.op == Op::kDelete;
    const int rank = x.second.entry->rank;
    return std::tuple(removal, removal ? -rank : rank, removal && x.second.entry->task.empty());
  };
  std::sort(work.begin(), work.end(), [&](const auto& a, const auto& b) {
    const auto oa = order(a), ob = order(b);
    return oa != ob ? oa < ob : a.second.id < b.second.id;
  });
  return work;
}

Reconciler::Impl::Work Reconciler::Impl::Prepare(UnitKey key, Mono now) {
  Evaluation found = Evaluate(key.service, now, false);
  size_t blocked = 0, refused_here = 0;
  std::erase_if(found.due, [&](const Due& due) {
    if (table[due.slot].lane != key.lane) {
      return true;
    }
    blocked += due.blocked;
    refused_here += due.refused;
    return due.blocked || due.refused;
  });
  Work work = Build(key.service, found.due);
  // What is rendered now may differ from what was rendered when the service was
  // offered (the framework is known since): the later one counts.
  bool stale = work.size() != found.due.size();
  for (const auto& [due, change] : work) {
    stale =
        stale || (due.op == Op::kPut && FindWanted(key.service, due.slot)->fingerprint != due.fingerprint);
  }
  if (stale || work.empty()) {
    queue.Update(key, 0, blocked, refused_here);
    MarkDirty(key.service);
    if (stale) {
      Refresh(key.service);
    }
    work.clear();
  }
  return work;
}

bool Reconciler::Impl::Failed(const Flight::Item& item, const Change& change, const absl::Status& status,
                              bool alone, Mono now) {
  const Slot& s = table[item.slot];
  Trouble& trouble = queue.TroubleOf(queue.Get({item.unit, s.lane}));
  ++failures;
  const bool again = IsTransient(status) || IsDenied(status);
  trouble.blocked.push_back({item.slot, item.op, item.fingerprint, !again, now + kRefusedFor, Text(status)});
  const uint32_t before = trouble.backoff.failures();
  if (again && trouble.retry_at <= now) {
    trouble.retry_at = now + trouble.backoff.Next();
    if (status.code() == absl::StatusCode::kAborted && trouble.backoff.failures() == 2) {
      lanes[s.lane].due = true;  // what it needs is not there, though we believe it is: look
    }
  }
  // Where the whole batch failed, the lane says so.
  const bool loud = again && alone && IsLoud(before) && trouble.backoff.failures() != before;
  if (loud && !trouble.failing_since) {
    trouble.failing_since = now;
  }
  if (!again || loud) {
    Say(NoteKind::kWrite, At(item.unit).key.app, change.entry->task,
        (item.op == Op::kPut ? "could not write " : "could not delete ") + change.id.kind + " " +
            change.id.id + (again ? ", will try again: " : ", refused until it changes: ") + Text(status));
  }
  return again && before == 0;
}

std::optional<Batch> Reconciler::NextBatch(Mono now) {
  Impl& im = *impl_;
  if (im.policy.dry_run) {
    return std::nullopt;
  }
  im.asked = now;
  im.OpenGates(now);
  im.Settle(now);
  im.TellDue(now);
  const size_t room = std::min(std::max<size_t>(im.traits.batch, 1), im.bucket.Room(now));
  if (room == 0) {
    return std::nullopt;
  }
  while (const std::optional<LaneId> lane = im.queue.Next(now)) {
    Batch batch;
    Flight flight;
    flight.lane = *lane;
    size_t company = SIZE_MAX;
    while (batch.changes.size() < room) {
      const std::optional<ServiceId> id = im.queue.Front(*lane);
      if (!id) {
        break;
      }
      const UnitKey key{*id, *lane};
      company = std::min(company, im.queue.Get(key).company());
      if (!flight.units.empty() && flight.units.size() >= company) {
        break;
      }
      Impl::Work work = im.Prepare(key, now);
      if (work.empty()) {
        continue;
      }
      im.queue.Begin(key);
      flight.units.push_back(*id);
      Trouble* const trouble = im.queue.Get(key).trouble.get();
      for (size_t i = 0; i < work.size() && batch.changes.size() < room; ++i) {
        const Due& due = work[i].first;
        im.table[due.slot].in_flight = true;
        if (trouble != nullptr) {
          im.retries += std::erase_if(trouble->blocked,
                                      [&](const Blocked& b) { return b.slot == due.slot && b.op == due.op; });
        }
        const bool was_there = im.table[due.slot].presence == Presence::kPresent;
        flight.items.push_back({due.slot, due.op, *id, due.fingerprint, was_there});
        batch.changes.push_back(std::move(work[i].second));
      }
    }
    if (batch.changes.empty()) {
      continue;  // another lane may have something
    }
    im.bucket.Take(batch.changes.size());
    im.watch.WriteBegan(now);
    batch.number = ++im.batches;
    batch.lane = im.lanes[*lane].name;
    im.queue.BatchBegan(*lane);
    im.changes_in_flight += batch.changes.size();
    for (const Flight::Item& item : flight.items) {
      im.MarkSlot(item.slot);  // another service may have been about to write it
    }
    for (ServiceId id : flight.units) {
      im.MarkDirty(id);
    }
    im.flights.emplace(batch.number, std::move(flight));
    im.Settle(now);
    return batch;
  }
  im.Settle(now);
  return std::nullopt;
}

std::vector<Written> Reconciler::Finished(const Batch& batch, const std::vector<absl::Status>& results,
                                          Mono now) {
  Impl& im = *impl_;
  std::vector<Written> written;
  const auto node = im.flights.extract(batch.number);
  if (node.empty()) {
    return written;
  }
  const Flight& flight = node.mapped();
  LaneState& lane = im.lanes[flight.lane];
  im.changes_in_flight -= flight.items.size();
  lane.written = true;
  im.watch.WriteEnded();

  const auto result = [&](size_t i) {
    return i < results.size() ? results[i] : absl::UnknownError("the adapter gave no result");
  };
  bool denied = false, progress = false, any_refused = false, broken_off = false;
  for (size_t i = 0; i < flight.items.size(); ++i) {
    const absl::Status status = result(i);
    denied = denied || IsDenied(status);
    broken_off = broken_off || absl::IsCancelled(status);
    progress = progress || !(IsTransient(status) || IsDenied(status));
    any_refused = any_refused || !(status.ok() || IsTransient(status) || IsDenied(status));
  }

  std::set<ServiceId> failing;
  bool news = false;
  for (size_t i = 0; i < flight.items.size(); ++i) {
    const Flight::Item& item = flight.items[i];
    const Change& change = batch.changes[i];
    const absl::Status status = result(i);
    Slot& s = im.table[item.slot];
    s.in_flight = false;
    if (lane.reading) {
      s.touched = lane.reads;
    }
    im.MarkSlot(item.slot);
    if (status.ok()) {
      Written& done = written.emplace_back();
      done.change = change;
      if (item.op == Op::kPut) {
        done.deed = item.was_there ? Deed::kChanged : Deed::kRegistered;
        im.SetThere(item.slot, im.Compact(*change.entry), Presence::kPresent, now);
        s.fresh = false;
        ++im.puts;
        done.told = im.Repaired(item.slot, change);
        if (s.structure()) {
          im.queue.Retry({item.unit, flight.lane}, now);  // it may be what the others failed for
        }
      } else {
        done.deed = Deed::kRemoved;
        im.SetAbsent(item.slot);
        im.drift.erase(item.slot);
        ++im.deletes;
      }
    } else if (IsDenied(status)) {
      lane.write_error = Text(status);
      failing.insert(item.unit);
      news = im.Failed(item, change, status, progress, now) || news;
    } else if (IsTransient(status)) {
      if (item.op == Op::kDelete) {
        im.SetPresence(s, s.there() ? Presence::kMaybe : s.presence);
      } else if (s.presence == Presence::kPresent) {
        s.content_unknown = true;
      } else {
        im.SetThere(item.slot, im.Compact(*change.entry), Presence::kMaybe, now);
      }
      if (absl::IsCancelled(status)) {
        continue;
      }
      lane.write_error = Text(status);
      // In an atomic batch the innocent fail with the culprit, which is known.
      if (!(im.traits.atomic && any_refused)) {
        failing.insert(item.unit);
        news = im.Failed(item, change, status, progress, now) || news;
      }
    } else {
      im.Failed(item, change, status, progress, now);
    }
  }
  const uint32_t failed_before = im.queue.Lane(flight.lane).failed_in_a_row;
  const std::string where = lane.name.empty() ? "writing" : "writing to " + lane.name;
  if (progress && failed_before > 0) {
    im.Say(NoteKind::kWrite, "", "",
           where + " works again, after " + Lasted(lane.write_failing_since, now) + " and " +
               Failures(failed_before));
  } else if (!progress && failed_before == 0) {
    lane.write_failing_since = now;
  }
  if (!progress && !broken_off && Impl::IsLoud(failed_before)) {
    im.Say(NoteKind::kWrite, "", "",
           where + (denied ? " is not allowed, paused: " : " fails: ") + lane.write_error);
  }
  if (progress && failing.empty()) {
    lane.write_error.clear();
  }
  im.queue.BatchEnded(flight.lane, progress || broken_off, news, denied, now);
  for (ServiceId id : flight.units) {
    Unit& unit = im.queue.Get({id, flight.lane});
    const bool fails = failing.contains(id);
    if (Trouble* const trouble = unit.trouble.get(); trouble != nullptr && !fails) {
      trouble->company = SIZE_MAX;
      if (std::all_of(trouble->blocked.begin(), trouble->blocked.end(),
                      [](const Blocked& b) { return b.refused; })) {
        if (trouble->failing_since) {
          im.Say(NoteKind::kWrite, im.At(id).key.app, "",
                 "what could not be written is, after " + Lasted(*trouble->failing_since, now));
          trouble->failing_since.reset();
        }
        trouble->backoff.Reset();
      }
    } else if (fails && im.traits.atomic && !progress && !broken_off) {
      // One poisonous change must not take its neighbours down for ever.
      im.queue.TroubleOf(unit).company = std::max<size_t>(flight.units.size() / 2, 1);
    }
    im.queue.End({id, flight.lane});
    im.MarkDirty(id);
  }
  im.Settle(now);
  for (const Flight::Item& item : flight.items) {
    im.MaybeFree(item.slot);
  }
  im.Tell(written, now);
  im.TellDue(now);
  return written;
}

}  // namespace dispatcher
