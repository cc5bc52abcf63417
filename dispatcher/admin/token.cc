#include "dispatcher/admin/token.h"

#include <fstream>
#include <sstream>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

bool EqualInConstantTime(std::string_view given, std::string_view token) {
  unsigned difference = given.size() == token.size() ? 0 : 1;
  for (size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned>(given[i] ^ token[i % token.size()]);
  }
  return difference == 0;
}

}  // namespace

absl::StatusOr<std::string> BearerToken(const HttpSettings& settings) {
  if (!settings.token.empty()) {
    return settings.token;
  }
  if (settings.token_file.empty()) {
    return absl::FailedPreconditionError(
        "changing something is switched off: set http.token_file (or DISPATCHER_HTTP__TOKEN) to allow it");
  }
  std::ifstream file(settings.token_file);
  std::stringstream text;
  text << file.rdbuf();
  const std::string token(Trim(text.str()));
  if (token.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "http.token_file ", settings.token_file,
                 " is empty or can't be read");
  }
  return token;
}

absl::Status CheckBearer(const HttpSettings& settings, std::string_view authorization) {
  ASSIGN_OR_RETURN(const std::string token, BearerToken(settings));
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.size() <= kScheme.size() ||
      !EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme) ||
      !EqualInConstantTime(authorization.substr(kScheme.size()), token)) {
    return absl::UnauthenticatedError(
        "send the token of http.token_file as \"Authorization: Bearer <token>\"");
  }
  return absl::OkStatus();
}

}  // namespace dispatcher
