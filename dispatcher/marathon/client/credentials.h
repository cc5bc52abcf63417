// What Marathon, or DC/OS's Admin Router before it, wants to see in
// `Authorization`: Basic (--http_credentials) or token=<jwt>.
#pragma once

#include <string>

#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"

namespace dispatcher {

// Thread-safe. The secret lives in the environment or in a file, which may be
// replaced at any time: tokens expire, and an orchestrator swaps the file under
// us. It never gets into a log or an error; messages name the setting.
class Credentials {
 public:
  // A token wins over user and password; all empty: no header is sent.
  explicit Credentials(const MarathonSettings& settings)
      : settings_(settings), token_(!settings.token.empty() || !settings.token_file.empty()) {}

  bool configured() const { return token_ || !settings_.username.empty(); }

  // The header's value, "" without credentials. Read from the file on the first
  // call and after Forget(). FailedPrecondition names a file that can't be read, is
  // empty or holds what no header can carry.
  absl::StatusOr<std::string> Authorization();

  // Marathon said 401: the next Authorization() reads the file again.
  void Forget();

 private:
  const MarathonSettings settings_;
  const bool token_;
  Mutex mutex_;
  std::string value_ ABSL_GUARDED_BY(mutex_);  // "" = not read
};

}  // namespace dispatcher
