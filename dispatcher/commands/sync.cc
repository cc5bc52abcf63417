// One pass from the command line, and taking over what others made.
#include <optional>
#include <utility>
#include <vector>

#include "dispatcher/base/log.h"
#include "dispatcher/base/pause.h"
#include "dispatcher/commands/adoptee.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/remote.h"
#include "dispatcher/commands/sync_report.h"
#include "dispatcher/engine/engine.h"
#include "dispatcher/engine/settled.h"

namespace dispatcher {
namespace {

constexpr Duration kSettledLook = std::chrono::milliseconds(20);

struct SyncOptions {
  bool dry_run = false;
  std::optional<Adoptee> adopt;
  Duration timeout{};
};

absl::StatusOr<SyncOptions> OptionsOf(const Arguments& arguments) {
  SyncOptions options;
  options.dry_run = arguments.Has("--dry-run");
  ASSIGN_OR_RETURN(options.timeout, TimeoutOf(arguments));
  if (arguments.Has("--adopt")) {
    ASSIGN_OR_RETURN(options.adopt, ParseAdoptee(arguments.Get("--adopt")));
  }
  return options;
}

// What there is to wait for at the end of each round, and whom to ask for adoption then.
// The gateway's turn comes when the router's part is known to stand.
struct Round {
  Until until = Until::kSettled;
  std::vector<Tier> adopt;
};

std::vector<Round> RoundsOf(const SyncOptions& options) {
  const std::vector<Tier> lower = {Tier::kDiscovery, Tier::kRouter},
                          all = {Tier::kDiscovery, Tier::kRouter, Tier::kGateway};
  if (options.dry_run) {
    return {{Until::kRead, options.adopt ? all : std::vector<Tier>()}};
  }
  if (!options.adopt) {
    return {{Until::kSettled, {}}};
  }
  if (options.adopt->from == Maker::kAllegro) {
    return {{Until::kWritten, {Tier::kDiscovery}}, {Until::kSettled, {}}};
  }
  return {{Until::kWritten, lower}, {Until::kWritten, {Tier::kGateway}}, {Until::kSettled, {}}};
}

void Await(const Engine& engine, Until until, Duration timeout, SyncReport& report) {
  const Mono deadline = SystemClock().Now() + timeout;
  while (true) {
    report.engine = engine.Report();
    report.waiting = WaitingFor(report.engine, until);
    if (report.waiting.empty() || SystemClock().Now() >= deadline) {
      break;
    }
    Pause(kSettledLook, Cancel());
  }
  report.plans = engine.Plan();
}

absl::StatusOr<SyncReport> RunRounds(const Settings& settings, const SyncOptions& sync) {
  EngineOptions options;
  options.dry_run = sync.dry_run;
  SyncReport report;
  report.dry_run = sync.dry_run;
  for (const Round& round : RoundsOf(sync)) {
    // Each with nothing remembered: what was refused before may go now.
    ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Make(settings, SystemClock(), options));
    engine->Start();
    Await(*engine, round.until, sync.timeout, report);
    if (!report.waiting.empty()) {
      break;
    }
    // The engine runs on meanwhile, so that what dies leaves the registries.
    AdoptionRequest request;
    const Adoptee adoptee = sync.adopt.value_or(Adoptee());
    request.from = adoptee.from;
    request.whose = adoptee.whose;
    request.dry_run = sync.dry_run;
    request.deadline = SystemClock().Now() + sync.timeout;
    for (const Tier tier : round.adopt) {
      for (auto& adopted : engine->Adopt(tier, request)) {
        report.adopted.push_back(std::move(adopted));
      }
    }
  }
  return report;
}

}  // namespace

absl::StatusOr<int> Sync(Invocation& invocation) {
  ASSIGN_OR_RETURN(const bool as_json, WantsJson(invocation));
  ASSIGN_OR_RETURN(const SyncOptions options, OptionsOf(invocation.arguments));
  ASSIGN_OR_RETURN(const Configuration configuration, LoadFor(invocation));
  const Settings& settings = configuration.settings;
  RETURN_IF_ERROR(ConfigureLog(settings.log.level, settings.log.format));
  LogSkipped(configuration);
  if (options.adopt) {
    RETURN_IF_ERROR(MayAdopt(*options.adopt, settings, options.dry_run));
  }
  ASSIGN_OR_RETURN(const SyncReport report, RunRounds(settings, options));
  if (as_json) {
    invocation.out << SyncJson(report) << "\n";
  } else {
    PrintSync(report, invocation.out);
  }
  return EverythingEquals(report) ? kExitOk : kExitError;
}

}  // namespace dispatcher
