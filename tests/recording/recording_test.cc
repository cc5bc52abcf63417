#include "dispatcher/recording/recording.h"

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <type_traits>

#include "dispatcher/recording/fields.h"
#include "dispatcher/recording/recorder.h"
#include "dispatcher/recording/replay.h"
#include "tests/support/catch.h"
#include "tests/support/members.h"
#include "tests/support/process.h"

namespace dispatcher {
namespace {

using recording::List;
using testing::Members;

// ----------------------------------------------- a value other than the usual
class Filler {
 public:
  template <typename T>
  void Fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = !value;
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(1);
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(++number_);
    } else if constexpr (std::is_same_v<T, Duration>) {
      value = std::chrono::milliseconds(++number_);
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      value = T("/text \"" + std::to_string(++number_) + "\"\n");
    } else if constexpr (std::is_same_v<T, absl::Status>) {
      value = absl::UnavailableError("because");
    } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
      value["key " + std::to_string(++number_)] = "value";
    } else if constexpr (std::is_same_v<T, std::shared_ptr<const Definition>>) {
      auto definition = std::make_shared<Definition>();
      Fill(*definition);
      value = std::move(definition);
    } else if constexpr (requires { value.has_value(); }) {
      Fill(value.emplace());
    } else if constexpr (requires { value.emplace_back(); }) {
      Fill(value.emplace_back());
      Fill(value.emplace_back());
    } else {
      List<T>::Each([&](const char*, auto member) { Fill(value.*member); });
    }
  }

 private:
  int number_ = 0;
};

// What the decoders promise of every observation.
template <typename T>
void MakeWhole(T& what) {
  const auto need = [](auto& field, const char* text) { field = field.empty() ? text : field; };
  if constexpr (requires { what.app; } && !std::is_same_v<T, ReadEnded>) {
    need(what.app, "/web");
  }
  if constexpr (std::is_same_v<T, TaskUpdate> || std::is_same_v<T, KillAnnounced>) {
    need(what.task, "web.1");
  } else if constexpr (std::is_same_v<T, InstanceUpdate> || std::is_same_v<T, HealthUpdate>) {
    need(what.instance, "web.instance-1");
  } else if constexpr (std::is_same_v<T, StrayTerminated>) {
    need(what.task, "web.1");
    what.instance.clear();
  } else if constexpr (std::is_same_v<T, GroupTouched>) {
    need(what.group, "/");
  } else if constexpr (std::is_same_v<T, HostResolved>) {
    need(what.host, "agent1");
  } else if constexpr (std::is_same_v<T, AppSeen>) {
    auto definition = what.definition == nullptr ? std::make_shared<Definition>()
                                                 : std::make_shared<Definition>(*what.definition);
    need(definition->id, "/web");
    what.definition = std::move(definition);
  } else if constexpr (std::is_same_v<T, VersionSeen>) {
    what.status = what.definition == nullptr ? absl::NotFoundError("gone") : absl::OkStatus();
  }
}

template <typename T>
void CheckAllFieldsListed() {
  size_t listed = 0;
  List<T>::Each([&](const char*, auto) { ++listed; });
  INFO("type " << typeid(T).name() << ": a member is missing in dispatcher/recording/fields.h");
  CHECK(listed == Members<T>());
}

template <size_t kIndex = 0>
void AddOneOfEach(Recording& recording, bool filled) {
  if constexpr (kIndex < std::variant_size_v<Observation>) {
    using What = std::variant_alternative_t<kIndex, Observation>;
    CheckAllFieldsListed<What>();
    What what{};
    if (filled) {
      Filler().Fill(what);
    }
    MakeWhole(what);
    RecordedStep& step = recording.steps.emplace_back();
    step.envelope = {kIndex + 1, 3, kRecordingBegins + std::chrono::nanoseconds(123456789 * (kIndex + 1)),
                     what};
    step.at = step.envelope.received + std::chrono::nanoseconds(1);
    AddOneOfEach<kIndex + 1>(recording, filled);
  }
}

Recording OneOfEach(bool filled) {
  Recording recording;
  recording.version = "1.2.3";
  if (filled) {
    Filler().Fill(recording.policy);
    recording.policy.unreachable_for = std::nullopt;
  }
  AddOneOfEach(recording, filled);
  return recording;
}

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<Recording> read = DecodeRecording(text);
  return read.ok() ? "" : Text(read.status());
}

constexpr const char* kHead = R"({"recording":1,"version":"1","policy":{}})"
                              "\n";

TEST_CASE("every field of every observation is written, and reads back equal") {
  CheckAllFieldsListed<PortSpec>();
  CheckAllFieldsListed<CheckSpec>();
  CheckAllFieldsListed<Definition>();
  CheckAllFieldsListed<CheckResult>();
  CheckAllFieldsListed<TaskSeen>();
  CheckAllFieldsListed<ReadMark>();
  CheckAllFieldsListed<DeploymentAction>();
  CheckAllFieldsListed<Note>();
  CheckAllFieldsListed<CatalogPolicy>();
  for (const bool filled : {true, false}) {
    Recording recording = OneOfEach(filled);
    Filler().Fill(recording.steps.back().decided);
    const std::string text = Encode(recording);
    const absl::StatusOr<Recording> read = DecodeRecording(text);
    REQUIRE(ErrorOf(text) == "");
    CHECK(Encode(*read) == text);
    REQUIRE(read->steps.size() == recording.steps.size());
    for (size_t i = 0; i < read->steps.size(); ++i) {
      CHECK(read->steps[i].at == recording.steps[i].at);
      CHECK(read->steps[i].envelope.received == recording.steps[i].envelope.received);
    }
    // What is as usual takes no room.
    CHECK(filled == (text.find("has_readiness_checks") != std::string::npos));
  }
}

TEST_CASE("what is no recording is refused by line and reason") {
  const std::string head = kHead;
  CHECK(ErrorOf("") == "INVALID_ARGUMENT: line 1: the recording is empty");
  CHECK(ErrorOf("{}\n") ==
        R"(INVALID_ARGUMENT: line 1: this is no recording: it should begin {"recording":1)");
  const auto step = [&](const std::string& rest) {
    return ErrorOf(head + R"({"seq":1,"generation":1,"received":0,"at":0)" + rest + "}\n");
  };
  CHECK(step(R"(,"tick":{})") == "");
  CHECK(step("") == "INVALID_ARGUMENT: line 2: there is no observation that is known here");
  CHECK(step(R"(,"task_update":{"app":7})") == "INVALID_ARGUMENT: line 2: app is not a string");
  CHECK(step(R"(,"task_update":{"life":"jumping"})") ==
        "INVALID_ARGUMENT: line 2: life is not a word that is known here");
  CHECK(step(R"(,"task_update":{"ports":8080})") == "INVALID_ARGUMENT: line 2: ports is not an array");
  CHECK(step(R"(,"read_ended":{"status":{"code":99}})") ==
        "INVALID_ARGUMENT: line 2: status is not a status");
  CHECK(step(R"(,"read_ended":{"took":1e300})") ==
        "INVALID_ARGUMENT: line 2: took is not a number of seconds");
  CHECK(step(R"(,"app_seen":{})") ==
        "INVALID_ARGUMENT: line 2: app_seen is not whole: an id or port is missing or wrong");
  CHECK(step(R"(,"task_update":{"app":"/web"})").find("task_update is not whole") != std::string::npos);
  CHECK(step(R"(,"task_update":{"app":"/web","task":"web.1","ports":[-1]})").find("not whole") !=
        std::string::npos);
  const std::string tick = R"({"seq":1,"generation":1,"received":0,"at":0,"tick":{}})"
                           "\n";
  CHECK(ErrorOf(head + tick + tick) ==
        "INVALID_ARGUMENT: line 3: seq or at is not later than the line before");
  CHECK(ErrorOf(head + R"({"decided":{}})" + "\n") ==
        "INVALID_ARGUMENT: line 2: decided is not after what it follows from");
  // Its writer was killed.
  CHECK(ErrorOf(head + tick + R"({"seq":2,"gener)") == "");
}

TEST_CASE("a recorder writes what can be read again, into a new file of its own") {
  const testing::TempDir dir;
  const std::string path = dir.path() + "/recording";
  const Mono begins = Mono(std::chrono::hours(77));
  Recording header;
  header.version = "1.2.3";
  {
    auto recorder = Recorder::Create(path, header, begins);
    REQUIRE(recorder.ok());
    RecordedStep step;
    step.envelope = {1, 0, begins + std::chrono::seconds(2), Tick{}};
    step.at = step.envelope.received;
    (*recorder)->Add(step);
    (*recorder)->Flush();
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    const absl::StatusOr<Recording> read = DecodeRecording(text.str());
    REQUIRE(read.ok());
    REQUIRE(read->steps.size() == 1);
    CHECK(read->steps[0].at == kRecordingBegins + std::chrono::seconds(2));
    CHECK((*recorder)->steps() == 1);
  }
  CHECK(Recorder::Create(path, header, begins).status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(absl::IsInvalidArgument(Recorder::Create(dir.path() + "/no/where", header, begins).status()));
}

TEST_CASE("a full disk ends the recording and nothing else") {
  const testing::TempDir dir;
  auto recorder = Recorder::Create(dir.path() + "/recording", Recording(), Mono());
  REQUIRE(recorder.ok());
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little = {1000, before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  RecordedStep step;
  step.envelope.what = StreamGap{std::string(5000, 'x')};
  for (int i = 0; i < 3; ++i) {
    (*recorder)->Add(step);
    (*recorder)->Flush();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK((*recorder)->status().code() == absl::StatusCode::kResourceExhausted);
  CHECK((*recorder)->failed());
}

TEST_CASE("a replay decides the same, or says where it does not") {
  Recording recording;
  recording.version = "1";
  const auto add = [&](Observation what) {
    RecordedStep& step = recording.steps.emplace_back();
    step.envelope = {recording.steps.size(), 1, kRecordingBegins, std::move(what)};
    step.at = kRecordingBegins;
  };
  add(StreamAttached{"m1:8080"});
  TaskUpdate running;
  running.app = "/web";
  running.task = "web.1";
  running.life = Life::kRunning;
  running.word = "TASK_RUNNING";
  add(running);
  // What it decides is what was to be recorded.
  std::vector<std::vector<Note>> decided;
  CHECK_FALSE(Replay(recording, [&](const RecordedStep&, const std::vector<Note>& notes) {
                decided.push_back(notes);
              }).difference.empty());
  REQUIRE(decided.size() == 2);
  REQUIRE_FALSE(decided[1].empty());
  recording.steps[0].decided = decided[0];
  recording.steps[1].decided = decided[1];
  const Replayed same = Replay(recording);
  CHECK(same.difference == "");
  CHECK(same.decisions == decided[0].size() + decided[1].size());
  recording.steps[1].decided.clear();
  CHECK(Replay(recording).difference.starts_with("seq 2: decided then: nothing; decides now: /web web.1 "));
}

}  // namespace
}  // namespace dispatcher
