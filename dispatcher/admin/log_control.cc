#include "dispatcher/admin/log_control.h"

#include <string>
#include <string_view>

#include "dispatcher/admin/reply.h"
#include "dispatcher/admin/views.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/log.h"

namespace dispatcher {
namespace {

absl::StatusOr<LogChoice> ParseChoice(std::string_view body, LogChoice choice) {
  const auto document = JsonDocument::Parse(body);
  absl::Status status;
  size_t members = 0;
  if (document.ok() && document->root().IsObject()) {
    document->root().ForEachMember([&](std::string_view name, JsonView value) {
      std::string* const chosen = name == "level"    ? &choice.level
                                  : name == "format" ? &choice.format
                                                     : nullptr;
      if (chosen == nullptr || !value.String()) {
        status = Error(absl::StatusCode::kInvalidArgument, "\"", name,
                       "\" is unknown here, or not a string: use level and format");
        return;
      }
      *chosen = *value.String();
      ++members;
    });
  }
  RETURN_IF_ERROR(status);
  if (members == 0) {
    return absl::InvalidArgumentError(
        R"(send what is to change, such as {"level":"debug"} or {"format":"json"})");
  }
  return choice;
}

}  // namespace

HttpReply ShowLog() {
  const LogChoice chosen = ChosenLog();
  JsonWriter json;
  json.BeginObject().Field("level", chosen.level).Field("format", chosen.format).EndObject();
  return Reply(200, json.Take());
}

HttpReply ChangeLog(const HttpCall& call) {
  const LogChoice before = ChosenLog();
  const absl::StatusOr<LogChoice> wanted = ParseChoice(call.body, before);
  const absl::Status status = wanted.ok() ? ConfigureLog(wanted->level, wanted->format) : wanted.status();
  if (!status.ok()) {
    return Reply(400, ErrorJson(Message(status)));
  }
  LogWarning("log changed", {{"by", call.remote_address},
                             {"level", wanted->level},
                             {"level_before", before.level},
                             {"format", wanted->format}});
  return ShowLog();
}

}  // namespace dispatcher
