#include "dispatcher/engine/decision_log.h"

#include <algorithm>
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

}  // namespace

void DecisionLog::Add(std::string_view source, std::vector<Note> notes) {
  if (notes.empty()) {
    return;
  }
  for (size_t i = 0; !quiet_ && i < notes.size(); ++i) {
    const Note& note = notes[i];
    Log(LevelOf(note.kind), Name(note.kind),
        {{"from", source}, {"app", note.app}, {"task", note.task}, {"what", note.text}});
  }
  const WallMs at = clock_.Wall();
  MutexLock lock(mutex_);
  for (Note& note : notes) {
    ring_.push_back({++last_, at, std::string(source), std::move(note)});
  }
  while (ring_.size() > capacity_) {
    ring_.pop_front();
  }
  added_.NotifyAll();
}

std::vector<Decision> DecisionLog::Take(uint64_t after, size_t limit) const {
  const uint64_t above = after > last_ ? 0 : after;
  const size_t count = std::min({static_cast<size_t>(last_ - above), ring_.size(), limit});
  return {ring_.end() - static_cast<std::ptrdiff_t>(count), ring_.end()};
}

std::vector<Decision> DecisionLog::After(uint64_t after, size_t limit) const {
  MutexLock lock(mutex_);
  return Take(after, limit);
}

std::vector<Decision> DecisionLog::WaitAfter(uint64_t after, size_t limit, Mono until) const {
  MutexLock lock(mutex_);
  while (last_ == after && !closed_ && added_.WaitUntil(mutex_, until)) {
  }
  return Take(after, limit);
}

void DecisionLog::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  added_.NotifyAll();
}

}  // namespace dispatcher
