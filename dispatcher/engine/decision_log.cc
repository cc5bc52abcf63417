#include "dispatcher/engine/decision_log.h"

#include <utility>
#include <vector>

#include "dispatcher/base/log.h"
#include "dispatcher/model/names.h"

namespace dispatcher {
namespace {

// What comes once per task and change would drown the rest.
LogLevel LevelOf(NoteKind kind) {
  switch (kind) {
    case NoteKind::kPhase:
      return LogLevel::kDebug;
    case NoteKind::kRefused:
    case NoteKind::kHeld:
    case NoteKind::kWrite:  // the first failure, each tenth, and the end of it
    case NoteKind::kDrift:
      return LogLevel::kWarning;
    default:
      return LogLevel::kInfo;
  }
}

bool OthersTell(NoteKind kind) {
  return kind == NoteKind::kPhase || kind == NoteKind::kApp || kind == NoteKind::kStream;
}

void LogNote(std::string_view source, const Note& note) {
  const LogLevel level = LevelOf(note.kind);
  if (!LogShows(level)) {
    return;
  }
  std::vector<LogField> fields = {{"from", source}};
  const auto say = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) {
      fields.emplace_back(key, value);
    }
  };
  say("app", note.app);
  say("task", note.task);
  say("address", note.address);
  say("what", note.text);
  Log(level, Name(note.kind), fields);
}

}  // namespace

DecisionLog::DecisionLog(std::shared_ptr<History> history, bool quiet)
    : history_(std::move(history)), quiet_(quiet) {
  history_->Join();
}

void DecisionLog::Add(std::string_view source, std::vector<Note> notes) {
  if (waiting_) {
    std::erase_if(notes, [](const Note& note) { return OthersTell(note.kind); });
  }
  if (notes.empty()) {
    return;
  }
  for (size_t i = 0; !quiet_ && i < notes.size(); ++i) {
    LogNote(source, notes[i]);
  }
  history_->Add(source, std::move(notes));
}

void DecisionLog::Close() {
  if (!closed_.exchange(true)) {
    history_->Leave();
  }
}

}  // namespace dispatcher
