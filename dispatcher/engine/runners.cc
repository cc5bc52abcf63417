#include "dispatcher/engine/runners.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "dispatcher/engine/policies.h"

namespace dispatcher {

absl::Status MakeRunners(const Settings& settings, const AdapterMaker& make, const RunnerOptions& options,
                         const Clock& clock, DecisionLog& decisions, Runners& runners) {
  const auto tiers = std::make_shared<TierBoard>();
  std::set<std::string> names;
  for (const AdapterSettings& adapter_settings : settings.adapters) {
    if (!names.insert(adapter_settings.name).second) {
      return Error(absl::StatusCode::kInvalidArgument, "adapters.", adapter_settings.name,
                   ": is there twice");
    }
    ASSIGN_OR_RETURN(std::unique_ptr<Adapter> adapter, make(adapter_settings, settings));
    ReconcilePolicy policy = ReconcilePolicyOf(settings, adapter_settings);
    policy.seed = options.seed;
    policy.dry_run = options.dry_run;
    policy.tiers = settings.adapters.size() > 1 ? tiers : nullptr;
    runners.push_back(std::make_unique<AdapterRunner>(std::move(adapter), policy, clock, decisions));
    runners.back()->SetMakeAs([make, adapter_settings, settings](const std::string& owner) {
      Settings theirs = settings;
      theirs.owner = owner;
      return make(adapter_settings, theirs);
    });
  }
  std::sort(runners.begin(), runners.end(),
            [](const auto& a, const auto& b) { return a->name() < b->name(); });
  for (const auto& runner : runners) {
    runner->SetTellTiers([&runners, from = runner.get()](const TierNews& news) {
      for (const auto& other : runners) {
        if (other->tier() != from->tier()) {
          other->TiersMoved(news);
        }
      }
    });
  }
  return absl::OkStatus();
}

void StopRunners(const Runners& runners, const Clock& clock, Duration grace) {
  for (const auto& runner : runners) {
    runner->StopBatches();
  }
  const Mono until = clock.Now() + grace;
  for (const auto& runner : runners) {
    runner->WaitIdle(until);
  }
  for (const auto& runner : runners) {
    runner->Stop();
  }
}

}  // namespace dispatcher
