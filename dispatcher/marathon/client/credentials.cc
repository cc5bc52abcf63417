#include "dispatcher/marathon/client/credentials.h"

#include <cstdint>
#include <fstream>
#include <sstream>

#include "dispatcher/base/strings.h"
#include "dispatcher/net/http.h"

namespace dispatcher {
namespace {

std::string Base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      const uint8_t byte = i + j < bytes.size() ? static_cast<uint8_t>(bytes[i + j]) : 0;
      group = group << 8 | byte;
    }
    for (size_t j = 0; j < 4; ++j) {
      out += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

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

absl::StatusOr<std::string> Credentials::Authorization() {
  MutexLock lock(mutex_);
  if (!configured() || !value_.empty()) {
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
