// The whole pipeline in one process: a scripted Marathon at one end, the memory
// adapter at the other.
#include "dispatcher/engine/engine.h"

#include <algorithm>
#include <set>

#include "adapters/memory/memory_adapter.h"
#include "dispatcher/engine/settled.h"
#include "tests/engine/scripted_marathon.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using namespace testing;  // NOLINT: the fakes' words
using namespace std::chrono_literals;

// Ids in the form of Marathon up to 1.7.
std::string TaskName(const std::string& app, int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - digits.size(), '0');
  return app + ".01da9a15-68a7-11e7-a229-" + digits;
}

class Pipeline {
 public:
  // `before`: whose place it takes, with the same registry.
  explicit Pipeline(const std::string& url, bool dry_run = false, const Pipeline* before = nullptr) {
    Settings settings;
    settings.marathon.urls = {url};
    settings.marathon.stall_timeout = 5s;
    settings.brake.confirm_after = 5s;
    AdapterSettings adapter;
    adapter.name = "memory";
    settings.adapters = {adapter};
    EngineOptions options;
    options.dry_run = dry_run;
    options.seed = 1;
    if (before != nullptr) {
      registry_ = before->registry_;
      options.waits = true;
      options.history = before->engine_->history();
    }
    options.make_adapter = [this](const AdapterSettings&, const Settings&) {
      return absl::StatusOr<std::unique_ptr<Adapter>>(
          std::make_unique<MemoryAdapter>(MemoryOptions(), registry_));
    };
    engine_ = *Engine::Make(settings, SystemClock(), options);
  }

  Engine& engine() { return *engine_; }
  MemoryRegistry& registry() { return *registry_; }
  AdapterReport adapter() const { return engine_->Report().adapters.front(); }

  // Addresses of the instances in the registry.
  std::set<std::string> Addresses() const {
    std::set<std::string> addresses;
    for (const Entry& entry : registry_->Entries("dispatcher")) {
      if (!entry.address.empty()) {
        addresses.insert(entry.address);
      }
    }
    return addresses;
  }
  bool Becomes(const std::set<std::string>& expected) const {
    const bool became = WaitFor([&] { return Addresses() == expected; });
    if (!became) {
      for (const std::string& address : Addresses()) {
        UNSCOPED_INFO("has " << address);
      }
    }
    return became;
  }
  bool Synced() const {
    return WaitFor([&] { return WaitingFor(engine_->Report(), Until::kSettled).empty(); });
  }

 private:
  std::shared_ptr<MemoryRegistry> registry_ = std::make_shared<MemoryRegistry>();
  std::unique_ptr<Engine> engine_;
};

// A Marathon with one task of /web, and an engine that has registered it.
struct Registered {
  Registered() {
    marathon.SetApp("/web", {{TaskName("web", 1), 31001}});
    pipeline = std::make_unique<Pipeline>(marathon.url());
    pipeline->engine().Start();
    REQUIRE(pipeline->Becomes({"10.0.0.1:31001"}));
    REQUIRE(pipeline->Synced());
  }
  ScriptedMarathon marathon;
  std::unique_ptr<Pipeline> pipeline;
};

TEST_CASE("what Marathon runs gets registered, and the engine says that it is ready") {
  ScriptedMarathon marathon;
  marathon.SetApp("/web", {{TaskName("web", 1), 31001}, {TaskName("web", 2), 31002}});
  Pipeline pipeline(marathon.url());
  CHECK_FALSE(pipeline.engine().Report().ready);
  pipeline.engine().Start();
  CHECK(pipeline.Becomes({"10.0.0.1:31001", "10.0.0.1:31002"}));
  REQUIRE(pipeline.Synced());
  const EngineReport report = pipeline.engine().Report();
  CHECK(report.ready);
  CHECK(report.degraded.empty());
  CHECK(report.stream.now.attached);
  CHECK_FALSE(report.stream.down_for.has_value());
  CHECK(report.marathon_version == "1.10.26");
  CHECK(report.catalog.framework == "framework-1");
  CHECK(report.reads.snapshots.ok == 1);
  CHECK(report.reads.snapshots.seconds.count == 1);
  CHECK(report.reads.infos.ok == 1);
  CHECK(report.services == 1);
  CHECK(pipeline.engine().Apps() == std::vector<AppId>{"/web"});
  const std::vector<AppSummary> summaries = pipeline.engine().Summaries();
  REQUIRE(summaries.size() == 1);
  CHECK(summaries[0].app == "/web");
  CHECK(summaries[0].state == "known");
  CHECK(summaries[0].running == 2);
  const auto standings = pipeline.engine().Standings();
  REQUIRE(standings.size() == 1);
  REQUIRE(standings[0].second.size() == 1);
  CHECK(standings[0].second[0].app == "/web");
  CHECK(standings[0].second[0].wanted == 2);
  CHECK(pipeline.engine().Services().size() == 1);
  CHECK(pipeline.engine().Explain("/web")->tasks.size() == 2);
  CHECK_FALSE(pipeline.engine().Explain("/none").has_value());
  CHECK_FALSE(pipeline.engine().Decisions({}).empty());
  for (const Entry& entry : pipeline.registry().Entries("dispatcher")) {
    CHECK(entry.framework == "framework-1");
  }
}

TEST_CASE("who takes an engine's place has its history, its start and the ages of its entries") {
  Registered world;
  Pipeline& before = *world.pipeline;
  const auto age = [](const Engine& engine, const TaskId& task) {
    const auto places = engine.Where("/web");
    for (const EntryReport& entry : places.front().second.entries) {
      if (entry.task == task && entry.since && !entry.found) {
        return Seconds(*entry.since);
      }
    }
    return -1.0;
  };
  const auto written = [](const Engine& engine) {
    const std::vector<Decision> decisions = engine.Decisions({.app = "/web"});
    return std::count_if(decisions.begin(), decisions.end(), [](const Decision& decision) {
      return decision.note.kind == NoteKind::kRegistered && !decision.note.task.empty();
    });
  };
  REQUIRE(WaitFor([&] { return written(before.engine()) == 1; }));
  // Ages are in whole seconds.
  REQUIRE(WaitFor([&] { return age(before.engine(), TaskName("web", 1)) >= 2; }));
  const uint64_t last = before.engine().Decisions({}).back().number;

  Pipeline next(world.marathon.url(), false, &before);
  next.engine().Start();
  REQUIRE(WaitFor([&] { return next.engine().Report().ready; }));
  CHECK(age(next.engine(), TaskName("web", 1)) == -1);
  before.engine().Stop();
  next.engine().TakeOver(before.engine());
  CHECK(WaitFor([&] { return age(next.engine(), TaskName("web", 1)) >= 2; }));
  world.marathon.Emit(RunningFrame("/web", TaskName("web", 2), 31002));
  CHECK(next.Becomes({"10.0.0.1:31001", "10.0.0.1:31002"}));
  REQUIRE(WaitFor([&] { return written(next.engine()) == 2; }));
  CHECK(age(next.engine(), TaskName("web", 1)) >= 2);
  const std::vector<Decision> decisions = next.engine().Decisions({});
  CHECK(decisions.front().number == 1);
  CHECK(decisions.back().number > last);
  const EngineReport report = next.engine().Report();
  CHECK(report.uptime > report.settings_age + 1s);
  CHECK(next.engine().WaitForDecisions(last, 1000, 10s).front().number == last + 1);
}

TEST_CASE("an event alone adds and removes an instance, and its latency is measured") {
  Registered world;
  ScriptedMarathon& marathon = world.marathon;
  Pipeline& pipeline = *world.pipeline;
  const size_t snapshots = marathon.Asked("/v2/apps?");
  marathon.Emit(RunningFrame("/web", TaskName("web", 2), 31002));
  CHECK(pipeline.Becomes({"10.0.0.1:31001", "10.0.0.1:31002"}));
  marathon.Emit(RunningFrame("/web", TaskName("web", 1), 31001, "TASK_FAILED"));
  CHECK(pipeline.Becomes({"10.0.0.1:31002"}));
  CHECK(marathon.Asked("/v2/apps?") == snapshots);
  CHECK(WaitFor([&] { return pipeline.adapter().latency.count >= 2; }));
  CHECK(pipeline.adapter().state.deletes == 1);
}

TEST_CASE("what happened while the stream was away is found by the snapshot after it") {
  Registered world;
  ScriptedMarathon& marathon = world.marathon;
  Pipeline& pipeline = *world.pipeline;
  marathon.SetOpen(false);
  CHECK(WaitFor([&] { return pipeline.engine().Report().stream.down_for.has_value(); }));
  CHECK(pipeline.engine().Report().ready);
  CHECK_FALSE(pipeline.engine().Report().degraded.empty());
  marathon.SetApp("/web", {{TaskName("web", 2), 31002}});
  marathon.SetOpen(true);
  CHECK(pipeline.Becomes({"10.0.0.1:31002"}));
  CHECK(pipeline.engine().Report().inbox.generation == 2);
}

TEST_CASE("a gap in the stream makes a snapshot due") {
  Registered world;
  ScriptedMarathon& marathon = world.marathon;
  Pipeline& pipeline = *world.pipeline;
  marathon.SetApp("/web", {{TaskName("web", 1), 31001}, {TaskName("web", 2), 31002}});
  marathon.Emit("data: {cut\r\n\r\n");
  CHECK(pipeline.Becomes({"10.0.0.1:31001", "10.0.0.1:31002"}));
}

TEST_CASE("answers that are no complete snapshot remove nothing and are shown") {
  const std::string half = R"({"apps":[)";
  const std::vector<std::string> answers = {
      Json(R"({"apps":[]})"),
      Answer("500 Oops", "application/json", R"({"apps":[]})"),
      Answer("401 No", "application/json", R"({"apps":[]})"),
      Answer("200 OK", "text/html", "<html>"),
      Json(half),
  };
  for (const std::string& answer : answers) {
    INFO(answer);
    Registered world;
    ScriptedMarathon& marathon = world.marathon;
    Pipeline& pipeline = *world.pipeline;
    const size_t before = marathon.Asked("/v2/apps?");
    marathon.AnswerApps(answer);
    marathon.Emit("data: {cut\r\n\r\n");
    CHECK(WaitFor([&] { return marathon.Asked("/v2/apps?") > before; }));
    CHECK(WaitFor([&] { return !pipeline.engine().Report().degraded.empty(); }));
    CHECK(pipeline.Addresses() == std::set<std::string>{"10.0.0.1:31001"});
    CHECK(pipeline.engine().Report().ready);
  }
}

TEST_CASE("a registry that can't be read at first is written to once it can") {
  ScriptedMarathon marathon;
  marathon.SetApp("/web", {{TaskName("web", 1), 31001}});
  Pipeline pipeline(marathon.url());
  pipeline.registry().DenyReads(true);
  pipeline.engine().Start();
  CHECK(WaitFor([&] { return pipeline.adapter().failed_reads >= 1; }));
  CHECK(WaitFor([&] { return pipeline.engine().Report().ready; }));
  CHECK_FALSE(pipeline.engine().Report().degraded.empty());
  CHECK(pipeline.Addresses().empty());
  pipeline.registry().DenyReads(false);
  CHECK(pipeline.Becomes({"10.0.0.1:31001"}));
}

TEST_CASE("what queues while a write is in flight is the next batch") {
  Registered world;
  ScriptedMarathon& marathon = world.marathon;
  Pipeline& pipeline = *world.pipeline;
  std::set<std::string> expected = {"10.0.0.1:31001"};
  pipeline.registry().Hold(true);
  const uint64_t writes = pipeline.adapter().writes;
  for (int i = 0; i < 100; ++i) {
    const std::string app = "/burst" + std::to_string(i);
    const std::string task = TaskName("burst" + std::to_string(i), 1);
    marathon.SetApp(app, {{task, 32000 + i}});
    marathon.Emit(RunningFrame(app, task, 32000 + i));
    expected.insert("10.0.0.1:" + std::to_string(32000 + i));
  }
  // All of it is due, a service's shell and its instance each, and one write has begun:
  // which of the two comes first is the writer's thread's business.
  CHECK(WaitFor(
      [&] { return pipeline.adapter().state.pending == 200 && pipeline.adapter().writes == writes + 1; }));
  pipeline.registry().Hold(false);
  CHECK(pipeline.Becomes(expected));
  CHECK(pipeline.adapter().writes <= writes + 10);
}

TEST_CASE("apps are registered while the rest of the first snapshot is on its way") {
  Pipeline* watched = nullptr;
  bool early = false;
  std::string first;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "a" + std::to_string(i);
    first += R"({"id":"/)" + name +
             R"(","version":"2020-01-01T00:00:00.000Z","instances":1,"portDefinitions":[{"port":1}],)" +
             R"("tasks":[{"id":")" + TaskName(name, 1) + R"(","host":"10.0.0.1","ports":[)" +
             std::to_string(30000 + i) +
             R"(],"state":"TASK_RUNNING","version":"2020-01-01T00:00:00.000Z"}]},)";
  }
  first.pop_back();
  FakeMarathon marathon([&](RawConnection& connection, const std::string& request) {
    if (Asks(request, "/v2/events")) {
      connection.Write(StreamHead() + AttachedFrame());
      connection.WaitForClose();
      return false;
    }
    if (!Asks(request, "/v2/apps?")) {
      return connection.Write(Json(R"({"version":"1.10.26","frameworkId":"f"})"));
    }
    connection.Write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"apps\":[" + first);
    early = WaitFor([&] { return !watched->Addresses().empty(); }, 5s);
    connection.Write("]}");
    return false;
  });
  Pipeline pipeline(marathon.url());
  watched = &pipeline;
  pipeline.engine().Start();
  CHECK(WaitFor([&] { return pipeline.Addresses().size() == 40; }));
  pipeline.engine().Stop();
  CHECK(early);
}

TEST_CASE("a dry run plans everything and writes nothing") {
  ScriptedMarathon marathon;
  marathon.SetApp("/web", {{TaskName("web", 1), 31001}});
  Pipeline pipeline(marathon.url(), true);
  CHECK_FALSE(pipeline.engine().Plan().front().complete);
  pipeline.engine().Start();
  CHECK(WaitFor([&] { return pipeline.engine().Plan().front().complete; }));
  const std::vector<AdapterPlan> plans = pipeline.engine().Plan();
  const auto& changes = plans.front().changes;
  CHECK(std::any_of(changes.begin(), changes.end(), [](const Change& change) {
    return change.op == Op::kPut && change.entry->address == "10.0.0.1:31001";
  }));
  CHECK(pipeline.registry().write_calls() == 0);
}

TEST_CASE("stopping lets a write end within the grace, cancels it after that, and begins nothing") {
  Registered world;
  ScriptedMarathon& marathon = world.marathon;
  Pipeline& pipeline = *world.pipeline;
  const uint64_t writes = pipeline.adapter().writes;
  pipeline.registry().Hold(true);
  marathon.Emit(RunningFrame("/web", TaskName("web", 2), 31002));
  REQUIRE(WaitFor([&] { return pipeline.adapter().writes == writes + 1; }));
  const Mono begun = SystemClock().Now();
  pipeline.engine().Stop(100ms);
  CHECK(SystemClock().Now() - begun >= 100ms);
  CHECK(SystemClock().Now() - begun < 5s);
  CHECK(pipeline.adapter().writes == writes + 1);
  const EngineReport report = pipeline.engine().Report();
  CHECK_FALSE(report.ready);
  CHECK(report.not_ready == std::vector<std::string>{"stopping"});
  pipeline.engine().Stop();
}

TEST_CASE("an engine that was never started stops, and two adapters of one name are refused") {
  ScriptedMarathon marathon;
  Pipeline pipeline(marathon.url());
  pipeline.engine().Stop();
  Settings settings;
  AdapterSettings adapter;
  adapter.name = "memory";
  settings.adapters = {adapter, adapter};
  CHECK(Text(Engine::Make(settings, SystemClock()).status()).find("adapters.memory") != std::string::npos);
}

}  // namespace
}  // namespace dispatcher
