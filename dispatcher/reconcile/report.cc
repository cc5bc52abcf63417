#include <algorithm>
#include <utility>

#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

std::string Reconciler::Impl::PanicOf(const ServiceState& state) const {
  if (state.rotation == nullptr || state.rotation->kept == 0) {
    return "";
  }
  const Rotation& r = *state.rotation;
  return std::to_string(r.unfit.size() + r.kept) + " of " + std::to_string(r.running) +
         " running instances are unhealthy or unreachable; " + std::to_string(r.kept) +
         " of them stay in rotation (services.panic_threshold " + std::to_string(policy.panic_threshold) +
         " %)";
}

void Reconciler::Impl::AddFailed(ServiceId id, std::vector<FailedChange>& failed) const {
  for (LaneId lane : At(id).units) {
    const Unit* unit = queue.Find({id, lane});
    if (unit == nullptr) {
      continue;
    }
    for (const Blocked& b : unit->blocked()) {
      failed.push_back({IdOfSlot(b.slot), b.op, At(id).key, b.error, b.refused});
    }
  }
}

ReconcileReport Reconciler::Report(Mono now) const {
  const Impl& im = *impl_;
  ReconcileReport report;
  report.adapter = im.policy.adapter;
  report.desired = im.desired;
  report.actual = im.actual - im.maybe;
  report.pending = im.queue.due() + im.changes_in_flight;
  report.queued_units = im.queue.queued();
  report.in_flight = im.queue.in_flight();
  report.backing_off = im.queue.backing_off();
  report.puts = im.puts;
  report.deletes = im.deletes;
  report.retries = im.retries;
  report.failures = im.failures;
  report.drift_repaired = im.drift_repaired;
  report.watched_changes = im.watch.changes();
  report.watch_error = im.watch.error();

  report.gated = im.gate_ends.size();
  report.read_once = im.lanes_known;
  report.offered = im.pass.number > 0;
  report.compared = report.offered && im.lanes_known && !im.lanes_due;
  if (!im.lanes_error.empty()) {
    report.failing.emplace_back("", im.lanes_error);
  }
  for (const LaneState& lane : im.lanes) {
    if (!lane.known) {
      continue;
    }
    report.read_once = report.read_once && lane.read_once;
    report.compared = report.compared && lane.read_once && !lane.due && lane.compared == im.pass.number;
    if (!lane.read_error.empty() || !lane.write_error.empty()) {
      report.failing.emplace_back(lane.name, lane.read_error.empty() ? lane.write_error : lane.read_error);
    }
  }
  im.brake.ForEachHeld([&](SlotId slot, const Brake::Verdict& verdict) {
    const Slot& s = im.table[slot];
    report.held.push_back({im.IdOfSlot(slot), im.At(s.service).key, std::string(s.task()),
                           im.brake.Reason(verdict, now), Brake::CauseOf(verdict)});
  });
  std::sort(report.held.begin(), report.held.end(),
            [](const HeldRemoval& a, const HeldRemoval& b) { return a.id < b.id; });
  for (ServiceId id : im.refused) {
    report.refusals.push_back(im.At(id).key.app + ": " + im.At(id).refusal);
  }
  std::sort(report.refusals.begin(), report.refusals.end());
  for (const auto& [key, id] : im.ids) {
    im.AddFailed(id, report.failed);
    if (std::string panic = im.PanicOf(im.At(id)); !panic.empty()) {
      report.panics.push_back(key.app + ": " + std::move(panic));
    }
  }
  return report;
}

size_t Reconciler::CountRight() const {
  const Impl& im = *impl_;
  size_t right = 0;
  for (const auto& [key, id] : im.ids) {
    for (const Wanted& w : im.At(id).wanted) {
      right += im.IsRight(w) ? 1 : 0;
    }
  }
  return right;
}

bool Reconciler::Impl::IsRight(const Wanted& wanted) const {
  const Slot& s = table[wanted.slot];
  return s.presence == Presence::kPresent && !s.content_unknown && s.fingerprint == wanted.fingerprint;
}

std::vector<std::shared_ptr<const Service>> Reconciler::Published() const {
  std::vector<std::shared_ptr<const Service>> published;
  for (const auto& [key, id] : impl_->ids) {
    const ServiceState& state = impl_->At(id);
    if (state.standing == Standing::kPublished && state.service != nullptr &&
        state.service->profile != nullptr && state.service->want != Want::kNo) {
      published.push_back(state.service);
    }
  }
  return published;
}

bool Reconciler::MayCreate(const ServiceKey& key) const {
  return impl_->policy.tiers == nullptr || impl_->policy.tiers->MayCreate(impl_->tier_member, key);
}

std::vector<Change> Reconciler::Plan(Mono now) const {
  const Impl& im = *impl_;
  std::vector<Change> plan;
  for (const auto& [key, id] : im.ids) {
    for (auto& [due, change] : im.Build(id, im.Evaluate(id, now, true).due)) {
      if (const Brake::Verdict* verdict = im.brake.Find(due.slot);
          due.op == Op::kDelete && verdict != nullptr && Brake::IsHeld(verdict->state)) {
        change.held = true;
        change.reason = im.brake.Reason(*verdict, now);
      }
      change.there = due.op == Op::kPut && im.table[due.slot].presence == Presence::kPresent;
      plan.push_back(std::move(change));
    }
  }
  return plan;
}

}  // namespace dispatcher
