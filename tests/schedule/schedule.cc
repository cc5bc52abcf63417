#include "tests/schedule/schedule.h"

#include "dispatcher/base/json.h"

namespace dispatcher::schedule {
namespace {

std::string TypeOf(const std::string& json) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(json);
  return document.ok() ? document->root()["eventType"].StringOr("?") : "?";
}

}  // namespace

std::string ToText(const Act& act) {
  const std::string as_of = " as of " + std::to_string(act.at) + (act.foreign ? ", by another node" : "");
  switch (act.kind) {
    case Act::Kind::kAttach:
      return "attach" + as_of;
    case Act::Kind::kLose:
      return "lose the stream";
    case Act::Kind::kEvent:
      return "event " + std::to_string(act.index);
    case Act::Kind::kBegin:
      return "begin the next read" + as_of;
    case Act::Kind::kEnd:
      return "end read " + std::to_string(act.index);
    case Act::Kind::kFail:
      return "break off read " + std::to_string(act.index);
    case Act::Kind::kAnswer:
      return "answer what is wanted" + as_of;
    case Act::Kind::kSnapshot:
      return "a snapshot" + as_of;
    case Act::Kind::kPass:
      return "wait " + std::to_string(Seconds(act.time)) + " s";
    case Act::Kind::kSettle:
      return "settle" + as_of;
  }
  return "?";
}

std::string ToText(const Schedule& schedule) {
  std::string text = schedule.tale->name + "\n";
  for (const Act& act : schedule.acts) {
    text.append("  ").append(ToText(act));
    if (act.kind == Act::Kind::kEvent && act.index < schedule.tale->events.size()) {
      text.append(" ").append(TypeOf(schedule.tale->events[act.index].json));
    }
    text.append("\n");
  }
  return text;
}

}  // namespace dispatcher::schedule
