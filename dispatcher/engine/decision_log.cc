#include "dispatcher/engine/decision_log.h"

#include <utility>

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
  if (note.address.empty()) {
    Log(level, Name(note.kind),
        {{"from", source}, {"app", note.app}, {"task", note.task}, {"what", note.text}});
  } else {
    Log(level, Name(note.kind),
        {{"from", source},
         {"app", note.app},
         {"task", note.task},
         {"address", note.address},
         {"what", note.text}});
  }
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
