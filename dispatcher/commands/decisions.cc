// What a running dispatcher decided and wrote, and when.
#include "dispatcher/base/strings.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/explain_words.h"
#include "dispatcher/commands/remote.h"

namespace dispatcher {

absl::StatusOr<int> ShowDecisions(Invocation& invocation) {
  ASSIGN_OR_RETURN(const bool as_json, WantsJson(invocation));
  ASSIGN_OR_RETURN(const Remote remote, RemoteOf(invocation));
  std::string target = "/v1/decisions";
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      target.append(target.find('?') == std::string::npos ? "?" : "&").append(name).append("=");
      target += PercentEncode(value);
    }
  };
  add("since", invocation.arguments.Get("--since"));
  const std::string app = invocation.arguments.words.empty() ? "" : invocation.arguments.words[0];
  add("app", app);
  ASSIGN_OR_RETURN(const std::string body, Ask(remote, "GET", target, ""));
  if (as_json) {
    invocation.out << body << "\n";
    return kExitOk;
  }
  ASSIGN_OR_RETURN(const JsonDocument answer, JsonDocument::Parse(body));
  const JsonView decisions = answer.root()["decisions"];
  if (decisions.size() == 0) {
    if (!app.empty()) {  // one that there is, or it is said which are
      RETURN_IF_ERROR(Ask(remote, "GET", AppPath(app), "").status());
    }
    invocation.out << "nothing that is kept\n";
  }
  decisions.ForEach([&](JsonView decision) {
    PrintDecision(decision, app.empty() ? decision["app"].StringOr("") : "", invocation.out);
  });
  return kExitOk;
}

}  // namespace dispatcher
