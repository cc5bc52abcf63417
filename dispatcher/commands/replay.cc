#include "dispatcher/recording/replay.h"

#include <fstream>
#include <iomanip>
#include <sstream>

#include "dispatcher/base/json.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/remote.h"
#include "dispatcher/model/names.h"

namespace dispatcher {
namespace {

absl::StatusOr<Recording> ReadRecording(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf())) {
    return Error(absl::StatusCode::kInvalidArgument, file, " can't be read, or is empty");
  }
  absl::StatusOr<Recording> recording = DecodeRecording(text.str());
  return recording.ok() ? std::move(recording) : Annotate(recording.status(), file);
}

double SecondsOf(const RecordedStep& step) {
  return std::chrono::duration<double>(step.at - kRecordingBegins).count();
}

// "+12.345  phase  web.1  Running -> Serving: ..."
void PrintDecision(const RecordedStep& step, const Note& note, std::ostream& out) {
  out << "+" << std::fixed << std::setprecision(3) << SecondsOf(step) << "  " << std::left << std::setw(7)
      << Name(note.kind) << "  " << (note.task.empty() ? note.app : note.task)
      << (note.task.empty() && note.app.empty() ? "" : "  ") << note.text << "\n";
}

std::string DecisionJson(const RecordedStep& step, const Note& note) {
  JsonWriter json;
  json.BeginObject().Field("seconds", SecondsOf(step)).Field("kind", Name(note.kind)).Field("app", note.app);
  json.Field("task", note.task).Field("text", note.text).EndObject();
  return json.Take();
}

void PrintService(const Service& service, std::ostream& out) {
  out << service.key.app << ", port " << service.key.port << ": " << Name(service.want)
      << (service.reason.empty() ? "" : "  (" + std::string(service.reason) + ")") << "\n";
  for (const auto& instance : service.instances) {
    out << "  " << instance->task << "  " << instance->address << ":" << instance->port << "  "
        << Name(instance->want) << ", " << Name(instance->condition) << "\n";
  }
}

}  // namespace

absl::StatusOr<int> ReplayFile(Invocation& invocation) {
  ASSIGN_OR_RETURN(const bool as_json, WantsJson(invocation));
  ASSIGN_OR_RETURN(const Recording recording, ReadRecording(invocation.arguments.words.front()));
  std::ostream& out = invocation.out;
  const Replayed replayed = Replay(recording, [&](const RecordedStep& step, const std::vector<Note>& notes) {
    for (const Note& note : notes) {
      if (as_json) {
        out << DecisionJson(step, note) << "\n";
      } else {
        PrintDecision(step, note, out);
      }
    }
  });
  if (!as_json) {
    out << "\nIn the end, after " << recording.steps.size() << " observations:\n";
    for (const auto& service : replayed.services) {
      PrintService(*service, out);
    }
  }
  if (replayed.difference.empty()) {
    return kExitOk;
  }
  invocation.err << "dispatcher: other decisions than version " << recording.version
                 << " recorded: " << replayed.difference << "\n";
  return kExitChanges;
}

}  // namespace dispatcher
