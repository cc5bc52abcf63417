#include <chrono>
#include <map>
#include <memory>
#include <type_traits>

#include "dispatcher/base/json.h"
#include "dispatcher/recording/fields.h"
#include "dispatcher/recording/recording.h"

namespace dispatcher {
namespace {

using recording::kIsVector;
using recording::List;
using recording::Words;

template <typename T>
void Write(JsonWriter& out, const T& value);

void WriteSeconds(JsonWriter& out, Duration time) { out.Double(std::chrono::duration<double>(time).count()); }

// Whether a field may be left out: it reads back as this.
template <typename T>
bool IsUsual(const T& value, const T& usual) {
  if constexpr (kIsVector<T>) {
    return value.empty();
  } else if constexpr (requires { value == usual; }) {
    return value == usual;
  } else {
    return false;
  }
}

template <typename T>
void WriteFields(JsonWriter& out, const T& object) {
  const T usual{};
  List<T>::Each([&](const char* name, auto member) {
    if (!IsUsual(object.*member, usual.*member)) {
      out.Key(name);
      Write(out, object.*member);
    }
  });
}

void WriteValue(JsonWriter& out, const absl::Status& status) {
  out.BeginObject().Field("code", static_cast<int>(status.code())).Field("message", Message(status));
  out.EndObject();
}

template <typename T>
void Write(JsonWriter& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    out.Bool(value);
  } else if constexpr (std::is_enum_v<T>) {
    out.String(Words<T>::kAll[static_cast<size_t>(value)]);
  } else if constexpr (std::is_integral_v<T>) {
    out.Int(static_cast<int64_t>(value));
  } else if constexpr (std::is_same_v<T, Duration>) {
    WriteSeconds(out, value);
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    out.String(value);
  } else if constexpr (std::is_same_v<T, absl::Status>) {
    WriteValue(out, value);
  } else if constexpr (kIsVector<T>) {
    out.BeginArray();
    for (const auto& element : value) {
      Write(out, element);
    }
    out.EndArray();
  } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
    out.BeginObject();
    for (const auto& [key, text] : value) {
      out.Field(key, text);
    }
    out.EndObject();
  } else if constexpr (requires { value.has_value(); }) {
    if (value.has_value()) {
      Write(out, *value);
    } else {
      out.Null();
    }
  } else if constexpr (std::is_same_v<T, std::shared_ptr<const Definition>>) {
    if (value != nullptr) {
      Write(out, *value);
    } else {
      out.Null();
    }
  } else {
    out.BeginObject();
    WriteFields(out, value);
    out.EndObject();
  }
}

}  // namespace

std::string EncodeHeader(const Recording& recording) {
  JsonWriter out;
  out.BeginObject().Field("recording", 1).Field("version", recording.version).Key("policy");
  Write(out, recording.policy);
  return out.EndObject().Take() + "\n";
}

std::string EncodeStep(const RecordedStep& step, Mono begins) {
  JsonWriter out;
  out.BeginObject().Field("seq", step.envelope.seq);
  out.Field("generation", static_cast<uint64_t>(step.envelope.generation)).Key("received");
  WriteSeconds(out, step.envelope.received - begins);
  out.Key("at");
  WriteSeconds(out, step.at - begins);
  out.Key(recording::kObservations[step.envelope.what.index()]);
  std::visit([&](const auto& what) { Write(out, what); }, step.envelope.what);
  std::string lines = out.EndObject().Take() + "\n";
  for (const Note& note : step.decided) {
    out.BeginObject().Key("decided");
    Write(out, note);
    lines += out.EndObject().Take() + "\n";
  }
  return lines;
}

std::string Encode(const Recording& recording) {
  std::string text = EncodeHeader(recording);
  for (const RecordedStep& step : recording.steps) {
    text += EncodeStep(step, kRecordingBegins);
  }
  return text;
}

}  // namespace dispatcher
