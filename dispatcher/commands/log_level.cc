#include <string>

#include "dispatcher/commands/command.h"
#include "dispatcher/commands/remote.h"

namespace dispatcher {

absl::StatusOr<int> ChangeLogLevel(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  ASSIGN_OR_RETURN(const Remote remote, RemoteOf(invocation));
  std::string body;
  if (arguments.words.empty() && !arguments.Has("--format")) {
    ASSIGN_OR_RETURN(body, Ask(remote, "GET", "/v1/log", ""));
  } else {
    ASSIGN_OR_RETURN(const std::string token, TokenFor(invocation));
    JsonWriter wanted;
    wanted.BeginObject();
    if (!arguments.words.empty()) {
      wanted.Field("level", arguments.words[0]);
    }
    if (arguments.Has("--format")) {
      wanted.Field("format", arguments.Get("--format"));
    }
    ASSIGN_OR_RETURN(body, Ask(remote, "PUT", "/v1/log", token, wanted.EndObject().Take()));
  }
  ASSIGN_OR_RETURN(const JsonDocument answer, JsonDocument::Parse(body));
  invocation.out << "level " << answer.root()["level"].StringOr("unknown") << ", format "
                 << answer.root()["format"].StringOr("unknown") << "\n";
  return kExitOk;
}

}  // namespace dispatcher
