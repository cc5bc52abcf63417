// Vulcand's objects as its API takes and gives them: defaults filled in, unknown
// fields dropped, keys without regard to case, errors in its words.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"

namespace dispatcher::testing {

// Of 0.8.0-beta.3, of git 5fb2302 in 2018, of 0.9.2.
enum class VulcandVersion : uint8_t { kBeta3, k2018, k092 };

// "Backend", "Server", "Frontend", "Listener", "Middleware", "Host".
struct WireObject {
  std::string id;
  std::string json;
};

// The object under `kind` of a POST's body. Errors: InvalidArgument with Vulcand's
// message; FailedPrecondition the same where it answers 400 in every version.
absl::StatusOr<WireObject> ParseWire(VulcandVersion version, std::string_view kind, std::string_view body);

}  // namespace dispatcher::testing
