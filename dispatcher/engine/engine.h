// The pipeline, wired: event stream and reads -> inbox -> catalog -> reconcilers
// -> adapters. Owns every thread of it and nothing else does.
//
//   auto engine = Engine::Make(settings, SystemClock());
//   (*engine)->Start();  ...  (*engine)->Stop();
//
// The clock must run by itself: threads wait on it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/engine/adapters_factory.h"
#include "dispatcher/engine/history.h"
#include "dispatcher/engine/lock_factory.h"
#include "dispatcher/engine/report.h"
#include "dispatcher/recording/recorder.h"

namespace dispatcher {

struct EngineOptions {
  bool dry_run = false;  // plan, never write
  bool waits = false;    // knows all, writes and tells nothing until TakeOver
  AdapterMaker make_adapter = MakeAdapter;
  LockMaker make_lock = MakeLockStore;     // where settings.leader.configured; not asked for in a dry run
  std::optional<ElectionPolicy> election;  // none: by settings.leader.ttl
  uint64_t seed = 0;                       // of all jitter; 0: from the clock
  size_t decisions = 5000;                 // kept for Decisions()
  std::shared_ptr<History> history;        // of the engine whose place this one takes; null: its own begins
  Recorder* recorder = nullptr;            // of all that the catalog is given; outlives the engine
};

// Which of the held removals; "" each: of all adapters, of all apps.
struct ReleaseScope {
  std::string adapter;
  AppId app;
};

class Engine {
 public:
  // Checks the settings that only the engine reads and makes the adapters.
  // Nothing runs yet. `clock` outlives the engine.
  static absl::StatusOr<std::unique_ptr<Engine>> Make(const Settings& settings, const Clock& clock,
                                                      EngineOptions options = {});
  ~Engine();  // stops
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // `http`: where it can be asked about itself, for whoever waits for the lock.
  void Start(const std::string& http = "");
  // Ends the waiting of EngineOptions::waits: what the registries hold is read anew, then
  // written to. Where there is an election, that one decides as ever. What `before`, which has
  // stopped, knew of the age of entries is known here, too.
  void TakeOver(const Engine& before);
  // In order: not ready, stream closed, reads cancelled, what has been received is
  // merged, no new batch; writes in flight get `grace` and are cancelled then; the lock is
  // given back; all threads joined. Idempotent.
  void Stop(Duration grace = std::chrono::seconds(1));

  // All below: any thread, at any time between Make and destruction; they take
  // short locks and never wait for I/O.
  EngineReport Report() const;
  std::vector<AppId> Apps() const;
  // Every app in a line, sorted; and adapter -> how each app, or static service, stands there.
  std::vector<AppSummary> Summaries() const;
  std::vector<std::pair<std::string, std::vector<AppStanding>>> Standings() const;
  std::optional<AppReport> Explain(const AppId& app) const;
  // As last built, sorted by key.
  std::vector<std::shared_ptr<const Service>> Services() const;
  std::vector<AdapterPlan> Plan() const;
  // Adapter -> how this app, or static service, stands there.
  std::vector<std::pair<std::string, AppPlace>> Where(const AppId& app) const;
  // Lets the removals go that are held now. How many; NotFound if there is no such
  // adapter.
  absl::StatusOr<size_t> Release(const ReleaseScope& scope);

  // Takes over what others made: Adapter::Adopt of each adapter of that tier, by its
  // name. Waits for I/O. For an engine that has settled (settled.h).
  std::vector<std::pair<std::string, std::vector<Adoption>>> Adopt(Tier tier, const AdoptionRequest& request);

  // Oldest first.
  std::vector<Decision> Decisions(const DecisionQuery& query) const;
  // Those with a number above `after`, the newest `limit` if there are more; waits until there
  // is one or `patience` is over or no engine is left. For followers of /v1/events.
  std::vector<Decision> WaitForDecisions(uint64_t after, size_t limit, Duration patience) const;
  // For the engine that takes this one's place.
  const std::shared_ptr<History>& history() const;

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dispatcher
