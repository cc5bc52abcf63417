#include "dispatcher/reconcile/reconciler.h"

#include <algorithm>
#include <utility>

#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

Reconciler::Reconciler(const Adapter& adapter, ReconcilePolicy policy)
    : impl_(std::make_unique<Impl>(adapter, std::move(policy))) {}
Reconciler::~Reconciler() = default;

void Reconciler::Offer(const ServiceKey& key, std::shared_ptr<const Service> service, Mono now) {
  const ServiceId id = impl_->IdOf(key);
  impl_->RememberDead(id, service.get(), now);
  impl_->Offer(id, std::move(service));
  impl_->Settle(now);
}

std::optional<Mono> Reconciler::NextReadDeadline() const {
  const Impl& im = *impl_;
  std::optional<Mono> next;
  const auto at = [&](Mono when) { next = next ? std::min(*next, when) : when; };
  if (im.lanes_due && !im.lanes_asked) {
    at(im.lanes_retry_at);
  }
  if (const std::optional<Mono> due = im.watch.ReadAt(im.IsWriting());
      due && std::none_of(im.lanes.begin(), im.lanes.end(),
                          [](const LaneState& lane) { return lane.due || lane.reading; })) {
    at(*due);
  }
  for (const LaneState& lane : im.lanes) {
    if (lane.due && !lane.reading) {
      at(lane.retry_at);
    }
  }
  return next;
}

std::optional<Mono> Reconciler::NextWriteDeadline() const {
  if (impl_->policy.dry_run) {
    return std::nullopt;
  }
  std::optional<Mono> next = impl_->queue.NextDeadline();
  if (next) {
    next = std::max(*next, impl_->bucket.NextAt());
  }
  if (!impl_->gate_ends.empty()) {
    const Mono end = impl_->gate_ends.begin()->first;
    next = next ? std::min(*next, end) : end;
  }
  if (const std::optional<Mono> due = impl_->telling.DueAt(impl_->IsWriting())) {
    next = next ? std::min(*next, *due) : due;
  }
  return next;
}

std::vector<Note> Reconciler::TakeNotes() { return std::exchange(impl_->notes, {}); }

}  // namespace dispatcher
