#include "dispatcher/engine/engine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "dispatcher/engine/catalog_loop.h"
#include "dispatcher/engine/decision_log.h"
#include "dispatcher/engine/inbox.h"
#include "dispatcher/engine/policies.h"
#include "dispatcher/engine/read_runner.h"
#include "dispatcher/engine/readiness.h"
#include "dispatcher/engine/runners.h"
#include "dispatcher/engine/static_runner.h"
#include "dispatcher/leader/leadership.h"
#include "dispatcher/marathon/client/event_stream.h"

namespace dispatcher {

// What is written when the lock is to be given back gets so long to end.
constexpr Duration kQuiesce = std::chrono::seconds(1);

namespace {

std::vector<Note> LeaderNotes(std::vector<std::string> texts) {
  std::vector<Note> notes;
  for (std::string& text : texts) {
    notes.push_back({NoteKind::kLeader, "", "", std::move(text)});
  }
  return notes;
}

}  // namespace

struct Engine::Impl {
  Impl(const Settings& settings, const Clock& clock_in, const EngineOptions& options, CatalogPolicy policy,
       ReadPolicy reads_policy, EventStreamOptions stream_options, const std::shared_ptr<Nodes>& nodes)
      : owner(settings.owner),
        dry_run(options.dry_run),
        stall_timeout(settings.marathon.stall_timeout),
        clock(clock_in),
        decisions(options.history != nullptr ? options.history
                                             : std::make_shared<History>(clock_in, options.decisions)),
        reads(MarathonReads(nodes), reads_policy, inbox, clock_in),
        statics(StaticSpecsOf(settings), nodes, clock_in,
                [this](const BuiltService& service) { Offer(service); }),
        loop(std::move(policy), inbox, reads, runners, decisions, clock_in, options.recorder),
        stream(nodes, stream_options, clock_in, [this](std::vector<Observation> seen, Mono received) {
          inbox.Push(std::move(seen), received);
        }) {}

  // Discovery first.
  void Offer(const BuiltService& service) {
    for (const Tier tier : {Tier::kDiscovery, Tier::kRouter, Tier::kGateway}) {
      for (const auto& runner : runners) {
        if (runner->tier() == tier) {
          runner->Offer({service}, std::nullopt);
        }
      }
    }
  }

  // The lock's part; none of it where there is no election.
  void Elect(ElectionPolicy policy, std::unique_ptr<LockStore> store) {
    Leadership::Hooks hooks;
    hooks.changed = [this] { PermitChanged(); };
    hooks.quiesce = [this] {
      const Mono until = clock.Now() + kQuiesce;
      for (const auto& runner : runners) {
        runner->PermitChanged();
      }
      for (const auto& runner : runners) {
        runner->WaitIdle(until);
      }
    };
    hooks.notes = [this](std::vector<std::string> notes) {
      decisions.Add("leader", LeaderNotes(std::move(notes)));
    };
    leadership = std::make_unique<Leadership>(policy, std::move(store), clock, permit, std::move(hooks));
    for (const auto& runner : runners) {
      runner->SetPermit(permit, [this](uint64_t term) { leadership->Refused(term); });
    }
    loop.SetTellSynced([this](bool synced) { leadership->SetFit(synced); });
    reads.SetStandby(true);
  }

  // Without an election.
  void Wait() {
    for (const auto& runner : runners) {
      runner->SetPermit(permit, [](uint64_t) {});
    }
  }

  void PermitChanged() {
    for (const auto& runner : runners) {
      runner->PermitChanged();
    }
    const std::optional<Permission> may = permit.Ask();
    const bool leads = may && may->scope == WriteScope::kAll;
    reads.SetStandby(!leads);
    if (leads && std::exchange(led_term, may->term) != may->term) {
      // A standby looks seldom; and only a complete read shows what is absent.
      ReadWanted wanted;
      wanted.what = ReadWanted::What::kSnapshot;
      wanted.reason = "leads now";
      reads.Want({wanted});
    }
  }

  const std::string owner;
  const bool dry_run;
  const Duration stall_timeout;
  const Clock& clock;
  Permit permit{clock};
  uint64_t led_term = 0;  // of the election's thread, or of TakeOver's, alone
  Inbox inbox;
  DecisionLog decisions;
  Runners runners;
  ReadRunner reads;
  StaticRunner statics;
  CatalogLoop loop;
  EventStream stream;
  std::unique_ptr<Leadership> leadership;  // null: this dispatcher always leads

  mutable Mutex mutex;
  std::optional<Mono> started ABSL_GUARDED_BY(mutex);
  bool stopping ABSL_GUARDED_BY(mutex) = false;
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Engine::~Engine() { Stop(Duration::zero()); }

absl::StatusOr<std::unique_ptr<Engine>> Engine::Make(const Settings& settings, const Clock& clock,
                                                     EngineOptions options) {
  const uint64_t seed =
      options.seed != 0 ? options.seed : static_cast<uint64_t>(clock.Now().time_since_epoch().count());
  ASSIGN_OR_RETURN(CatalogPolicy policy, CatalogPolicyOf(settings));
  ASSIGN_OR_RETURN(const std::shared_ptr<Nodes> nodes, Nodes::Make(settings.marathon, clock));
  ReadPolicy reads_policy = ReadPolicyOf(settings);
  reads_policy.seed = seed;
  EventStreamOptions stream_options;
  stream_options.stall_timeout = settings.marathon.stall_timeout;
  stream_options.seed = seed;
  auto impl = std::make_unique<Impl>(settings, clock, options, std::move(policy), reads_policy,
                                     stream_options, nodes);
  RETURN_IF_ERROR(MakeRunners(settings, options.make_adapter, {options.dry_run, seed}, clock, impl->decisions,
                              impl->runners));
  if (settings.leader.configured && !options.dry_run) {
    ASSIGN_OR_RETURN(std::unique_ptr<LockStore> lock, options.make_lock(settings));
    ElectionPolicy election = options.election.value_or(ElectionPolicyOf(settings.leader.ttl));
    election.seed = seed;
    impl->Elect(election, std::move(lock));
  } else if (options.waits) {
    impl->Wait();
  }
  impl->decisions.SetWaiting(options.waits);
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

void Engine::Start(const std::string& http) {
  {
    MutexLock lock(impl_->mutex);
    impl_->started = impl_->clock.Now();
  }
  // Before anything is read: what no configuration names any more is told by that.
  impl_->statics.Start();
  // The registries are read while the stream connects and Marathon is read.
  for (const auto& runner : impl_->runners) {
    runner->Start();
  }
  impl_->loop.Start();
  impl_->reads.Start();
  impl_->stream.Start();
  if (impl_->leadership != nullptr) {
    impl_->leadership->Start(ThisProcess(impl_->owner, http));
  }
}

void Engine::TakeOver(const Engine& before) {
  impl_->decisions.SetWaiting(false);
  for (const auto& old : before.impl_->runners) {
    for (const auto& runner : impl_->runners) {
      if (runner->name() == old->name()) {
        runner->Inherit(old->Ages());
      }
    }
  }
  if (impl_->leadership == nullptr) {
    Permission forever;
    forever.term = 1;
    impl_->permit.Set(std::move(forever));
    impl_->PermitChanged();
  }
}

void Engine::Stop(Duration grace) {
  {
    MutexLock lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->stream.Stop();
  impl_->statics.Stop();
  impl_->reads.Stop();
  impl_->inbox.Close();
  impl_->loop.Join();
  StopRunners(impl_->runners, impl_->clock, grace);
  if (impl_->leadership != nullptr) {
    impl_->leadership->Stop();
  }
  impl_->decisions.Close();
}

EngineReport Engine::Report() const {
  EngineReport report;
  report.dry_run = impl_->dry_run;
  const Mono now = impl_->clock.Now();
  {
    MutexLock lock(impl_->mutex);
    report.started = impl_->started.has_value();
    report.stopping = impl_->stopping;
    report.uptime = impl_->started ? now - history()->began() : Duration::zero();
    report.settings_age = impl_->started ? now - *impl_->started : Duration::zero();
  }
  report.marathon_version = impl_->reads.MarathonVersion();
  if (impl_->leadership != nullptr) {
    report.leader = impl_->leadership->Report();
  }
  report.stream.now = impl_->stream.Counters();
  if (report.stream.now.last_byte) {
    report.stream.silent_for = std::max(now - *report.stream.now.last_byte, Duration::zero());
  }
  report.stream.down_for = impl_->loop.DownFor();
  report.inbox = impl_->inbox.Report();
  report.reads = impl_->reads.Report();
  report.catalog = impl_->loop.Counts();
  report.services = impl_->loop.ServiceCount() + impl_->statics.Services().size();
  report.static_questions = impl_->statics.Unanswered();
  report.step_seconds = impl_->loop.StepSeconds();
  for (const auto& runner : impl_->runners) {
    report.adapters.push_back(runner->Report());
  }
  JudgeReadiness(report, impl_->stall_timeout);
  return report;
}

std::vector<AppId> Engine::Apps() const { return impl_->loop.Apps(); }

std::vector<AppSummary> Engine::Summaries() const { return impl_->loop.Summaries(); }

std::vector<std::pair<std::string, std::vector<AppStanding>>> Engine::Standings() const {
  std::vector<std::pair<std::string, std::vector<AppStanding>>> standings;
  for (const auto& runner : impl_->runners) {
    standings.emplace_back(runner->name(), runner->Standings());
  }
  return standings;
}

std::optional<AppReport> Engine::Explain(const AppId& app) const { return impl_->loop.Explain(app); }

std::vector<std::shared_ptr<const Service>> Engine::Services() const {
  // All apps' keys begin with "/", which sorts before any static one's.
  std::vector<std::shared_ptr<const Service>> services = impl_->loop.Services();
  for (std::shared_ptr<const Service>& service : impl_->statics.Services()) {
    services.push_back(std::move(service));
  }
  return services;
}

std::vector<AdapterPlan> Engine::Plan() const {
  const bool synced = impl_->loop.Counts().synced;
  std::vector<AdapterPlan> plans;
  for (const auto& runner : impl_->runners) {
    plans.push_back(runner->Plan(synced));
  }
  return plans;
}

std::vector<std::pair<std::string, AppPlace>> Engine::Where(const AppId& app) const {
  std::vector<std::pair<std::string, AppPlace>> places;
  for (const auto& runner : impl_->runners) {
    places.emplace_back(runner->name(), runner->Where(app));
  }
  return places;
}

absl::StatusOr<size_t> Engine::Release(const ReleaseScope& scope) {
  size_t released = 0;
  std::vector<std::string> names;
  for (const auto& runner : impl_->runners) {
    names.push_back(runner->name());
    if (scope.adapter.empty() || scope.adapter == runner->name()) {
      released += runner->Release(scope.app);
    }
  }
  if (!scope.adapter.empty() && std::find(names.begin(), names.end(), scope.adapter) == names.end()) {
    return Error(absl::StatusCode::kNotFound, "there is no adapter ", scope.adapter, ", only ",
                 absl::StrJoin(names, ", "));
  }
  return released;
}

std::vector<std::pair<std::string, std::vector<Adoption>>> Engine::Adopt(Tier tier,
                                                                         const AdoptionRequest& request) {
  std::vector<std::pair<std::string, std::vector<Adoption>>> adopted;
  for (const auto& runner : impl_->runners) {
    if (runner->tier() == tier) {
      adopted.emplace_back(runner->name(), runner->Adopt(request));
    }
  }
  return adopted;
}

std::vector<Decision> Engine::Decisions(const DecisionQuery& query) const { return history()->Find(query); }

std::vector<Decision> Engine::WaitForDecisions(uint64_t after, size_t limit, Duration patience) const {
  return history()->WaitAfter(after, limit, impl_->clock.Now() + patience);
}

const std::shared_ptr<History>& Engine::history() const { return impl_->decisions.history(); }

}  // namespace dispatcher
