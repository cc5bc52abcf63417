#include "tests/fuzz/targets.h"

#include <string>
#include <variant>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/event.h"
#include "dispatcher/marathon/codec/pod.h"
#include "dispatcher/marathon/codec/splitter.h"
#include "dispatcher/marathon/codec/sse.h"
#include "dispatcher/recording/replay.h"
#include "tests/fuzz/promise.h"

namespace dispatcher {
namespace {

// Calls `feed` with pieces whose sizes follow from the bytes themselves.
template <typename Feed>
void InPieces(std::string_view bytes, Feed feed) {
  uint32_t state = static_cast<uint32_t>(bytes.size());
  for (size_t i = 0; i < bytes.size();) {
    state = state * 1664525 + static_cast<unsigned char>(bytes[i]);
    const size_t size = 1 + (state >> 8) % 9;
    feed(bytes.substr(i, size));
    i += size;
  }
}

std::string ParseSse(std::string_view bytes, bool in_pieces) {
  SseParser parser({40, 100});
  std::string seen;
  const auto feed = [&](std::string_view piece) {
    parser.Feed(piece, [&](const SseEvent& event) {
      Require(event.oversized == event.data.empty(), "an event has data, or is oversized");
      seen.append(event.type).append("|").append(event.data).append(event.oversized ? "!\n" : "\n");
    });
  };
  if (in_pieces) {
    InPieces(bytes, feed);
  } else {
    feed(bytes);
  }
  return seen + std::to_string(parser.heartbeats()) + (parser.mid_event() ? "..." : "");
}

struct Elements {
  std::vector<std::string> texts;
  absl::Status status;
  bool oversized = false;
};

Elements SplitElements(std::string_view bytes, std::string_view key, size_t max, bool in_pieces) {
  ArraySplitter splitter(key, max);
  Elements result;
  const auto feed = [&](std::string_view piece) {
    const absl::Status status = splitter.Feed(piece, [&](const SplitElement& element) {
      Require(element.text.size() <= max, "no element is larger than allowed");
      result.texts.emplace_back(element.text);
      result.oversized |= element.oversized;
    });
    Require(status.ok() || !splitter.complete(), "what failed is not complete");
  };
  if (in_pieces) {
    InPieces(bytes, feed);
  } else {
    feed(bytes);
  }
  result.status = splitter.Finish();
  return result;
}

// Where the splitter and a JSON parser mean the same by "the array under key".
bool Comparable(std::string_view bytes, const std::string& key) {
  const std::string quoted = '"' + key + '"';
  const size_t first = bytes.find(quoted);
  return bytes.find('\\') == std::string_view::npos && !bytes.starts_with('\xEF') &&
         (key.empty() ||
          (first != std::string_view::npos && bytes.find(quoted, first + 1) == std::string_view::npos));
}

std::vector<std::string> SplitBothWays(std::string_view bytes, const std::string& key) {
  for (const size_t max : {size_t{1} << 20, size_t{10}}) {
    const Elements whole = SplitElements(bytes, key, max, false);
    const Elements parts = SplitElements(bytes, key, max, true);
    Require(whole.texts == parts.texts, "the split of the bytes does not matter to elements");
    Require(whole.status == parts.status, "the split of the bytes does not matter to the outcome");
  }
  const Elements elements = SplitElements(bytes, key, size_t{1} << 20, false);
  const auto document = JsonDocument::Parse(bytes);
  if (document.ok() && Comparable(bytes, key)) {
    const JsonView array = key.empty() ? document->root() : document->root()[key];
    Require(elements.status.ok() == array.IsArray(), "sound JSON is split iff the array is there");
    if (array.IsArray()) {
      Require(elements.texts.size() == array.size(), "no element is lost or added");
    }
  }
  return elements.texts;
}

void CheckElement(const absl::StatusOr<AppElement>& element) {
  if (!element.ok()) {
    return;
  }
  Require(!element->definition->id.empty(), "an app has an id");
  for (const TaskSeen& task : element->tasks) {
    Require(!task.task.empty(), "a task has an id");
    for (const int port : task.ports) {
      Require(port >= 0 && port <= 65535, "a port is one");
    }
  }
  for (const auto& [name, value] : element->definition->env) {
    Require(name.starts_with("SERVICE_"), "nothing else of env is kept");
  }
}

std::string Decisions(const Recording& recording) {
  std::string text;
  const Replayed replayed = Replay(recording, [&](const RecordedStep&, const std::vector<Note>& notes) {
    for (const Note& note : notes) {
      text.append(note.app).append(note.task).append(note.text).append("\n");
    }
  });
  for (const auto& service : replayed.services) {
    text.append(service->key.app).append(service->reason).append("\n");
    for (const auto& instance : service->instances) {
      Require(!instance->task.empty(), "an instance is a task's");
      Require(instance->want != Want::kYes || (!instance->address.empty() && instance->port != 0),
              "what is wanted has an address");
      text.append(instance->task).append(instance->address).append(instance->reason).append("\n");
    }
  }
  return text;
}

}  // namespace

void FuzzSse(std::string_view bytes) {
  Require(ParseSse(bytes, false) == ParseSse(bytes, true), "the split of the bytes does not matter");
}

void FuzzEvent(std::string_view bytes) {
  const auto event = DecodeEvent(bytes);
  if (!event.ok()) {
    Require(event.status().code() == absl::StatusCode::kInvalidArgument, "bad bytes are InvalidArgument");
    return;
  }
  for (const Observation& observation : event->observations) {
    if (const auto* task = std::get_if<TaskUpdate>(&observation)) {
      Require(!task->task.empty() && task->app.starts_with('/'), "a status update has its ids");
    } else if (const auto* health = std::get_if<HealthUpdate>(&observation)) {
      Require(!health->instance.empty() && health->app.starts_with('/'), "a health update has its ids");
    } else if (const auto* stray = std::get_if<StrayTerminated>(&observation)) {
      Require(stray->task.empty() != stray->instance.empty(), "a stray has exactly one id");
    }
  }
}

void FuzzApps(std::string_view bytes) {
  for (const std::string& text : SplitBothWays(bytes, "apps")) {
    CheckElement(DecodeAppText(text));
    SalvageId(text);
  }
}

void FuzzPods(std::string_view bytes) {
  for (const std::string& text : SplitBothWays(bytes, "")) {
    CheckElement(DecodePodText(text));
  }
}

void FuzzRecording(std::string_view bytes) {
  const absl::StatusOr<Recording> recording = DecodeRecording(bytes);
  if (!recording.ok()) {
    Require(recording.status().code() == absl::StatusCode::kInvalidArgument, "bad bytes are InvalidArgument");
    return;
  }
  const std::string text = Encode(*recording);
  const absl::StatusOr<Recording> again = DecodeRecording(text);
  Require(again.ok() && Encode(*again) == text, "a recording reads as it was written");
  Require(Decisions(*recording) == Decisions(*again), "the same input, the same decisions");
}

}  // namespace dispatcher
