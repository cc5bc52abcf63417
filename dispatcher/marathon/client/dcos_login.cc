#include "dispatcher/marathon/client/dcos_login.h"

#include <algorithm>
#include <utility>

#include "dispatcher/base/json.h"
#include "dispatcher/net/jwt.h"

namespace dispatcher {
namespace {

constexpr std::string_view kDefaultPath = "/acs/api/v1/auth/login";
// How long our own token may be used; clocks differ.
constexpr int64_t kOwnTokenSeconds = 5 * 60;
// The new one is fetched so long before the old one ends, or a tenth of its time.
constexpr Duration kAhead = std::chrono::minutes(5);

}  // namespace

DcosLogin::DcosLogin(const MarathonSettings& settings, const Clock& clock)
    : uid_(settings.dcos_uid), key_file_(settings.dcos_key_file), clock_(clock) {
  HttpClientOptions options;
  const bool given = !settings.dcos_login_url.empty();
  options.base = Url::Parse(given ? settings.dcos_login_url : settings.urls.front()).value_or(Url());
  target_ = given ? options.base.path : std::string(kDefaultPath);
  options.base.path.clear();
  options.tls = TlsOf("marathon", settings);
  options.max_body = 64u << 10;
  client_.emplace(std::move(options));
}

absl::StatusOr<DcosToken> DcosLogin::LogIn(const Cancel& cancel) {
  const std::string where = "login at " + client_->options().base.Origin() + target_;
  JsonWriter claims;
  claims.BeginObject().Field("uid", uid_).Field("exp", clock_.Wall() / 1000 + kOwnTokenSeconds).EndObject();
  const absl::StatusOr<std::string> own = SignedJwt(claims.Take(), key_file_);
  if (!own.ok()) {
    return Annotate(own.status(), "marathon.dcos_key_file");
  }
  JsonWriter body;
  body.BeginObject().Field("uid", uid_).Field("token", *own).EndObject();
  HttpRequest request;
  request.method = "POST";
  request.target = target_;
  request.body = body.Take();
  const absl::StatusOr<HttpResponse> answer = client_->Call(request, cancel);
  if (!answer.ok()) {
    return Annotate(answer.status(), where);
  }
  if (answer->status == 401 || answer->status == 403) {
    return Error(absl::StatusCode::kPermissionDenied, where, ": answered ", std::to_string(answer->status),
                 ": is there an account ", uid_, " (marathon.dcos_uid), with the public key of ", key_file_,
                 "?");
  }
  const auto document = JsonDocument::Parse(answer->body);
  DcosToken token;
  token.text = document.ok() ? document->root()["token"].StringOr("") : "";
  if (answer->status != 200 || !CheckHeader("Authorization", token.text).ok() || token.text.empty()) {
    return Error(absl::StatusCode::kUnavailable, where, ": answered ", std::to_string(answer->status),
                 " without a token; see marathon.dcos_login_url");
  }
  if (const std::optional<int64_t> end = ExpiryOfJwt(token.text)) {
    const Duration left =
        std::chrono::milliseconds(std::clamp<int64_t>(*end, 0, int64_t{1} << 40) * 1000 - clock_.Wall());
    // At least a second: a clock that is wrong must not make every question a login.
    token.renew_at = clock_.Now() + std::max<Duration>(left - std::min<Duration>(kAhead, left / 10),
                                                       std::chrono::seconds(1));
  }
  return token;
}

}  // namespace dispatcher
