// What a command gets and gives. One file a command; the table is in commands.cc.
#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/commands/arguments.h"
#include "dispatcher/config/load.h"

namespace dispatcher {

inline constexpr int kExitOk = 0;
inline constexpr int kExitError = 1;
inline constexpr int kExitChanges = 2;  // plan: there is something to change; replay: it decides otherwise

struct Invocation {
  Arguments arguments;
  const Environment& environment;
  std::ostream& out;
  std::ostream& err;
  std::istream& in;  // answers to questions
};

// --config (or DISPATCHER_CONFIG), the environment and --set.
absl::StatusOr<Configuration> LoadFor(const Invocation& invocation);
// What of it was passed over, to the log; after ConfigureLog.
void LogSkipped(const Configuration& configuration);

// --timeout, or 60 s.
absl::StatusOr<Duration> TimeoutOf(const Arguments& arguments);

// The exit code; an error is printed by the caller.
using Action = absl::StatusOr<int> (*)(Invocation&);

absl::StatusOr<int> Run(Invocation& invocation);              // run.cc
absl::StatusOr<int> PrintCompletion(Invocation& invocation);  // completion.cc
absl::StatusOr<int> ShowConfig(Invocation& invocation);       // show_config.cc
absl::StatusOr<int> Explain(Invocation& invocation);          // explain.cc
absl::StatusOr<int> Plan(Invocation& invocation);             // plan.cc
absl::StatusOr<int> ShowDecisions(Invocation& invocation);    // decisions.cc
absl::StatusOr<int> Release(Invocation& invocation);          // release.cc
absl::StatusOr<int> ChangeLogLevel(Invocation& invocation);   // log_level.cc
absl::StatusOr<int> Sync(Invocation& invocation);             // sync.cc
absl::StatusOr<int> Record(Invocation& invocation);           // record.cc
absl::StatusOr<int> ReplayFile(Invocation& invocation);       // replay.cc
absl::StatusOr<int> UninstallAll(Invocation& invocation);     // uninstall.cc

}  // namespace dispatcher
