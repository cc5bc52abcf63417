#include "dispatcher/model/names.h"

namespace dispatcher {

std::string_view Name(Want want) {
  switch (want) {
    case Want::kYes:
      return "yes";
    case Want::kIfThere:
      return "if-there";
    case Want::kNo:
      return "no";
  }
  return "";
}

std::string_view Name(Why why) {
  switch (why) {
    case Why::kEvent:
      return "event";
    case Why::kRead:
      return "read";
    case Why::kPolicy:
      return "policy";
    case Why::kAbsent:
      return "absent";
  }
  return "";
}

std::string_view Name(Condition condition) {
  switch (condition) {
    case Condition::kPassing:
      return "passing";
    case Condition::kUnknown:
      return "unknown";
    case Condition::kCritical:
      return "critical";
    case Condition::kDraining:
      return "draining";
  }
  return "";
}

std::string_view Name(NoteKind kind) {
  switch (kind) {
    case NoteKind::kPhase:
      return "phase";
    case NoteKind::kApp:
      return "app";
    case NoteKind::kStream:
      return "stream";
    case NoteKind::kRead:
      return "read";
    case NoteKind::kRefused:
      return "refused";
    case NoteKind::kHeld:
      return "held";
    case NoteKind::kDrift:
      return "drift";
    case NoteKind::kWrite:
      return "write";
    case NoteKind::kLeader:
      return "leader";
    case NoteKind::kRegistered:
      return "registered";
    case NoteKind::kChanged:
      return "changed";
    case NoteKind::kRemoved:
      return "removed";
  }
  return "";
}

}  // namespace dispatcher
