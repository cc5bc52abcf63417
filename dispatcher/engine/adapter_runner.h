// One adapter at work: its reconciler behind a mutex, and the threads that carry
// out what the reconciler hands them. No thread waits for another's I/O, and none
// polls: what becomes due by time is slept for, all else wakes them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/adapter.h"
#include "dispatcher/base/cancel.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/permit.h"
#include "dispatcher/catalog/catalog.h"
#include "dispatcher/engine/decision_log.h"
#include "dispatcher/engine/histogram.h"
#include "dispatcher/engine/report.h"
#include "dispatcher/reconcile/reconciler.h"

namespace dispatcher {

using BuiltService = std::pair<ServiceKey, std::shared_ptr<const Service>>;

class AdapterRunner {
 public:
  // `clock` and `decisions` outlive this.
  AdapterRunner(std::unique_ptr<Adapter> adapter, ReconcilePolicy policy, const Clock& clock,
                DecisionLog& decisions);
  ~AdapterRunner();  // Stop at once

  // Who is told what the other tiers may wait for; called without any lock, from
  // this runner's threads. Before Start.
  using TellTiers = std::function<void(const TierNews&)>;
  void SetTellTiers(TellTiers tell) { tell_tiers_ = std::move(tell); }
  // Writes go by `permit` from now on, which outlives this; without one they may always
  // start. `lock_refused` is told the term of a permission that the registry does not
  // believe, from this runner's threads without any lock. Before Start.
  using LockRefused = std::function<void(uint64_t term)>;
  void SetPermit(const Permit& permit, LockRefused lock_refused);
  // The same adapter as it would be with another owner, for adoption. Before Start.
  using MakeAs = std::function<absl::StatusOr<std::unique_ptr<Adapter>>(const std::string& owner)>;
  void SetMakeAs(MakeAs make_as) { make_as_ = std::move(make_as); }
  // The permit says something else than before: breaks off what is being written without
  // it. Any thread.
  void PermitChanged();
  // Another runner's news. Any thread.
  void TiersMoved(const TierNews& news);

  // Begins with reading the registry; nothing has to be offered before.
  void Start();

  void SetFramework(const std::string& framework) { adapter_->SetFramework(framework); }
  // The desired state of these services, then the full pass if there is one.
  void Offer(const std::vector<BuiltService>& services, const std::optional<FullPass>& full_pass);
  // What the brake holds, or only that of one app. How many removals.
  size_t Release(const AppId& app = "");
  // Adapter::Adopt of what is published now; `request.services`, `unready` and `predecessor`
  // are filled in. In the caller's thread.
  std::vector<Adoption> Adopt(AdoptionRequest request);

  // Shutdown, in this order. StopBatches: nothing new is begun. WaitIdle: until no
  // write is in flight, or `until`. Stop: cancels what is, joins.
  void StopBatches();
  void WaitIdle(Mono until);
  void Stop();

  // Reconciler::Ages and Inherit; the first of one that has stopped.
  std::vector<Age> Ages() const;
  void Inherit(const std::vector<Age>& ages);

  const std::string& name() const { return name_; }
  Tier tier() const { return traits_.tier; }
  AdapterReport Report() const;
  AdapterPlan Plan(bool synced) const;
  AppPlace Where(const AppId& app) const;
  std::vector<AppStanding> Standings() const;

 private:
  void Writer();
  void Reader();
  void Watcher(size_t thing);
  void ReadLanes() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReadLane(const std::string& lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<Permission> Ask() const {
    return permit_ == nullptr ? std::optional<Permission>(Permission()) : permit_->Ask();
  }
  // What has to be done before anything is written by a permission unlike the last one.
  void GoBy(const Permission& permission) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Write(const Batch& batch, const Permission& permission) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Until `cv` is notified or `due`.
  void Sleep(CondVar& cv, std::optional<Mono> due) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Hands the reconciler's notes and its news for other tiers on. True: there were some, and the mutex was
  // let go of meanwhile, so whoever is about to sleep has to look again.
  bool PassNotes() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string name_;
  const std::unique_ptr<Adapter> adapter_;
  const Traits traits_;
  const Clock& clock_;
  DecisionLog& decisions_;
  TellTiers tell_tiers_;
  const Permit* permit_ = nullptr;
  LockRefused lock_refused_;
  MakeAs make_as_;
  CancelSource cancel_;
  std::vector<std::thread> threads_;

  Histogram latency_, write_seconds_, read_seconds_;

  mutable Mutex mutex_;
  CondVar writers_, readers_, watchers_, idle_;
  Reconciler reconciler_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Permission going_by_ ABSL_GUARDED_BY(mutex_);        // its `until` means nothing
  CancelSource write_cancel_ ABSL_GUARDED_BY(mutex_);  // of what is being written by it
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t writes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t reads_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t failed_reads_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace dispatcher
