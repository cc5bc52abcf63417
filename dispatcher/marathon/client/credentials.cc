#include "dispatcher/marathon/client/credentials.h"

#include <cstdint>
#include <fstream>
#include <sstream>

#include "dispatcher/base/strings.h"
#include "dispatcher/net/http.h"

namespace dispatcher {
namespace {

absl::StatusOr<std::string> ReadSecret(std::string_view setting, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in || content.str().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, setting, ": can't read ", file,
                 ", or it is empty; it must hold the secret and nothing else");
  }
  return std::string(Trim(content.str()));
}

}  // namespace

Credentials::Credentials(const MarathonSettings& settings, const Clock& clock)
    : settings_(settings), token_(!settings.token.empty() || !settings.token_file.empty()), clock_(clock) {
  if (!settings.dcos_uid.empty() && !settings.urls.empty()) {
    login_.emplace(settings, clock);
  }
}

absl::StatusOr<std::string> Credentials::Authorization(const Cancel& cancel) {
  MutexLock lock(mutex_);
  if (!configured() || (!value_.empty() && !(renew_at_ && clock_.Now() >= *renew_at_))) {
    return value_;
  }
  if (login_) {
    ASSIGN_OR_RETURN(const DcosToken fetched, login_->LogIn(cancel));
    value_ = "token=" + fetched.text;
    renew_at_ = fetched.renew_at;
    return value_;
  }
  const std::string setting = token_ ? "marathon.token" : "marathon.password";
  const std::string& file = token_ ? settings_.token_file : settings_.password_file;
  std::string secret = token_ ? settings_.token : settings_.password;
  if (!file.empty()) {
    ASSIGN_OR_RETURN(secret, ReadSecret(setting + "_file", file));
  }
  const std::string value = token_ ? "token=" + secret : "Basic " + Base64(settings_.username + ":" + secret);
  if (!CheckHeader("Authorization", value).ok()) {
    return Error(absl::StatusCode::kFailedPrecondition, setting, file.empty() ? "" : "_file: " + file,
                 ": holds a character that no HTTP header can carry; it must be one line");
  }
  value_ = value;
  return value_;
}

void Credentials::Forget() {
  MutexLock lock(mutex_);
  value_.clear();
}

}  // namespace dispatcher
