// JSON Web Tokens (RFC 7519), as much of them as a login needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dispatcher/base/status.h"

namespace dispatcher {

// `claims` (a JSON object) signed by RS256 with the private RSA key in that PEM file.
// FailedPrecondition names a file that holds none, never what it holds.
absl::StatusOr<std::string> SignedJwt(std::string_view claims, const std::string& key_file);

// When a token ends, in seconds since 1970, if it says so. Its signature is not looked at:
// for a token that is only passed on.
std::optional<int64_t> ExpiryOfJwt(std::string_view token);

}  // namespace dispatcher
