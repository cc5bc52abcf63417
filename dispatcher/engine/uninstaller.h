// Takes everything of ours out of registries: a full pass over a Marathon that runs
// nothing, of which each held removal is released at once. Order, batches and
// retries are those of every day, and so is what is left alone.
#pragma once

#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/engine/adapters_factory.h"
#include "dispatcher/engine/report.h"

namespace dispatcher {

struct UninstallOptions {
  bool dry_run = false;  // only looks
  Duration timeout = std::chrono::seconds(60);
  AdapterMaker make_adapter = MakeAdapter;
};

struct UninstallReport {
  // Both sorted by adapter. What is there still, or after a dry run at all, are the
  // changes of its plan: removals.
  std::vector<AdapterReport> adapters;
  std::vector<AdapterPlan> plans;
  std::vector<std::string> waiting;  // what had not come when the time was over
};

// Of all `settings.adapters`. Blocks, at most for about `timeout`. Nobody else may write
// with the same owner meanwhile.
absl::StatusOr<UninstallReport> Uninstall(const Settings& settings, const Clock& clock,
                                          const UninstallOptions& options);

}  // namespace dispatcher
