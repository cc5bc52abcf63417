#include "dispatcher/engine/adapter_runner.h"

#include <algorithm>

#include "dispatcher/base/log.h"
#include "dispatcher/model/names.h"

namespace dispatcher {
namespace {

// A write that has not begun by then is put off: the registry is stuck.
constexpr Duration kWriteLimit = std::chrono::seconds(10);
// Where lanes can fail alone, a few dead ones must not keep the others from being read.
constexpr int kReadersOfLanes = 4;
// Entries handed to the reconciler under one lock.
constexpr size_t kEntriesTogether = 256;
// Shortest sleep: should a deadline pass that nobody can meet, that costs no core.
constexpr Duration kMinSleep = std::chrono::milliseconds(20);

// Those that are told together alone, or not by their own names.
void LogEach(const std::string& adapter, const std::vector<Written>& written) {
  for (const Written& done : written) {
    if (!done.told) {
      const Entry& entry = *done.change.entry;
      LogDebug(Name(KindOf(done.deed)), {{"from", adapter},
                                         {"app", entry.service.app.view()},
                                         {"task", entry.task},
                                         {"address", entry.address},
                                         {"what", Describe(done.change)}});
    }
  }
}

}  // namespace

AdapterRunner::AdapterRunner(std::unique_ptr<Adapter> adapter, ReconcilePolicy policy, const Clock& clock,
                             DecisionLog& decisions)
    : name_(policy.adapter),
      adapter_(std::move(adapter)),
      traits_(adapter_->GetTraits()),
      clock_(clock),
      decisions_(decisions),
      reconciler_(*adapter_, policy) {}

AdapterRunner::~AdapterRunner() { Stop(); }

void AdapterRunner::Start() {
  for (int i = 0; i < std::max(1, traits_.parallelism); ++i) {
    threads_.emplace_back([this] { Writer(); });
  }
  for (int i = 0; i < (traits_.lanes ? kReadersOfLanes : 1); ++i) {
    threads_.emplace_back([this] { Reader(); });
  }
  for (size_t thing = 0; thing < traits_.watches; ++thing) {
    threads_.emplace_back([this, thing] { Watcher(thing); });
  }
}

void AdapterRunner::Offer(const std::vector<BuiltService>& services,
                          const std::optional<FullPass>& full_pass) {
  const Mono now = clock_.Now();
  {
    MutexLock lock(mutex_);
    for (const auto& [key, service] : services) {
      reconciler_.Offer(key, service, now);
    }
    if (full_pass) {
      reconciler_.BeginFullPass(full_pass->empty, full_pass->framework, now);
    }
  }
  // One is enough to begin with: who finds more than a batch wakes the next. Without the lock, which
  // whoever wakes wants at once.
  writers_.NotifyOne();
  if (full_pass || traits_.lanes) {
    readers_.NotifyAll();  // a service may have brought a lane that was never read
  }
}

void AdapterRunner::SetPermit(const Permit& permit, LockRefused lock_refused) {
  permit_ = &permit;
  lock_refused_ = std::move(lock_refused);
}

void AdapterRunner::PermitChanged() {
  MutexLock lock(mutex_);
  const std::optional<Permission> may = Ask();
  if (!may || may->term != going_by_.term || may->scope != going_by_.scope) {
    write_cancel_.request_stop();
  }
  writers_.NotifyAll();
}

void AdapterRunner::GoBy(const Permission& permission) {
  if (permission.term == going_by_.term && permission.scope == going_by_.scope &&
      permission.fence == going_by_.fence) {
    if (write_cancel_.stop_requested() && !stopping_) {
      write_cancel_ = CancelSource();  // it was in doubt for a while
    }
    return;
  }
  if (permission.term != going_by_.term) {
    reconciler_.ReadAnew(clock_.Now());
    readers_.NotifyAll();
  }
  reconciler_.SetScope(permission.scope, clock_.Now());
  adapter_->SetFence({permission.fence, permission.scope == WriteScope::kAll});
  going_by_ = permission;
  write_cancel_.request_stop();
  write_cancel_ = CancelSource();
}

void AdapterRunner::TiersMoved(const TierNews& news) {
  MutexLock lock(mutex_);
  reconciler_.TiersMoved(news, clock_.Now());
  writers_.NotifyOne();
}

size_t AdapterRunner::Release(const AppId& app) {
  MutexLock lock(mutex_);
  const size_t released = reconciler_.Release(clock_.Now(), app);
  writers_.NotifyAll();
  return released;
}

void AdapterRunner::Writer() {
  mutex_.lock();
  while (!stopping_) {
    const std::optional<Permission> may = Ask();
    if (may) {
      GoBy(*may);
    }
    if (const std::optional<Batch> batch = may ? reconciler_.NextBatch(clock_.Now()) : std::nullopt) {
      if (traits_.lanes || batch->changes.size() >= traits_.batch) {
        writers_.NotifyOne();
      }
      Write(*batch, *may);
      PassNotes();
    } else if (!PassNotes()) {
      Sleep(writers_, may ? reconciler_.NextWriteDeadline() : std::nullopt);
    }
  }
  mutex_.unlock();
}

void AdapterRunner::Write(const Batch& batch, const Permission& permission) {
  ++in_flight_;
  ++writes_;
  const Cancel cancel = write_cancel_.get_token();
  mutex_.unlock();
  const Mono begun = clock_.Now();
  std::vector<absl::Status> results =
      adapter_->Write(batch.lane, batch.changes, std::min(begun + kWriteLimit, permission.until), cancel);
  const Mono now = clock_.Now();
  const bool refused = std::any_of(results.begin(), results.end(),
                                   [](const absl::Status& status) { return absl::IsCancelled(status); });
  if (refused && !cancel.stop_requested() && lock_refused_) {
    lock_refused_(permission.term);
  }
  if (cancel.stop_requested() || now >= permission.until) {
    // It was us who broke it off: that says nothing about the registry.
    for (absl::Status& status : results) {
      status = IsTransient(status) ? absl::CancelledError(status.message()) : status;
    }
  }
  write_seconds_.Add(now - begun);
  mutex_.lock();
  const std::vector<Written> written = reconciler_.Finished(batch, results, now);
  for (const Written& done : written) {
    if (done.change.since != Mono{}) {
      latency_.Add(now - done.change.since);
    }
  }
  if (reconciler_.NextReadDeadline()) {
    readers_.NotifyOne();  // what failed may call for a look
  }
  --in_flight_;
  if (in_flight_ == 0) {
    idle_.NotifyAll();
  }
  if (LogShows(LogLevel::kDebug)) {
    mutex_.unlock();
    LogEach(name_, written);
    mutex_.lock();
  }
}

void AdapterRunner::Reader() {
  mutex_.lock();
  while (!stopping_) {
    const Mono now = clock_.Now();
    if (reconciler_.LanesWanted(now)) {
      ReadLanes();
    } else if (const std::optional<std::string> lane = reconciler_.NextRead(now)) {
      ReadLane(*lane);
    } else {
      Sleep(readers_, reconciler_.NextReadDeadline());
    }
  }
  mutex_.unlock();
}

void AdapterRunner::Watcher(size_t thing) {
  mutex_.lock();
  while (!stopping_) {
    const Mono now = clock_.Now();
    const std::optional<Mono> due = reconciler_.WatchDeadline(thing);
    if (!due || *due > now) {
      Sleep(watchers_, due);
      continue;
    }
    const uint64_t since = reconciler_.WatchBegan(thing, now);
    mutex_.unlock();
    const absl::StatusOr<WatchAnswer> answer = adapter_->Watch(thing, since, cancel_.get_token());
    mutex_.lock();
    if (!stopping_) {
      reconciler_.WatchEnded(thing, answer, clock_.Now());
      readers_.NotifyOne();
      PassNotes();
    }
  }
  mutex_.unlock();
}

void AdapterRunner::ReadLanes() {
  reconciler_.LanesAsked();
  mutex_.unlock();
  const auto lanes = adapter_->Lanes(cancel_.get_token());
  mutex_.lock();
  reconciler_.LanesKnown(lanes, clock_.Now());
  if (!lanes.ok() && !stopping_) {
    ++failed_reads_;
  }
  readers_.NotifyAll();
  PassNotes();
}

void AdapterRunner::ReadLane(const std::string& lane) {
  ++reads_;
  mutex_.unlock();
  const Mono begun = clock_.Now();
  std::vector<Entry> entries;
  const auto hand_over = [&] {
    MutexLock lock(mutex_);
    for (Entry& entry : entries) {
      reconciler_.Observed(lane, std::move(entry));
    }
    entries.clear();
  };
  const absl::Status status = adapter_->Read(lane, cancel_.get_token(), [&](Entry entry) {
    entries.push_back(std::move(entry));
    if (entries.size() >= kEntriesTogether) {
      hand_over();
    }
  });
  hand_over();
  const Mono now = clock_.Now();
  read_seconds_.Add(now - begun);
  mutex_.lock();
  reconciler_.ReadEnded(lane, status, now);
  if (!status.ok() && !stopping_) {
    ++failed_reads_;
  }
  readers_.NotifyAll();
  writers_.NotifyAll();
  watchers_.NotifyAll();  // they begin after the first read
  PassNotes();
}

void AdapterRunner::Sleep(CondVar& cv, std::optional<Mono> due) {
  if (stopping_) {
    return;
  }
  if (due) {
    cv.WaitUntil(mutex_, std::max(*due, clock_.Now() + kMinSleep));
  } else {
    cv.Wait(mutex_);
  }
}

bool AdapterRunner::PassNotes() {
  std::vector<Note> notes = reconciler_.TakeNotes();
  const TierNews news = reconciler_.TakeTierNews();
  if (notes.empty() && news.empty()) {
    return false;
  }
  mutex_.unlock();
  if (!news.empty() && tell_tiers_) {
    tell_tiers_(news);
  }
  if (!notes.empty()) {
    decisions_.Add(name_, std::move(notes));
  }
  mutex_.lock();
  return true;
}

void AdapterRunner::StopBatches() {
  MutexLock lock(mutex_);
  stopping_ = true;
  writers_.NotifyAll();
  readers_.NotifyAll();
  watchers_.NotifyAll();
}

void AdapterRunner::WaitIdle(Mono until) {
  MutexLock lock(mutex_);
  while (in_flight_ > 0 && idle_.WaitUntil(mutex_, until)) {
  }
}

void AdapterRunner::Stop() {
  StopBatches();
  cancel_.request_stop();
  {
    MutexLock lock(mutex_);
    write_cancel_.request_stop();
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
  std::vector<Note> rest;
  {
    MutexLock lock(mutex_);
    reconciler_.TellRest();
    rest = reconciler_.TakeNotes();
  }
  decisions_.Add(name_, std::move(rest));
}

std::vector<Age> AdapterRunner::Ages() const {
  MutexLock lock(mutex_);
  return reconciler_.Ages();
}

void AdapterRunner::Inherit(const std::vector<Age>& ages) {
  MutexLock lock(mutex_);
  reconciler_.Inherit(ages);
}

std::vector<Adoption> AdapterRunner::Adopt(AdoptionRequest request) {
  {
    MutexLock lock(mutex_);
    request.services = reconciler_.Published();
    for (const auto& service : request.services) {
      if (!reconciler_.MayCreate(service->key)) {
        request.unready.insert(service->key);
      }
    }
  }
  const std::optional<Permission> may = Ask();
  request.dry_run = request.dry_run || !may || may->scope != WriteScope::kAll;
  request.deadline = std::min(request.deadline, may ? may->until : Mono::max());
  if (request.from == Maker::kOwner) {
    absl::StatusOr<std::unique_ptr<Adapter>> predecessor = make_as_(request.whose);
    if (!predecessor.ok()) {
      return {{Adoption::Outcome::kFailed, "owner " + request.whose, Text(predecessor.status())}};
    }
    (*predecessor)->SetFence({may ? may->fence : "", true});
    request.predecessor = *std::move(predecessor);
  }
  return adapter_->Adopt(request, cancel_.get_token());
}

AdapterReport AdapterRunner::Report() const {
  AdapterReport report;
  report.name = name_;
  report.type = traits_.type;
  report.latency = latency_.Read();
  report.write_seconds = write_seconds_.Read();
  report.read_seconds = read_seconds_.Read();
  MutexLock lock(mutex_);
  report.state = reconciler_.Report(clock_.Now());
  report.writes = writes_;
  report.reads = reads_;
  report.failed_reads = failed_reads_;
  return report;
}

AppPlace AdapterRunner::Where(const AppId& app) const {
  MutexLock lock(mutex_);
  return reconciler_.Where(app, clock_.Now());
}

std::vector<AppStanding> AdapterRunner::Standings() const {
  MutexLock lock(mutex_);
  return reconciler_.Standings();
}

AdapterPlan AdapterRunner::Plan(bool synced) const {
  MutexLock lock(mutex_);
  const Mono now = clock_.Now();
  const ReconcileReport state = reconciler_.Report(now);
  // The catalog has synced a moment before its services are offered here.
  return {name_, synced && state.read_once && state.offered, reconciler_.Plan(now), reconciler_.CountRight()};
}

}  // namespace dispatcher
