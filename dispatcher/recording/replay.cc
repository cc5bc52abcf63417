#include "dispatcher/recording/replay.h"

#include <algorithm>
#include <utility>

namespace dispatcher {
namespace {

std::string Line(const Note& note) { return note.app + " " + note.task + " " + note.text; }

std::string Lines(const std::vector<Note>& notes) {
  std::string text;
  for (const Note& note : notes) {
    text += (text.empty() ? "" : " | ") + Line(note);
  }
  return text.empty() ? "nothing" : text;
}

bool Same(const std::vector<Note>& a, const std::vector<Note>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Note& x, const Note& y) { return x.kind == y.kind && Line(x) == Line(y); });
}

}  // namespace

Replayed Replay(const Recording& recording,
                const std::function<void(const RecordedStep&, const std::vector<Note>&)>& visit) {
  Replayed replayed;
  Catalog catalog(recording.policy);
  for (const RecordedStep& step : recording.steps) {
    const Effects effects = catalog.Step(step.envelope, step.at);
    replayed.decisions += effects.notes.size();
    if (replayed.difference.empty() && !Same(effects.notes, step.decided)) {
      replayed.difference = "seq " + std::to_string(step.envelope.seq) +
                            ": decided then: " + Lines(step.decided) +
                            "; decides now: " + Lines(effects.notes);
    }
    if (visit) {
      visit(step, effects.notes);
    }
  }
  for (const ServiceKey& key : catalog.Keys()) {
    if (std::shared_ptr<const Service> service = catalog.Build(key)) {
      replayed.services.push_back(std::move(service));
    }
  }
  return replayed;
}

}  // namespace dispatcher
