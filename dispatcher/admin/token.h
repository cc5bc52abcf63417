// The bearer token that calls which change something must carry.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"

namespace dispatcher {

// The token of http.token or http.token_file, read anew at each call so that a
// rotated file counts at once; blanks and newlines around it are cut off.
// FailedPrecondition: none is configured, or the file is empty or can't be read.
absl::StatusOr<std::string> BearerToken(const HttpSettings& settings);

// OK if `authorization` is "Bearer <token>". FailedPrecondition as above;
// Unauthenticated for everything else, without a hint at how near it was. The time
// it takes does not depend on the token.
absl::Status CheckBearer(const HttpSettings& settings, std::string_view authorization);

}  // namespace dispatcher
