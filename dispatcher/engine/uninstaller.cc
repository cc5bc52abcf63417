#include "dispatcher/engine/uninstaller.h"

#include "dispatcher/base/pause.h"
#include "dispatcher/engine/decision_log.h"
#include "dispatcher/engine/runners.h"
#include "dispatcher/engine/settled.h"

namespace dispatcher {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(20);
constexpr size_t kDecisions = 100;

bool ReleaseHeld(const Runners& runners, const std::vector<AdapterReport>& reports) {
  bool released = false;
  for (size_t i = 0; i < runners.size(); ++i) {
    if (!reports[i].state.held.empty()) {
      runners[i]->Release();
      released = true;
    }
  }
  return released;
}

}  // namespace

absl::StatusOr<UninstallReport> Uninstall(const Settings& settings, const Clock& clock,
                                          const UninstallOptions& options) {
  // Quiet: that each removal is held and released is no news here.
  DecisionLog decisions(std::make_shared<History>(clock, kDecisions), /*quiet=*/true);
  Runners runners;
  RETURN_IF_ERROR(
      MakeRunners(settings, options.make_adapter, {options.dry_run, /*seed=*/1}, clock, decisions, runners));
  for (const auto& runner : runners) {
    runner->Offer({}, FullPass{true, ""});
    runner->Start();
  }
  const Mono deadline = clock.Now() + options.timeout;
  UninstallReport report;
  while (true) {
    report.adapters.clear();
    for (const auto& runner : runners) {
      report.adapters.push_back(runner->Report());
    }
    report.waiting = WaitingFor(report.adapters, options.dry_run ? Until::kRead : Until::kSettled);
    const bool more = !options.dry_run && ReleaseHeld(runners, report.adapters);
    if ((report.waiting.empty() && !more) || clock.Now() >= deadline) {
      break;
    }
    Pause(kLook, Cancel());
  }
  for (const auto& runner : runners) {
    report.plans.push_back(runner->Plan(true));
  }
  StopRunners(runners, clock, std::chrono::seconds(1));
  return report;
}

}  // namespace dispatcher
