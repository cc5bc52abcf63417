// What a running engine records, replayed: the same decisions.
#include <fstream>
#include <sstream>

#include "adapters/memory/memory_adapter.h"
#include "dispatcher/engine/engine.h"
#include "dispatcher/engine/policies.h"
#include "dispatcher/recording/replay.h"
#include "tests/engine/scripted_marathon.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr const char* kFirst = "web.01da9a15-68a7-11e7-a229-000000000001";
constexpr const char* kSecond = "web.01da9a15-68a7-11e7-a229-000000000002";

TEST_CASE("what an engine went through is recorded whole, and replays to the same decisions") {
  const TempDir dir;
  const std::string path = dir.path() + "/recording";
  ScriptedMarathon marathon;
  marathon.SetApp("/web", {{kFirst, 31001}});
  Settings settings;
  settings.marathon.urls = {marathon.url()};
  settings.adapters.emplace_back().name = "memory";
  Recording header;
  header.version = "test";
  header.policy = *CatalogPolicyOf(settings);
  size_t decisions = 0;
  {
    auto recorder = Recorder::Create(path, header, SystemClock().Now());
    REQUIRE(recorder.ok());
    EngineOptions options;
    options.recorder = recorder->get();
    const auto engine = *Engine::Make(settings, SystemClock(), options);
    engine->Start();
    const auto decided = [&](const std::string& what) {
      return WaitFor([&] {
        decisions = 0;
        bool found = false;
        for (const Decision& decision : engine->Decisions({})) {
          decisions += decision.source == "catalog" ? 1 : 0;
          found = found || decision.note.text.find(what) != std::string::npos;
        }
        return found;
      });
    };
    CHECK(WaitFor([&] { return engine->Report().catalog.synced; }));
    marathon.Emit(RunningFrame("/web", kSecond, 31002));
    CHECK(decided("-> Serving"));
    marathon.Emit(RunningFrame("/web", kFirst, 31001, "TASK_FAILED"));
    CHECK(decided("-> Gone"));
    engine->Stop();
    decided("-> Gone");
    CHECK((*recorder)->status().ok());
  }
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const absl::StatusOr<Recording> recording = DecodeRecording(text.str());
  REQUIRE(recording.ok());
  const Replayed replayed = Replay(*recording);
  CHECK(replayed.difference == "");
  CHECK(replayed.decisions >= decisions);
  CHECK(decisions > 2);
  REQUIRE(replayed.services.size() == 1);
  CHECK(replayed.services[0]->instances.size() == 2);
}

}  // namespace
}  // namespace dispatcher::testing
