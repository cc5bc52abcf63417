#include <algorithm>
#include <string>

#include "dispatcher/commands/command.h"
#include "dispatcher/commands/remote.h"
#include "dispatcher/config/values.h"

namespace dispatcher {
namespace {

// A slip is told before anybody is asked, or for a token.
absl::Status CheckWord(std::string_view key, const std::string& word) {
  const auto settings = SettingsTable();
  const auto setting =
      std::find_if(settings.begin(), settings.end(), [&](const Setting& one) { return one.key == key; });
  Settings scratch;
  return StoreValue(*setting, {word}, {scratch});
}

}  // namespace

absl::StatusOr<int> ChangeLogLevel(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  if (!arguments.words.empty()) {
    RETURN_IF_ERROR(CheckWord("log.level", arguments.words[0]));
  }
  if (arguments.Has("--format")) {
    RETURN_IF_ERROR(CheckWord("log.format", arguments.Get("--format")));
  }
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
