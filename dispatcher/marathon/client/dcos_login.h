// The login of a DC/OS service account: a token of our own making, signed with the
// account's key, is exchanged for the one that Admin Router takes.
#pragma once

#include <optional>
#include <string>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

struct DcosToken {
  std::string text;
  std::optional<Mono> renew_at;  // before it ends; none if it does not say when
};

// Thread-safe.
class DcosLogin {
 public:
  // Settings with dcos_uid; the first of `urls` is sound, and so is dcos_login_url if it is set.
  DcosLogin(const MarathonSettings& settings, const Clock& clock);

  // One call. FailedPrecondition names a key file that can't be used, PermissionDenied a
  // refused login, other errors an answer that has no token; none holds what was answered.
  absl::StatusOr<DcosToken> LogIn(const Cancel& cancel);

 private:
  const std::string uid_, key_file_;
  const Clock& clock_;
  std::string target_;
  std::optional<HttpClient> client_;
};

}  // namespace dispatcher
