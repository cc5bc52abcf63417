#include "dispatcher/admin/token.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/remote.h"

namespace dispatcher {

absl::StatusOr<int> Release(Invocation& invocation) {
  ASSIGN_OR_RETURN(const std::string url, RemoteUrl(invocation));
  ASSIGN_OR_RETURN(const Configuration configuration, LoadFor(invocation));
  ASSIGN_OR_RETURN(const std::string token, BearerToken(configuration.settings.http));
  RETURN_IF_ERROR(Ask(url, "POST", "/v1/release", token).status());
  invocation.out << "held removals were let go\n";
  return kExitOk;
}

}  // namespace dispatcher
