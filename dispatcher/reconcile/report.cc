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

ReconcileReport Reconciler::Report(Mono now) const {
  const Impl& im = *impl_;
  ReconcileReport report;
  report.adapter = im.policy.adapter;
  report.desired = im.desired;
  report.actual = im.actual;
  report.pending = im.queue.due() + im.changes_in_flight;
  report.queued_units = im.queue.queued();
  report.in_flight = im.queue.in_flight();
  report.backing_off = im.queue.backing_off();
  report.puts = im.puts;
  report.deletes = im.deletes;
  report.retries = im.retries;
  report.failures = im.failures;

  report.read_once = im.lanes_known;
  if (!im.lanes_error.empty()) {
    report.failing.emplace_back("", im.lanes_error);
  }
  for (const LaneState& lane : im.lanes) {
    if (!lane.known) {
      continue;
    }
    report.read_once = report.read_once && lane.read_once;
    if (!lane.read_error.empty() || !lane.write_error.empty()) {
      report.failing.emplace_back(lane.name, lane.read_error.empty() ? lane.write_error : lane.read_error);
    }
  }
  im.brake.ForEachHeld([&](SlotId slot, const Brake::Verdict& verdict) {
    const Slot& s = im.table[slot];
    report.held.push_back(
        {im.IdOfSlot(slot), im.At(s.service).key, std::string(s.task()), im.brake.Reason(verdict, now)});
  });
  std::sort(report.held.begin(), report.held.end(),
            [](const HeldRemoval& a, const HeldRemoval& b) { return a.id < b.id; });
  for (ServiceId id : im.refused) {
    report.refusals.push_back(im.At(id).key.app + ": " + im.At(id).refusal);
  }
  std::sort(report.refusals.begin(), report.refusals.end());
  for (const auto& [key, id] : im.ids) {
    if (std::string panic = im.PanicOf(im.At(id)); !panic.empty()) {
      report.panics.push_back(key.app + ": " + std::move(panic));
    }
  }
  return report;
}

std::vector<Change> Reconciler::Plan(Mono now) const {
  const Impl& im = *impl_;
  std::vector<Change> plan;
  for (const auto& [key, id] : im.ids) {
    for (auto& [due, change] : im.Build(id, im.Evaluate(id, now, true).due)) {
      if (const Brake::Verdict* verdict = im.brake.Find(due.slot);
          due.op == Op::kDelete && verdict != nullptr && Brake::IsHeld(verdict->state)) {
        change.reason = "held: " + im.brake.Reason(*verdict, now);
      }
      plan.push_back(std::move(change));
    }
  }
  return plan;
}

}  // namespace dispatcher
