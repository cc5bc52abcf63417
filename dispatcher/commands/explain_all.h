// `dispatcher explain` without an app.
#pragma once

#include "dispatcher/commands/command.h"
#include "dispatcher/commands/remote.h"

namespace dispatcher {

// How the stream, the snapshot and each registry do, and what was decided last, of the
// dispatcher at `remote`.
absl::StatusOr<int> ExplainAll(Invocation& invocation, const Remote& remote, bool as_json);

}  // namespace dispatcher
