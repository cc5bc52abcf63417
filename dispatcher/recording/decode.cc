#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/recording/fields.h"
#include "dispatcher/recording/recording.h"

namespace dispatcher {
namespace {

using recording::kIsVector;
using recording::List;
using recording::Words;

constexpr double kLongestSeconds = 1e9;  // thirty years

absl::Status Wrong(std::string_view field, std::string_view expected) {
  return Error(absl::StatusCode::kInvalidArgument, field, " is not ", expected);
}

template <typename T>
absl::Status Read(std::string_view name, JsonView from, T& value);

absl::Status ReadTime(std::string_view name, JsonView from, Duration& value) {
  const std::optional<double> seconds = from.Double();
  if (!seconds || !(std::abs(*seconds) < kLongestSeconds)) {
    return Wrong(name, "a number of seconds");
  }
  value = Duration(std::llround(*seconds * 1e9));
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadFields(JsonView from, T& object) {
  absl::Status status;
  List<T>::Each([&](const char* name, auto member) {
    if (status.ok() && from[name].exists()) {
      status = Read(name, from[name], object.*member);
    }
  });
  return status;
}

template <typename T>
absl::Status ReadNumber(std::string_view name, JsonView from, T& value) {
  const std::optional<int64_t> number = from.Int();
  if (!number || !std::in_range<T>(*number)) {
    return Wrong(name, "a whole number that fits");
  }
  value = static_cast<T>(*number);
  return absl::OkStatus();
}

template <typename E>
absl::Status ReadWord(std::string_view name, JsonView from, E& value) {
  for (size_t i = 0; i < std::size(Words<E>::kAll); ++i) {
    if (from.String() == Words<E>::kAll[i]) {
      value = static_cast<E>(i);
      return absl::OkStatus();
    }
  }
  return Wrong(name, "a word that is known here");
}

absl::Status ReadStatus(std::string_view name, JsonView from, absl::Status& value) {
  const std::optional<int64_t> code = from["code"].Int();
  if (!code || *code < 0 || *code > static_cast<int>(absl::StatusCode::kUnauthenticated)) {
    return Wrong(name, "a status");
  }
  value = absl::Status(static_cast<absl::StatusCode>(*code), ToAbsl(from["message"].StringOr("")));
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadElements(std::string_view name, JsonView from, std::vector<T>& value) {
  if (!from.exists()) {
    return absl::OkStatus();  // recorded before there was such a list
  }
  if (!from.IsArray()) {
    return Wrong(name, "an array");
  }
  absl::Status status;
  from.ForEach([&](JsonView element) {
    if (status.ok()) {
      status = Read(name, element, value.emplace_back());
    }
  });
  return status;
}

absl::Status ReadTexts(std::string_view name, JsonView from, std::map<std::string, std::string>& value) {
  absl::Status status = from.IsObject() ? absl::OkStatus() : Wrong(name, "an object");
  from.ForEachMember([&](std::string_view key, JsonView text) {
    if (!text.String()) {
      status = Wrong(name, "an object of strings");
      return;
    }
    value[std::string(key)] = *text.String();
  });
  return status;
}

template <typename T>
absl::Status Read(std::string_view name, JsonView from, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    value = from.BoolOr(false);
    return from.Bool() ? absl::OkStatus() : Wrong(name, "true or false");
  } else if constexpr (std::is_enum_v<T>) {
    return ReadWord(name, from, value);
  } else if constexpr (std::is_integral_v<T>) {
    return ReadNumber(name, from, value);
  } else if constexpr (std::is_same_v<T, Duration>) {
    return ReadTime(name, from, value);
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    value = from.StringOr("");
    return from.String() ? absl::OkStatus() : Wrong(name, "a string");
  } else if constexpr (std::is_same_v<T, absl::Status>) {
    return ReadStatus(name, from, value);
  } else if constexpr (kIsVector<T>) {
    return ReadElements(name, from, value);
  } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
    return ReadTexts(name, from, value);
  } else if constexpr (requires { value.has_value(); }) {
    if (from.IsNull()) {
      value.reset();
      return absl::OkStatus();
    }
    return Read(name, from, value.emplace());
  } else if constexpr (std::is_same_v<T, std::shared_ptr<const Definition>>) {
    auto definition = std::make_shared<Definition>();
    const absl::Status status = from.IsObject() ? ReadFields(from, *definition) : Wrong(name, "an object");
    value = std::move(definition);
    return status;
  } else {
    return from.IsObject() ? ReadFields(from, value) : Wrong(name, "an object");
  }
}

// The alternative of Observation that the line is about.
template <size_t kIndex = 0>
absl::Status ReadWhat(JsonView line, Observation& what) {
  if constexpr (kIndex == std::variant_size_v<Observation>) {
    return Error(absl::StatusCode::kInvalidArgument, "there is no observation that is known here");
  } else if (const JsonView body = line[recording::kObservations[kIndex]]; body.exists()) {
    return Read(recording::kObservations[kIndex], body, what.emplace<kIndex>());
  } else {
    return ReadWhat<kIndex + 1>(line, what);
  }
}

absl::Status ReadMono(std::string_view name, JsonView from, Mono& value) {
  Duration since{};
  RETURN_IF_ERROR(ReadTime(name, from, since));
  value = kRecordingBegins + since;
  return absl::OkStatus();
}

bool ArePorts(const std::vector<int>& ports) {
  return std::all_of(ports.begin(), ports.end(), [](int port) { return port >= 0 && port <= 65535; });
}
bool IsApp(const AppId& app) { return app.starts_with('/'); }

// What the decoders of Marathon's bytes promise, and the catalog takes for granted.
struct IsWhole {
  bool operator()(const TaskUpdate& o) const { return IsApp(o.app) && !o.task.empty() && ArePorts(o.ports); }
  bool operator()(const InstanceUpdate& o) const { return IsApp(o.app) && !o.instance.empty(); }
  bool operator()(const HealthUpdate& o) const { return IsApp(o.app) && !o.instance.empty(); }
  bool operator()(const KillAnnounced& o) const {
    return IsApp(o.app) && !(o.task.empty() && o.instance.empty());
  }
  bool operator()(const StrayTerminated& o) const {
    return IsApp(o.app) && o.task.empty() != o.instance.empty();
  }
  bool operator()(const AppTerminated& o) const { return IsApp(o.app); }
  bool operator()(const AppTouched& o) const { return IsApp(o.app); }
  bool operator()(const GroupTouched& o) const { return IsApp(o.group); }
  bool operator()(const AppSeen& o) const {
    return o.definition != nullptr && IsApp(o.definition->id) &&
           std::all_of(o.tasks.begin(), o.tasks.end(),
                       [](const TaskSeen& task) { return !task.task.empty() && ArePorts(task.ports); });
  }
  bool operator()(const VersionSeen& o) const {
    return IsApp(o.app) && (o.definition != nullptr) == o.status.ok();
  }
  bool operator()(const HostResolved& o) const { return !o.host.empty(); }
  template <typename Other>
  bool operator()(const Other& /*o*/) const {
    return true;
  }
};

absl::Status ReadLine(JsonView line, Recording& recording) {
  if (line["decided"].exists()) {
    if (recording.steps.empty()) {
      return Wrong("decided", "after what it follows from");
    }
    return Read("decided", line["decided"], recording.steps.back().decided.emplace_back());
  }
  RecordedStep step;
  RETURN_IF_ERROR(Read("seq", line["seq"], step.envelope.seq));
  RETURN_IF_ERROR(Read("generation", line["generation"], step.envelope.generation));
  RETURN_IF_ERROR(ReadMono("received", line["received"], step.envelope.received));
  RETURN_IF_ERROR(ReadMono("at", line["at"], step.at));
  RETURN_IF_ERROR(ReadWhat(line, step.envelope.what));
  if (!std::visit(IsWhole(), step.envelope.what)) {
    return Wrong(recording::kObservations[step.envelope.what.index()],
                 "whole: an id or port is missing or wrong");
  }
  if (!recording.steps.empty() &&
      (step.envelope.seq <= recording.steps.back().envelope.seq || step.at < recording.steps.back().at)) {
    return Wrong("seq or at", "later than the line before");
  }
  recording.steps.push_back(std::move(step));
  return absl::OkStatus();
}

absl::Status ReadHeader(JsonView line, Recording& recording) {
  if (line["recording"].Int() != 1) {
    return Error(absl::StatusCode::kInvalidArgument,
                 R"(this is no recording: it should begin {"recording":1)");
  }
  RETURN_IF_ERROR(Read("version", line["version"], recording.version));
  return Read("policy", line["policy"], recording.policy);
}

}  // namespace

absl::StatusOr<Recording> DecodeRecording(std::string_view text) {
  Recording recording;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos && number > 1) {
      break;
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(line);
    absl::Status status = document.status();
    if (status.ok()) {
      status = number == 1 ? ReadHeader(document->root(), recording) : ReadLine(document->root(), recording);
    }
    if (!status.ok()) {
      return Annotate(status, "line " + std::to_string(number));
    }
  }
  if (recording.version.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, "line 1: the recording is empty");
  }
  return recording;
}

}  // namespace dispatcher
