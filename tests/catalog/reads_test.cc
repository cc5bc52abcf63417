// Which reads are believed, and how far.
#include <ctime>

#include "tests/catalog/driver.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

Driver WebAndDb() {
  Driver d;
  d.Attach();
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)}),
              SeenApp(App1("/db"), {SeenTask("db.1", 31005)})});
  return d;
}

TEST_CASE("a complete read of the leader says what is absent, and how that is explained") {
  Driver d = WebAndDb();
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000)}),
              SeenApp(App1("/db"), {SeenTask("db.1", 31005)})});
  CHECK(WantOf(d, "/web", "web.2") == Want::kNo);
  CHECK(d.Find("/web", "web.2")->why == Why::kAbsent);
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000), SeenTask("web.3", 31002)}),
              SeenApp(App1("/db"), {SeenTask("db.1", 31005)})});
  CHECK(d.Find("/web", "web.2")->why == Why::kRead);  // all instances run, without it
  CHECK(d.catalog.Build({"/web", 0})->missing == Why::kRead);
}

TEST_CASE("any other read only adds") {
  Driver d = WebAndDb();
  const ReadMark before = d.Mark();
  SECTION("of a standby") {
    d.Snapshot({SeenApp(App1("/new"), {SeenTask("new.1", 31009)})}, d.Mark("standby:8080"));
  }
  SECTION("begun before this stream") {
    d.Push(StreamLost{absl::UnavailableError("eof")});
    d.Attach();
    d.Snapshot({SeenApp(App1("/new"), {SeenTask("new.1", 31009)})}, before);
  }
  SECTION("of an earlier stream's number") {
    ReadMark mark = d.Mark();
    mark.generation = 0;
    d.Snapshot({SeenApp(App1("/new"), {SeenTask("new.1", 31009)})}, mark);
  }
  SECTION("without a stream") {
    d.Push(StreamLost{absl::UnavailableError("eof")});
    d.Snapshot({SeenApp(App1("/new"), {SeenTask("new.1", 31009)})});
  }
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
  CHECK(WantOf(d, "/db", "db.1") == Want::kYes);
  CHECK(WantOf(d, "/new", "new.1") == Want::kYes);
  CHECK_FALSE(d.last.full_pass.has_value());
}

TEST_CASE("a failed or half snapshot says nothing about absence") {
  Driver d = WebAndDb();
  AppSeen web = SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000)});
  web.read = 77;
  web.mark = d.Mark();
  d.Push(web);
  ReadEnded ended;
  ended.read = 77;
  ended.mark = web.mark;
  ended.status =
      GENERATE(absl::UnavailableError("cut"), absl::InternalError("500"), absl::UnauthenticatedError("401"));
  d.Push(ended);
  CHECK(WantOf(d, "/web", "web.2") == Want::kYes);
  CHECK(WantOf(d, "/db", "db.1") == Want::kYes);
  CHECK_FALSE(d.last.full_pass.has_value());
}

TEST_CASE("an empty answer from a Marathon that was full is never believed, however often repeated") {
  Driver d = WebAndDb();
  for (int i = 0; i < 5; ++i) {
    d.Snapshot({});
    CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
    REQUIRE(d.last.full_pass.has_value());
    CHECK(d.last.full_pass->empty);
    CHECK_FALSE(d.catalog.Counts().distrust.empty());
    d.Wait(std::chrono::minutes(5));
  }
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)})});
  CHECK(d.catalog.Counts().distrust.empty());
}

TEST_CASE("an empty answer is not believed of a Marathon with apps at zero instances either") {
  Driver d;
  d.Attach();
  d.Snapshot({SeenApp(App1("/idle", kV1, 0))});
  REQUIRE(d.catalog.Counts().synced);
  d.Snapshot({});
  CHECK(d.catalog.Counts().distrust == "Marathon answered with no apps at all while 1 is known");
  CHECK(d.catalog.Build({"/idle", 0})->want == Want::kYes);
  // Seen to go, it leaves nothing to be missed.
  d.Push(AppTerminated{"/idle", StampOf(kV2)});
  d.Snapshot({});
  CHECK(d.catalog.Counts().distrust.empty());
}

TEST_CASE("an empty answer to a question asked before the first app came is believed, and the app stays") {
  Driver d;
  d.Attach();
  const ReadMark asked = d.Mark();
  d.Push(Update("/web", "web.1", Life::kRunning, 31001));
  d.Snapshot({}, asked);
  CHECK(d.catalog.Counts().distrust.empty());
  CHECK(d.catalog.Counts().synced);
  d.Snapshot({SeenApp(App1("/web", kV1, 1), {SeenTask("web.1", 31001)})});
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
  // Had it been known before, such an answer would not have been believed.
  const ReadMark later = d.Mark();
  d.Snapshot({}, later);
  CHECK_FALSE(d.catalog.Counts().distrust.empty());
}

TEST_CASE("snapshots that are never the stream's leader's are asked for less and less often") {
  Driver d;
  d.Attach();
  const auto next = [&] {
    d.Snapshot({}, d.Mark("proxy:8080"));
    REQUIRE(d.last.reads.size() == 1);
    const Duration wait = d.last.reads[0].not_before - d.now;
    d.Wait(wait);
    return wait;
  };
  CHECK(next() == std::chrono::seconds(1));
  CHECK(next() == std::chrono::seconds(2));
  for (int i = 0; i < 10; ++i) {
    next();
  }
  CHECK(next() == std::chrono::seconds(64));
  CHECK(d.catalog.Counts().distrust == "it was answered by proxy:8080, while the events come from m1:8080");
  SECTION("until one is") {
    d.Snapshot({});
    CHECK(d.catalog.Counts().distrust.empty());
  }
  SECTION("or the stream is another") { d.Attach(); }
  CHECK(next() == std::chrono::seconds(1));
}

TEST_CASE("an empty answer after every app was stopped is the truth") {
  Driver d = WebAndDb();
  d.Push(AppTerminated{"/web", StampOf(kV2)});
  d.Push(AppTerminated{"/db", StampOf(kV2)});
  d.Snapshot({});
  CHECK(d.catalog.Counts().distrust.empty());
  CHECK(d.catalog.Counts().synced);
}

TEST_CASE("a task that was heard of after the read began is not absent from it") {
  Driver d = WebAndDb();
  const ReadMark mark = d.Mark();
  d.Push(Update("/web", "web.9", Life::kRunning, 31009));
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)}),
              SeenApp(App1("/db"), {SeenTask("db.1", 31005)})},
             mark);
  CHECK(WantOf(d, "/web", "web.9") == Want::kYes);
}

TEST_CASE("an absent task comes back by a read, not by an event") {
  Driver d = WebAndDb();
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000)}),
              SeenApp(App1("/db"), {SeenTask("db.1", 31005)})});
  d.Push(Update("/web", "web.2", Life::kRunning, 31001));
  CHECK(WantOf(d, "/web", "web.2") == Want::kNo);
  CHECK(d.reads.back().app == "/web");
  d.ReadApp(SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)}));
  CHECK(WantOf(d, "/web", "web.2") == Want::kYes);
}

TEST_CASE("an app that can't be decoded keeps what it has") {
  Driver d = WebAndDb();
  d.Snapshot({SeenApp(App1("/db"), {SeenTask("db.1", 31005)})}, std::nullopt, {"/web"});
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
  CHECK_FALSE(d.catalog.Build({"/web", 0})->complete);
  REQUIRE(d.catalog.Build({"/web", kAnyPort}) != nullptr);
  CHECK(d.catalog.Build({"/web", kAnyPort})->want == Want::kIfThere);
  d.Snapshot(
      {SeenApp(App1("/db"), {SeenTask("db.1", 31005)}), SeenApp(App1("/web"), {SeenTask("web.1", 31000)})});
  CHECK(d.catalog.Build({"/web", kAnyPort}) == nullptr);
  CHECK(d.catalog.Build({"/web", 0})->complete);
}

TEST_CASE("one element without even an id: no app is absent from that read") {
  Driver d = WebAndDb();
  d.Snapshot({SeenApp(App1("/db"), {SeenTask("db.1", 31005)})}, std::nullopt, {""});
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
}

TEST_CASE("an app missing from a snapshot is absent, unexplained; after StopApplication, explained") {
  Driver d = WebAndDb();
  const bool stopped = GENERATE(false, true);
  if (stopped) {
    d.Push(DeploymentUpdate{
        DeploymentPhase::kStep, "d1", kV2, {{"StopApplication", "/web"}}, {{"StopApplication", "/web"}}, 0});
  }
  d.Snapshot({SeenApp(App1("/db"), {SeenTask("db.1", 31005)})});
  CHECK(d.catalog.Build({"/web", 0})->want == Want::kNo);
  CHECK(d.catalog.Build({"/web", 0})->why == (stopped ? Why::kEvent : Why::kAbsent));
  CHECK(d.Find("/web", "web.1")->why == (stopped ? Why::kEvent : Why::kAbsent));
}

TEST_CASE("a read that began first and ends last adds no task, and brings no app back") {
  for (const bool deleted : {false, true}) {
    Driver d;
    d.Attach();
    std::vector<AppSeen> now = {SeenApp(App1("/db"), {SeenTask("db.1", 31005)}),
                                SeenApp(App1("/web"), {SeenTask("web.2", 31001)})};
    d.Snapshot(now);
    const uint64_t older = ++d.reads_made;
    const ReadMark began = d.Mark();
    if (deleted) {
      now.pop_back();
    }
    d.Snapshot(now);
    AppSeen late = SeenApp(App1("/web"), {SeenTask("web.1", 31000)});
    late.read = older;
    late.mark = began;
    d.Push(late);
    ReadEnded ended;
    ended.read = older;
    ended.mark = began;
    ended.scope = ReadScope::kApp;
    ended.app = "/web";
    d.Push(std::move(ended));
    CHECK(d.Find("/web", "web.1") == nullptr);
    CHECK(WantOf(d, "/web", "web.2") == (deleted ? Want::kNo : Want::kYes));
    CHECK(d.catalog.Build({"/web", 0})->want == (deleted ? Want::kNo : Want::kYes));
  }
}

TEST_CASE("missing health after a change of leader changes nothing that was known") {
  Driver d;
  d.Attach();
  TaskSeen task = SeenTask("web.1", 31000);
  task.results = {CheckResult{true, true, StampOf(kV1) + 5000, 0}};
  d.Snapshot({SeenApp(App1("/web", kV1, 1, 1), {task})});
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
  d.Push(StreamLost{absl::UnavailableError("eof")});
  d.Attach("m2:8080");
  task.results.clear();
  d.Snapshot({SeenApp(App1("/web", kV1, 1, 1), {task})}, d.Mark("m2:8080"));
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
  CHECK(d.Find("/web", "web.1")->condition == Condition::kPassing);
}

TEST_CASE("a restart in the middle of a failover: nothing is created, nothing removed") {
  Driver d;
  d.Attach("m2:8080");
  d.Snapshot({SeenApp(App1("/web", kV1, 1, 1), {SeenTask("web.1", 31000)})}, d.Mark("m2:8080"));
  CHECK(WantOf(d, "/web", "web.1") == Want::kIfThere);
}

TEST_CASE("a stale definition does not replace a newer one, the leader's later read does") {
  Driver d = WebAndDb();
  d.Snapshot({SeenApp(App1("/web", kV2, 2), {}), SeenApp(App1("/db"), {})});
  d.ReadApp(SeenApp(App1("/web", kV1, 2), {}), d.Mark("standby:8080"));
  CHECK(d.catalog.Explain("/web", d.now)->version == kV2);
}

TEST_CASE("attach asks for info and a snapshot; a gap for a snapshot") {
  Driver d;
  d.Attach();
  REQUIRE(d.reads.size() == 2);
  CHECK(d.reads[0].what == ReadWanted::What::kInfo);
  CHECK(d.reads[1].what == ReadWanted::What::kSnapshot);
  d.reads.clear();
  d.Push(StreamGap{"oversized"});
  REQUIRE(d.reads.size() == 1);
  CHECK(d.reads[0].what == ReadWanted::What::kSnapshot);
}

TEST_CASE("the framework that a full pass speaks for") {
  Driver d;
  d.Attach();
  d.Push(MarathonInfo{"1.8.180", "fw-1", "m1:8080"});
  d.Snapshot({SeenApp(App1("/web"))});
  CHECK(d.last.full_pass->framework == "fw-1");
  d.Push(SchedulerChanged{"scheduler_registered_event", "fw-2", 0});
  d.Snapshot({SeenApp(App1("/web"))});
  CHECK(d.last.full_pass->framework == "fw-2");
}

TEST_CASE("an app of tens of thousands of tasks is read in good time") {
  // By the square of their number it takes minutes.
  const int count = 30000;
  std::vector<TaskSeen> tasks;
  for (int i = 0; i < count; ++i) {
    tasks.push_back(SeenTask("web." + std::to_string(i), 1024 + i));
  }
  Driver d;
  d.Attach();
  const std::clock_t begin = std::clock();
  d.Snapshot({SeenApp(App1("/web", kV1, count), std::move(tasks))});
  CHECK((std::clock() - begin) / CLOCKS_PER_SEC < 20);
  REQUIRE(d.catalog.Build({"/web", 0}) != nullptr);
  CHECK(d.catalog.Build({"/web", 0})->instances.size() == count);
}

}  // namespace
}  // namespace dispatcher
