// Schedules that were found by looking for what could go wrong: races between
// reads, ends that come at the wrong time, deadlines, and what is left behind.
#include "tests/catalog/driver.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Driver Running(std::vector<TaskSeen> tasks = {SeenTask("web.1", 31000), SeenTask("web.2", 31001)},
               CatalogPolicy policy = {}) {
  Driver d(std::move(policy));
  d.Attach();
  d.Snapshot(
      {SeenApp(App1("/web", kV1, 2), std::move(tasks)), SeenApp(App1("/db"), {SeenTask("db.1", 31005)})});
  d.reads.clear();
  return d;
}

DeploymentUpdate WithoutSteps(DeploymentPhase phase, const std::string& id, const char* version,
                              const std::string& verb, const AppId& app) {
  return {phase, id, version, {{verb, app}}, {{verb, app}}, 0};
}

// The two halves of a read, for schedules that put something between them.
struct HalfRead {
  uint64_t number;
  ReadMark mark;
};
HalfRead BeginRead(Driver& d) { return {++d.reads_made, d.Mark()}; }
void See(Driver& d, const HalfRead& read, AppSeen app) {
  app.read = read.number;
  app.mark = read.mark;
  d.Push(std::move(app));
}
Effects End(Driver& d, const HalfRead& read, ReadScope scope, const AppId& app, int apps) {
  ReadEnded ended;
  ended.read = read.number;
  ended.mark = read.mark;
  ended.scope = scope;
  ended.app = app;
  ended.apps = apps;
  return d.Push(std::move(ended));
}

TEST_CASE("an app read that is answered in the middle of a snapshot makes nothing absent") {
  Driver d = Running();
  const HalfRead snapshot = BeginRead(d);
  const HalfRead app = BeginRead(d);
  const std::vector<TaskSeen> tasks = {SeenTask("web.1", 31000), SeenTask("web.2", 31001)};
  const bool snapshot_first = GENERATE(true, false);
  if (snapshot_first) {
    See(d, snapshot, SeenApp(App1("/web", kV1, 2), tasks));
  }
  See(d, app, SeenApp(App1("/web", kV1, 2), tasks));
  End(d, app, ReadScope::kApp, "/web", 1);
  if (!snapshot_first) {
    See(d, snapshot, SeenApp(App1("/web", kV1, 2), tasks));
  }
  See(d, snapshot, SeenApp(App1("/db"), {SeenTask("db.1", 31005)}));
  End(d, snapshot, ReadScope::kSnapshot, "", 2);
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
  CHECK(WantOf(d, "/web", "web.2") == Want::kYes);
  CHECK(d.catalog.Build({"/web", 0})->want == Want::kYes);
}

TEST_CASE("an answer without tasks makes no task absent") {
  Driver d = Running();
  AppSeen web = SeenApp(App1("/web", kV1, 2));
  web.has_tasks = false;
  d.Snapshot({web, SeenApp(App1("/db"), {SeenTask("db.1", 31005)})});
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
}

TEST_CASE("what explained an earlier absence does not explain the next one") {
  Driver d = Running();
  const AppSeen db = SeenApp(App1("/db"), {SeenTask("db.1", 31005)});
  d.Snapshot({SeenApp(App1("/web", kV1, 1), {SeenTask("web.1", 31000)}), db});
  REQUIRE(d.Find("/web", "web.2")->why == Why::kRead);
  d.Snapshot({SeenApp(App1("/web", kV2, 2), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)}), db});
  d.Snapshot({SeenApp(App1("/web", kV2, 2), {SeenTask("web.1", 31000)}), db});
  CHECK(d.Find("/web", "web.2")->want == Want::kNo);
  CHECK(d.Find("/web", "web.2")->why == Why::kAbsent);
}

TEST_CASE("an older read that comes late does not bring an absent task back") {
  Driver d = Running();
  const AppSeen db = SeenApp(App1("/db"), {SeenTask("db.1", 31005)});
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000)}), db});
  d.Push(Tick{});
  const ReadMark between = d.Mark();
  d.Push(Tick{});
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000)}), db});
  d.ReadApp(SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)}), between);
  CHECK(WantOf(d, "/web", "web.2") == Want::kNo);
}

TEST_CASE("an older read that shows a task unreachable asks again and changes nothing") {
  Driver d = Running();
  const ReadMark before = d.Mark();
  d.Push(Update("/web", "web.1", Life::kRunning, 31000));
  d.ReadApp(SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000, kV1, Life::kUnreachable)}), before);
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
  REQUIRE_FALSE(d.reads.empty());
  d.reads.clear();
  d.ReadApp(SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000, kV1, Life::kUnreachable)}));
  CHECK(WantOf(d, "/web", "web.1") == Want::kIfThere);
  CHECK(d.reads.empty());
}

TEST_CASE("a lost task that Marathon lists as unreachable is unreachable") {
  CatalogPolicy keep;
  keep.unreachable_for = std::nullopt;
  Driver d = Running({SeenTask("web.1", 31000)}, keep);
  d.Push(Update("/web", "web.1", Life::kLost));
  CHECK(WantOf(d, "/web", "web.1") == Want::kNo);
  d.ReadApp(SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000, kV1, Life::kUnreachable)}));
  CHECK(WantOf(d, "/web", "web.1") == Want::kIfThere);
}

TEST_CASE("tasks of a deleted app stay dead when an app of this name is made anew") {
  Driver d = Running();
  SECTION("terminated") { d.Push(AppTerminated{"/web", StampOf(kV2) - 1000}); }
  SECTION("being stopped") {
    const char* stop = "2019-04-10T10:30:00.000Z";
    d.Push(WithoutSteps(DeploymentPhase::kStep, "d1", stop, "StopApplication", "/web"));
  }
  REQUIRE(WantOf(d, "/web", "web.1") == Want::kNo);
  // The tasks' ends are lost; the read is not of the stream's leader, or goes on.
  AppSeen anew = SeenApp(App1("/web", kV2, 1), {SeenTask("web.3", 31003, kV2)});
  d.ReadApp(anew, d.Mark("standby:8080"));
  CHECK(WantOf(d, "/web", "web.1") == Want::kNo);
  CHECK(WantOf(d, "/web", "web.3") == Want::kYes);
  d.Push(Update("/web", "web.4", Life::kRunning, 31004, kV1));  // late, of the app before
  CHECK(WantOf(d, "/web", "web.4") != Want::kYes);
}

TEST_CASE("app_terminated stamped after the next app's version: a later read overrules it") {
  Driver d = Running();
  d.Push(AppTerminated{"/web", StampOf(kV2) + 5});
  d.ReadApp(SeenApp(App1("/web", kV2, 1), {SeenTask("web.3", 31003, kV2)}));
  CHECK(WantOf(d, "/web", "web.3") == Want::kYes);
  CHECK(d.catalog.Build({"/web", 0})->want == Want::kYes);
  d.Push(Update("/web", "web.4", Life::kRunning, 31004, kV2));
  CHECK(WantOf(d, "/web", "web.4") == Want::kYes);
}

TEST_CASE("no deadline is asked for again once it has come, and the dead are forgotten in time") {
  Driver d = Running();
  d.Push(WithoutSteps(DeploymentPhase::kStep, "d1", kV2, "StopApplication", "/web"));
  d.Push(Update("/web", "web.1", Life::kTerminal));
  d.Wait(minutes(5));
  d.Push(Update("/web", "web.2", Life::kTerminal));
  if (GENERATE(false, true)) {
    d.Push(AppTerminated{"/web", StampOf(kV2) + 5});
  }
  for (int i = 0; i < 40 && d.last.wake.has_value(); ++i) {
    const Mono due = *d.last.wake;
    REQUIRE(due > d.now);
    d.Wait(due - d.now);
    REQUIRE((!d.last.wake.has_value() || *d.last.wake > d.now));
    if (d.now > Mono(std::chrono::hours(1)) + minutes(16)) {
      break;
    }
  }
  CHECK(d.catalog.Counts().gone == 0);
}

TEST_CASE("a read of a version that failed is not asked for again at once") {
  Driver d = Running();
  d.Snapshot({SeenApp(App1("/web", kV2, 2)), SeenApp(App1("/db"), {SeenTask("db.1", 31005)})});
  const char* old = "2019-04-10T09:00:00.000Z";
  d.reads.clear();
  d.Push(Update("/web", "web.9", Life::kRunning, 31009, old));
  REQUIRE(d.reads.size() == 1);
  for (const absl::Status& status : {absl::UnavailableError("503"), absl::InvalidArgumentError("not JSON")}) {
    d.Push(VersionSeen{"/web", old, nullptr, status});
    CHECK(d.reads.size() == 1);
  }
  d.Push(VersionSeen{"/web", old, App1("/web", old, 2), absl::OkStatus()});
  CHECK(WantOf(d, "/web", "web.9") == Want::kYes);
}

TEST_CASE("a definition that comes late shows what else is open") {
  Driver d = Running();
  d.Snapshot({SeenApp(App1("/web", kV2, 2)), SeenApp(App1("/db"), {SeenTask("db.1", 31005)})});
  const char* old = "2019-04-10T09:00:00.000Z";
  d.Push(Update("/web", "web.9", Life::kRunning, 31009, old));
  HealthUpdate alive;
  alive.app = "/web";
  alive.instance = "web.marathon-9";
  alive.alive = true;
  alive.at = StampOf(kV2);
  d.Push(alive);
  d.reads.clear();
  d.Push(VersionSeen{"/web", old, App1("/web", old, 2, 2), absl::OkStatus()});
  REQUIRE(d.reads.size() == 1);  // which of the two checks came alive
  CHECK(d.reads[0].what == ReadWanted::What::kApp);
}

TEST_CASE("a 404 does not answer what was asked after it began") {
  Driver d = Running();
  d.Push(WithoutSteps(DeploymentPhase::kStep, "d1", kV2, "StopApplication", "/web"));
  d.Push(AppTouched{"/web", "api_post_event", 0});
  const ReadMark before = d.Mark();
  d.Push(WithoutSteps(DeploymentPhase::kFailed, "d1", kV2, "StopApplication", "/web"));
  d.reads.clear();
  d.NotFound("/web", before);
  REQUIRE(d.reads.size() == 1);
  CHECK(d.reads[0].app == "/web");
}

TEST_CASE("an answer of another than the stream's leader does not settle what is asked") {
  Driver d = Running();
  d.Push(Update("/web", "web.1", Life::kLost));
  d.Push(Update("/web", "web.1", Life::kRunning, 31000));
  REQUIRE(d.reads.size() == 1);
  const AppSeen web = SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)});
  d.ReadApp(web, d.Mark("standby:8080"));
  CHECK(WantOf(d, "/web", "web.1") == Want::kNo);
  REQUIRE(d.reads.size() == 2);
  CHECK(d.reads[1].not_before > d.now);
  d.ReadApp(web);
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
}

TEST_CASE("a version that never came is not waited for with every later event") {
  Driver d = Running();
  d.Push(WithoutSteps(DeploymentPhase::kStep, "d1", kV2, "RestartApplication", "/web"));
  const AppSeen web = SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)});
  for (int i = 0; i < 20; ++i) {
    d.Wait(seconds(1));
    d.ReadApp(web);
  }
  d.reads.clear();
  d.Push(AppTouched{"/web", "api_post_event", 0});
  d.ReadApp(web);
  CHECK(d.reads.size() == 1);
}

TEST_CASE("a port that a new definition drops is made known, without any task") {
  Driver d;
  d.Attach();
  auto two = App1("/web", kV1, 0);
  two->ports.resize(2);
  d.Snapshot({SeenApp(two)});
  d.dirty.clear();
  d.Snapshot({SeenApp(App1("/web", kV2, 0))});
  CHECK(d.dirty.contains({"/web", 1}));
  CHECK(d.catalog.Build({"/web", 1})->want == Want::kNo);
}

TEST_CASE("an app that is gone is in doubt no longer, though it was never read") {
  Driver d = Running();
  d.Push(Update("/new", "new.1", Life::kTerminal));
  REQUIRE(d.catalog.Build({"/new", kAnyPort})->want == Want::kIfThere);
  d.dirty.clear();
  d.Push(AppTerminated{"/new", StampOf(kV2)});
  CHECK(d.catalog.Build({"/new", kAnyPort})->want == Want::kNo);
  CHECK(d.catalog.Build({"/new", kAnyPort})->why == Why::kEvent);
  CHECK(d.dirty.contains({"/new", kAnyPort}));
}

TEST_CASE("a task whose version declares no ports is not wanted at a port of another version") {
  Driver d = Running();
  auto none = App1("/web", kV2, 2);
  none->ports.clear();
  TaskSeen task = SeenTask("web.3", 31003, kV2);
  task.ports.clear();
  d.Snapshot({SeenApp(none, {SeenTask("web.1", 31000), task}), SeenApp(App1("/db"))});
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
  CHECK(WantOf(d, "/web", "web.3") == Want::kNo);
}

TEST_CASE("an announced kill of one incarnation does not doom the next") {
  const std::string uuid = "c7c311a4-b669-11e6-a48f-0ea4f4b1778c";
  const std::string instance = "web.instance-" + uuid;
  Driver d = Running({});
  TaskUpdate second = Update("/web", instance + "._app.2", Life::kRunning, 31000);
  d.Push(second);
  KillAnnounced kill;
  kill.app = "/web";
  kill.instance = instance;
  kill.at = second.at - 500;
  d.Push(kill);
  CHECK(WantOf(d, "/web", second.task) == Want::kYes);
  kill.at = second.at + 500;
  d.Push(kill);
  CHECK(WantOf(d, "/web", second.task) == Want::kNo);
}

TEST_CASE("a word that is not known asks, also of a task that runs") {
  Driver d = Running();
  d.Push(Update("/web", "web.1", Life::kUnknown));
  CHECK(d.reads.size() == 1);
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
}

TEST_CASE("a read older than the end of a deployment does not revive it") {
  Driver d = Running();
  const ReadMark before = d.Mark();
  d.Push(WithoutSteps(DeploymentPhase::kStep, "d1", kV1, "ScaleApplication", "/web"));
  d.Push(WithoutSteps(DeploymentPhase::kSucceeded, "d1", kV1, "ScaleApplication", "/web"));
  AppSeen web = SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)});
  web.deployments = {"d1"};
  d.ReadApp(web, before);
  CHECK(d.catalog.Explain("/web", d.now)->deployments.empty());
}

}  // namespace
}  // namespace dispatcher
