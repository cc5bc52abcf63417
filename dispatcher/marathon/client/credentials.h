// What Marathon, or DC/OS's Admin Router before it, wants to see in
// `Authorization`: Basic (--http_credentials) or token=<jwt>, given or fetched by a login.
#pragma once

#include <optional>
#include <string>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/marathon/client/dcos_login.h"

namespace dispatcher {

// Thread-safe. The secret lives in the environment or in a file, which may be
// replaced at any time: tokens expire, and an orchestrator swaps the file under
// us. It never gets into a log or an error; messages name the setting.
class Credentials {
 public:
  // A service account wins over a token, that over user and password; all empty: no header
  // is sent. `clock` outlives this.
  Credentials(const MarathonSettings& settings, const Clock& clock);

  bool configured() const { return login_ || token_ || !settings_.username.empty(); }

  // The header's value, "" without credentials. Read from the file, or fetched by a login
  // as DcosLogin does, on the first call, after Forget() and before a fetched one ends.
  // FailedPrecondition names a file that can't be read, is empty or holds what no header can
  // carry. Others who call meanwhile wait for the login's end.
  absl::StatusOr<std::string> Authorization(const Cancel& cancel);

  // Marathon said 401: the next Authorization() reads the file again, or logs in again.
  void Forget();

 private:
  const MarathonSettings settings_;
  const bool token_;
  const Clock& clock_;
  std::optional<DcosLogin> login_;
  Mutex mutex_;
  std::string value_ ABSL_GUARDED_BY(mutex_);  // "" = not read
  std::optional<Mono> renew_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
