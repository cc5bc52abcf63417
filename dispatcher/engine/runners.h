// The runners of all configured adapters, wired to each other.
#pragma once

#include <memory>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/engine/adapter_runner.h"
#include "dispatcher/engine/adapters_factory.h"

namespace dispatcher {

using Runners = std::vector<std::unique_ptr<AdapterRunner>>;

struct RunnerOptions {
  bool dry_run = false;
  uint64_t seed = 0;
};

// Fills `runners` with one for each of `settings.adapters`, sorted by name; none is
// started. What one has got or let go of is told to those of other tiers, so
// `runners` stays where it is; `clock` and `decisions` outlive them. InvalidArgument
// names the adapter and the setting.
absl::Status MakeRunners(const Settings& settings, const AdapterMaker& make, const RunnerOptions& options,
                         const Clock& clock, DecisionLog& decisions, Runners& runners);

// Nothing new is begun, what is being written gets `grace` and is cancelled then;
// all threads are joined. Idempotent.
void StopRunners(const Runners& runners, const Clock& clock, Duration grace);

}  // namespace dispatcher
