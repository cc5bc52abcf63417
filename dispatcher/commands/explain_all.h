// `dispatcher explain` without an app.
#pragma once

#include <string>

#include "dispatcher/commands/command.h"

namespace dispatcher {

// How the stream, the snapshot and each registry do, and what was decided last, of the
// dispatcher at `url`.
absl::StatusOr<int> ExplainAll(Invocation& invocation, const std::string& url, bool as_json);

}  // namespace dispatcher
