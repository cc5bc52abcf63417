#include "dispatcher/engine/catalog_loop.h"

#include <algorithm>
#include <utility>

namespace dispatcher {
namespace {

// Envelopes merged before what they changed is offered: a snapshot reaches the
// registries while the rest of it is being merged.
constexpr size_t kRoundLimit = 256;

}  // namespace

CatalogLoop::CatalogLoop(CatalogPolicy policy, Inbox& inbox, ReadRunner& reads,
                         const std::vector<std::unique_ptr<AdapterRunner>>& adapters, DecisionLog& decisions,
                         const Clock& clock, Recorder* recorder)
    : inbox_(inbox),
      reads_(reads),
      adapters_(adapters),
      decisions_(decisions),
      clock_(clock),
      recorder_(recorder),
      catalog_(std::move(policy)),
      down_since_(clock.Now()) {}

void CatalogLoop::Start() {
  for (const auto& adapter : adapters_) {
    by_tier_.push_back(adapter.get());
  }
  std::stable_sort(by_tier_.begin(), by_tier_.end(),
                   [](const AdapterRunner* a, const AdapterRunner* b) { return a->tier() < b->tier(); });
  thread_ = std::thread([this] { Run(); });
}

void CatalogLoop::Join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void CatalogLoop::Run() {
  std::vector<Envelope> envelopes;
  while (inbox_.Drain(envelopes, kRoundLimit, wake_)) {
    if (!envelopes.empty()) {
      RunRound(envelopes);
    }
    if (wake_ && clock_.Now() >= *wake_) {
      // Time goes through the inbox as well: a recording then holds all there is.
      wake_.reset();
      std::vector<Observation> tick;
      tick.emplace_back(Tick{});
      inbox_.Push(std::move(tick), clock_.Now());
    }
  }
}

void CatalogLoop::RunRound(const std::vector<Envelope>& envelopes) {
  const Mono begun = clock_.Now();
  Round round;
  std::vector<BuiltService> built;
  std::optional<std::string> framework;
  bool synced = false;
  {
    MutexLock lock(mutex_);
    for (const Envelope& envelope : envelopes) {
      Step(envelope, round);
    }
    built.reserve(round.dirty.size());
    for (const ServiceKey& key : round.dirty) {
      built.emplace_back(key, catalog_.Build(key));
    }
    if (round.framework_may_differ) {
      framework = catalog_.Counts().framework;
    }
    synced = catalog_.synced();
  }
  Publish(built);
  const bool marked_anew = framework && *framework != framework_;
  if (marked_anew) {
    framework_ = *framework;
  }
  for (AdapterRunner* const adapter : by_tier_) {
    if (marked_anew) {
      adapter->SetFramework(framework_);
    }
    if (!built.empty() || round.full_pass) {
      adapter->Offer(built, round.full_pass);
    }
  }
  if (synced != told_synced_ && tell_synced_) {
    tell_synced_(synced);
  }
  told_synced_ = synced;
  if (recorder_ != nullptr) {
    recorder_->Flush();
  }
  step_seconds_.Add(clock_.Now() - begun);
  decisions_.Add("catalog", std::move(round.notes));
}

void CatalogLoop::Step(const Envelope& envelope, Round& round) {
  const Mono now = clock_.Now();
  Effects effects = catalog_.Step(envelope, now);
  if (recorder_ != nullptr) {
    recorder_->Add({envelope, now, effects.notes});
  }
  round.dirty.insert(std::make_move_iterator(effects.dirty.begin()),
                     std::make_move_iterator(effects.dirty.end()));
  if (effects.full_pass) {
    round.full_pass = std::move(effects.full_pass);
    round.framework_may_differ = true;
  }
  std::move(effects.notes.begin(), effects.notes.end(), std::back_inserter(round.notes));
  if (effects.wake) {
    wake_ = wake_ ? std::min(*wake_, *effects.wake) : effects.wake;
  }
  round.framework_may_differ = round.framework_may_differ ||
                               std::holds_alternative<MarathonInfo>(envelope.what) ||
                               std::holds_alternative<SchedulerChanged>(envelope.what);
  Follow(envelope, std::move(effects.reads));
}

// What an observation means for the reads, whatever the catalog makes of it. In one
// call together with what the catalog wants: a reader that woke in between would
// begin a read that the rest then comes too late to join.
void CatalogLoop::Follow(const Envelope& envelope, std::vector<ReadWanted> wanted) {
  const auto want = [&](ReadWanted::What what, std::string reason) {
    wanted.emplace_back().what = what;
    wanted.back().reason = std::move(reason);
  };
  if (std::holds_alternative<StreamAttached>(envelope.what)) {
    down_since_.reset();
    reads_.Attached(wanted);
    return;
  }
  if (std::holds_alternative<StreamLost>(envelope.what)) {
    down_since_ = envelope.received;
    reads_.Detached();
  } else if (const auto* gap = std::get_if<StreamGap>(&envelope.what)) {
    want(ReadWanted::What::kSnapshot, "gap in the stream: " + gap->why);
  } else if (const auto* scheduler = std::get_if<SchedulerChanged>(&envelope.what)) {
    want(ReadWanted::What::kInfo, scheduler->event);
  }
  if (!wanted.empty()) {
    reads_.Want(wanted);
  }
}

void CatalogLoop::Publish(const std::vector<BuiltService>& built) {
  MutexLock lock(services_mutex_);
  for (const auto& [key, service] : built) {
    if (service) {
      services_[key] = service;
    } else {
      services_.erase(key);
    }
  }
}

CatalogCounts CatalogLoop::Counts() const {
  MutexLock lock(mutex_);
  return catalog_.Counts();
}

std::vector<AppId> CatalogLoop::Apps() const {
  MutexLock lock(mutex_);
  return catalog_.Apps();
}

std::vector<AppSummary> CatalogLoop::Summaries() const {
  MutexLock lock(mutex_);
  return catalog_.Summaries();
}

std::optional<AppReport> CatalogLoop::Explain(const AppId& app) const {
  MutexLock lock(mutex_);
  return catalog_.Explain(app, clock_.Now());
}

std::vector<std::shared_ptr<const Service>> CatalogLoop::Services() const {
  MutexLock lock(services_mutex_);
  std::vector<std::shared_ptr<const Service>> services;
  services.reserve(services_.size());
  for (const auto& [key, service] : services_) {
    services.push_back(service);
  }
  return services;
}

size_t CatalogLoop::ServiceCount() const {
  MutexLock lock(services_mutex_);
  return services_.size();
}

std::optional<Duration> CatalogLoop::DownFor() const {
  MutexLock lock(mutex_);
  return down_since_ ? std::optional(clock_.Now() - *down_since_) : std::nullopt;
}

}  // namespace dispatcher
