// The thread that owns the catalog: takes what is queued, merges it, builds every
// service that changed once, and offers it to all adapters.
//
// A round is whatever queued while the last one ran: a lone event is on its way at
// once, a burst shares its builds.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/btree_map.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/catalog/catalog.h"
#include "dispatcher/engine/adapter_runner.h"
#include "dispatcher/engine/decision_log.h"
#include "dispatcher/engine/histogram.h"
#include "dispatcher/engine/inbox.h"
#include "dispatcher/engine/read_runner.h"
#include "dispatcher/recording/recorder.h"

namespace dispatcher {

class CatalogLoop {
 public:
  // Everything given outlives this. `recorder`, which may be null, is used by the
  // loop's thread alone.
  CatalogLoop(CatalogPolicy policy, Inbox& inbox, ReadRunner& reads,
              const std::vector<std::unique_ptr<AdapterRunner>>& adapters, DecisionLog& decisions,
              const Clock& clock, Recorder* recorder);

  // Told when the catalog begins or ceases to know what Marathon runs (Catalog::synced), from
  // the loop's thread after that was offered. Before Start.
  void SetTellSynced(std::function<void(bool)> tell) { tell_synced_ = std::move(tell); }
  void Start();
  // Until the closed inbox is empty.
  void Join();

  // Any thread.
  CatalogCounts Counts() const;
  std::vector<AppId> Apps() const;
  std::vector<AppSummary> Summaries() const;
  std::optional<AppReport> Explain(const AppId& app) const;
  std::vector<std::shared_ptr<const Service>> Services() const;
  size_t ServiceCount() const;
  HistogramReport StepSeconds() const { return step_seconds_.Read(); }
  // For how long there has been no proven stream; none while there is one.
  std::optional<Duration> DownFor() const;

 private:
  // What a round has gathered so far.
  struct Round {
    std::set<ServiceKey> dirty;
    std::optional<FullPass> full_pass;
    bool framework_may_differ = false;
    std::vector<Note> notes;
  };

  void Run();
  void RunRound(const std::vector<Envelope>& envelopes);
  void Step(const Envelope& envelope, Round& round) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Follow(const Envelope& envelope, std::vector<ReadWanted> wanted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Publish(const std::vector<BuiltService>& built);

  Inbox& inbox_;
  ReadRunner& reads_;
  const std::vector<std::unique_ptr<AdapterRunner>>& adapters_;
  // Discovery first: a router asked before it would not know that there is something to wait for.
  std::vector<AdapterRunner*> by_tier_;
  DecisionLog& decisions_;
  const Clock& clock_;
  Recorder* const recorder_;
  std::thread thread_;
  Histogram step_seconds_;
  std::optional<Mono> wake_;  // of the loop's thread alone
  std::string framework_;     // of the loop's thread alone
  std::function<void(bool)> tell_synced_;
  bool told_synced_ = false;  // of the loop's thread alone

  mutable Mutex mutex_;
  Catalog catalog_ ABSL_GUARDED_BY(mutex_);
  std::optional<Mono> down_since_ ABSL_GUARDED_BY(mutex_);

  mutable Mutex services_mutex_;
  absl::btree_map<ServiceKey, std::shared_ptr<const Service>> services_ ABSL_GUARDED_BY(services_mutex_);
};

}  // namespace dispatcher
