#include "dispatcher/base/strings.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/remote.h"
#include "dispatcher/model/ids.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

absl::StatusOr<int> Release(Invocation& invocation) {
  ASSIGN_OR_RETURN(const Remote remote, RemoteOf(invocation));
  if (!invocation.arguments.words.empty()) {
    // A slip is told before anybody is asked for a token.
    RETURN_IF_ERROR(Ask(remote, "GET", AppPath(invocation.arguments.words[0]), "").status());
  }
  ASSIGN_OR_RETURN(const std::string token, TokenFor(invocation));
  std::string target = "/v1/release?";
  const std::string adapter = invocation.arguments.Get("--adapter");
  if (!adapter.empty()) {
    target += "adapter=" + PercentEncode(adapter) + "&";
  }
  if (!invocation.arguments.words.empty()) {
    const std::string& app = invocation.arguments.words[0];
    target += "app=" + PercentEncode(app.starts_with(kStaticPrefix) ? app : NormalAppId(app));
  }
  ASSIGN_OR_RETURN(const std::string body, Ask(remote, "POST", target, token));
  ASSIGN_OR_RETURN(const JsonDocument answer, JsonDocument::Parse(body));
  const int64_t released = answer.root()["released"].IntOr(0);
  if (released == 0) {
    invocation.out << "nothing is held\n";
    if (const std::string distrust = answer.root()["distrust"].StringOr(""); !distrust.empty()) {
      invocation.out << "the last snapshot is not believed: " << distrust
                     << "; if that is the truth, restart the dispatcher, and release what it holds then\n";
    }
  } else {
    invocation.out << Count(static_cast<size_t>(released), "held removal was", "held removals were")
                   << " let go\n";
  }
  return kExitOk;
}

}  // namespace dispatcher
