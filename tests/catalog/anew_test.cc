// A task that begins anew under the id it had: residents of Marathon up to 1.4.
#include "tests/catalog/driver.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::seconds;

constexpr const char* kDb = "db.5dd78972";
const WallMs kStaged = StampOf(kV1) + 500, kEnded = StampOf(kV1) + 60'000;

TaskSeen SeenRun(WallMs staged, int port) {
  TaskSeen task = SeenTask(kDb, port);
  task.staged_at = staged;
  task.started_at = staged + 500;
  return task;
}
AppSeen Db(const TaskSeen& task, int checks = 0) { return SeenApp(App1("/db", kV1, 1, checks), {task}); }
AppSeen FirstRun() { return Db(SeenRun(kStaged, 31001)); }
AppSeen NextRun() { return Db(SeenRun(kEnded + 1000, 31002)); }

TaskUpdate Said(Life life, WallMs at) {
  TaskUpdate update = Update("/db", kDb, life);
  update.at = at;
  return update;
}
HealthUpdate Alive(WallMs at) {
  HealthUpdate update;
  update.app = "/db";
  update.instance = InstanceOfTask(kDb);
  update.alive = true;
  update.at = at;
  return update;
}
TaskUpdate End() { return Said(Life::kTerminal, kEnded); }

// Has read that, and asks for nothing.
Driver Knowing(const AppSeen& app, CatalogPolicy policy = {}) {
  Driver d(std::move(policy));
  d.Attach();
  d.Snapshot({app});
  d.reads.clear();
  return d;
}

// Nobody that ended is listed for longer than must be.
CatalogPolicy NoneListed() {
  CatalogPolicy policy;
  policy.max_tombstones = 0;
  return policy;
}

// The first run has ended.
Driver AfterItsEnd(CatalogPolicy policy = {}) {
  Driver d = Knowing(FirstRun(), std::move(policy));
  d.Push(End());
  d.reads.clear();
  return d;
}

Driver BegunAnew() {
  Driver d = AfterItsEnd();
  d.ReadApp(NextRun());
  d.reads.clear();
  return d;
}

const Lines kOld = {"db.5dd78972@10.0.0.1:31001 yes passing"};
const Lines kNext = {"db.5dd78972@10.0.0.1:31002 yes passing"};

bool Dead(const Driver& d) { return WantOf(d, "/db", kDb) == Want::kNo; }

TEST_CASE("one that a later read shows staged after its end has begun anew") {
  Driver d = AfterItsEnd();
  REQUIRE(Dead(d));
  d.dirty.clear();
  d.ReadApp(NextRun());
  CHECK(d.Instances("/db") == kNext);
  CHECK(d.dirty.contains({"/db", 0}));
}

TEST_CASE("no other read brings back one that has ended") {
  Driver d = AfterItsEnd();
  SECTION("it shows the run that ended") { d.ReadApp(FirstRun()); }
  SECTION("it is not the leader's") { d.ReadApp(NextRun(), d.Mark("m2:8080")); }
  SECTION("it does not say when it was staged") { d.ReadApp(Db(SeenRun(0, 31002))); }
  SECTION("it lists the next run as ended, too") {
    TaskSeen task = SeenRun(kEnded + 1000, 31002);
    task.life = Life::kTerminal;
    d.ReadApp(Db(task));
  }
  CHECK(Dead(d));
}

TEST_CASE("an end without a stamp closes no run: no read tells the next from it") {
  Driver d = Knowing(FirstRun());
  d.Push(Said(Life::kTerminal, 0));
  d.ReadApp(NextRun());
  CHECK(Dead(d));
}

TEST_CASE("an end that a read told is before whatever is staged later") {
  TaskSeen ended = SeenRun(kStaged, 31001);
  ended.life = Life::kTerminal;
  Driver d = Knowing(Db(ended));
  d.ReadApp(FirstRun());
  CHECK(Dead(d));
  d.ReadApp(NextRun());
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("a word stamped after the end asks for a read, an older one for none") {
  struct Row {
    Life life;
    WallMs at;
    bool asks;
  };
  const Row row = GENERATE(values<Row>({{Life::kStaging, kEnded + 1, true},
                                        {Life::kRunning, kEnded + 1, true},
                                        {Life::kRunning, kEnded, false},
                                        {Life::kRunning, kStaged, false},
                                        {Life::kRunning, 0, false},
                                        {Life::kTerminal, kEnded + 1, false},
                                        {Life::kLost, kEnded + 1, true}}));
  Driver d = AfterItsEnd();
  d.Push(Said(row.life, row.at));
  CHECK(d.reads.size() == (row.asks ? 1 : 0));
  CHECK(Dead(d));
}

TEST_CASE("what is told late of the run before is void") {
  Driver d = BegunAnew();
  SECTION("it lost its agent") { d.Push(Said(Life::kLost, kEnded - 1)); }
  SECTION("it is being killed") { d.Push(Said(Life::kKilling, kEnded)); }
  SECTION("its kill is announced") { d.Push(KillAnnounced{"/db", kDb, "", "500", kEnded - 1}); }
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("an end that may be of the run before leaves the last word to a read") {
  const bool doubled = GENERATE(true, false);
  Driver d = BegunAnew();
  if (doubled) {
    d.Push(End());
  } else {  // stamped a little later than the status_update
    d.Push(
        InstanceUpdate{"/db", InstanceOfTask(kDb), Life::kTerminal, "Failed", "10.0.0.1", kV1, kEnded + 9});
  }
  CHECK(d.reads.size() == 1);
  CHECK(d.Instances("/db") == kNext);
  SECTION("it was of that one") {
    d.ReadApp(NextRun());
    CHECK(d.Instances("/db") == kNext);
  }
  SECTION("it was of this one") {
    d.ReadApp(SeenApp(App1("/db")));
    CHECK(Dead(d));
  }
}

TEST_CASE("a read may have begun before an end was told that is of the run before") {
  Driver d = AfterItsEnd();
  const ReadMark mark = d.Mark();
  d.Push(End());  // doubled
  d.ReadApp(NextRun(), mark);
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("what a read shows of the run before moves nothing") {
  Driver d = BegunAnew();
  TaskSeen before = SeenRun(kStaged, 31001);
  SECTION("as it ran") {}
  SECTION("as it had ended") { before.life = Life::kTerminal; }
  SECTION("as it waited") { before.life = Life::kStaging; }
  AppSeen late = Db(before);
  late.read = 1;  // it began before the one that showed the next run
  late.mark = ReadMark{1, 1, "m1:8080"};
  d.Push(late);
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("a later run is known by when it was staged, also when the end before it was lost") {
  Driver d = Knowing(FirstRun());
  SECTION("it ran") {}
  SECTION("it was being killed") { d.Push(Said(Life::kKilling, kEnded)); }
  SECTION("its kill was announced") { d.Push(KillAnnounced{"/db", kDb, "", "500", kEnded}); }
  SECTION("it was lost") { d.Push(Said(Life::kLost, kEnded)); }
  SECTION("it was listed no more") { d.ReadApp(SeenApp(App1("/db"))); }
  TaskSeen staging = SeenRun(kEnded + 1000, 31002);
  staging.life = Life::kStaging;
  staging.started_at = 0;
  d.ReadApp(Db(staging));
  CHECK(WantOf(d, "/db", kDb) == Want::kIfThere);
  d.Push(Said(Life::kTerminal, kEnded));  // late
  CHECK(WantOf(d, "/db", kDb) == Want::kIfThere);
  d.ReadApp(NextRun());
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("a read that shows a later run is not believed over what was told since it began") {
  Driver d = Knowing(FirstRun());
  const ReadMark mark = d.Mark();
  d.Push(Said(Life::kUnreachable, kEnded + 5000));
  d.ReadApp(NextRun(), mark);
  CHECK(WantOf(d, "/db", kDb) == Want::kIfThere);
  REQUIRE_FALSE(d.reads.empty());
  d.ReadApp(NextRun());
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("an instance's end that came before all else does not end the next run") {
  Driver d = Knowing(SeenApp(App1("/db")));
  d.Push(InstanceUpdate{"/db", InstanceOfTask(kDb), Life::kTerminal, "Failed", "10.0.0.1", kV1, kEnded});
  d.reads.clear();
  d.Push(Said(Life::kRunning, kEnded + 2000));
  CHECK(Dead(d));
  REQUIRE(d.reads.size() == 1);
  d.ReadApp(NextRun());
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("the end of the run before, told only after a read has shown the next, is taken back by a read") {
  Driver d = Knowing(NextRun());
  d.Push(End());
  CHECK(Dead(d));
  REQUIRE(d.reads.size() == 1);
  d.ReadApp(NextRun());
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("the next run ends like any other, and the one after it begins") {
  Driver d = BegunAnew();
  d.Push(Said(Life::kTerminal, kEnded + 60'000));
  REQUIRE(Dead(d));
  d.ReadApp(NextRun());
  REQUIRE(Dead(d));
  d.ReadApp(Db(SeenRun(kEnded + 61'000, 31003)));
  CHECK(d.Instances("/db") == Lines{"db.5dd78972@10.0.0.1:31003 yes passing"});
}

Driver AfterAHealthyRun() {
  TaskSeen healthy = SeenRun(kStaged, 31001);
  healthy.results.push_back({.alive = true, .last_success = kEnded - 1000});
  Driver d = Knowing(Db(healthy, 1));
  REQUIRE(d.Instances("/db") == kOld);
  d.Push(End());
  return d;
}

TEST_CASE("the health of the run before is not the next one's") {
  Driver d = AfterAHealthyRun();
  d.ReadApp(Db(SeenRun(kEnded + 1000, 31002), 1));
  CHECK(WantOf(d, "/db", kDb) == Want::kIfThere);
  SECTION("told late") { d.Push(Alive(kEnded - 500)); }
  CHECK(WantOf(d, "/db", kDb) == Want::kIfThere);
  d.Push(Alive(kEnded + 5000));
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("one that is known by id alone begins anew, too") {
  const CatalogPolicy policy = NoneListed();
  Driver d = AfterItsEnd(policy);
  d.Wait(policy.tombstone_at_least);
  REQUIRE(d.Find("/db", kDb) == nullptr);
  SECTION("a read shows the run that ended") {
    d.ReadApp(FirstRun());
    CHECK(d.Find("/db", kDb) == nullptr);
  }
  SECTION("an event is of the run that ended") {
    d.Push(Said(Life::kRunning, kEnded));
    CHECK(d.reads.empty());
  }
  SECTION("an event is of the next run, and a read shows it") {
    d.Push(Said(Life::kRunning, kEnded + 2000));
    CHECK(d.Find("/db", kDb) == nullptr);
    REQUIRE(d.reads.size() == 1);
    d.ReadApp(NextRun());
    CHECK(d.Instances("/db") == kNext);
    d.Push(Said(Life::kTerminal, kEnded + 60'000));
    CHECK(Dead(d));
  }
}

TEST_CASE("one that is known by id alone may end again before a read shows that it had begun") {
  const CatalogPolicy policy = NoneListed();
  Driver d = AfterItsEnd(policy);
  d.Wait(policy.tombstone_at_least);
  d.Push(Said(Life::kRunning, kEnded + 2000));
  const ReadMark mark = d.Mark();
  d.Push(Said(Life::kTerminal, kEnded + 3000));
  d.ReadApp(NextRun(), mark);
  CHECK(Dead(d));
}

TEST_CASE("one that is known by id alone is brought back by the leader's reads alone") {
  const CatalogPolicy policy = NoneListed();
  Driver d = AfterItsEnd(policy);
  d.Wait(policy.tombstone_at_least);
  d.ReadApp(NextRun(), d.Mark("m2:8080"));
  CHECK(d.Find("/db", kDb) == nullptr);
}

TEST_CASE("one that ended without a stamp is not known by id alone") {
  const CatalogPolicy policy = NoneListed();
  Driver d = Knowing(FirstRun(), policy);
  d.Push(Said(Life::kTerminal, 0));
  d.Wait(policy.tombstone_at_least);
  CHECK(Dead(d));
  d.Wait(policy.tombstone);
  CHECK(d.Find("/db", kDb) == nullptr);
}

TEST_CASE("a start that is told late, and was before the run that a read shows, moves nothing") {
  Driver d = Knowing(NextRun());
  TaskUpdate first = Said(Life::kRunning, kStaged + 500);
  first.ports = {31001};
  d.Push(first);
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("the health of the next run counts, told before the read that shows it or after") {
  Driver d = AfterAHealthyRun();
  const ReadMark mark = d.Mark();
  const bool before = GENERATE(true, false);
  if (before) {
    d.Push(Alive(kEnded + 3000));
  }
  d.ReadApp(Db(SeenRun(kEnded + 1000, 31002), 1), mark);
  if (!before) {
    d.Push(Alive(kEnded + 3000));
  }
  CHECK(d.Instances("/db") == kNext);
}

TEST_CASE("a death that was followed by the next run buries nobody") {
  const CatalogPolicy policy = NoneListed();
  Driver d = AfterItsEnd(policy);
  d.ReadApp(NextRun());
  SECTION("it runs") {
    d.Wait(policy.tombstone_at_least);
    CHECK(d.Instances("/db") == kNext);
  }
  SECTION("it has ended a short while ago, which a registry may not know yet") {
    d.Wait(policy.tombstone_at_least - seconds(1));
    d.Push(Said(Life::kTerminal, kEnded + 60'000));
    d.Wait(seconds(2));
    CHECK(Dead(d));
    d.Wait(policy.tombstone_at_least);
    CHECK(d.Find("/db", kDb) == nullptr);
  }
}

}  // namespace
}  // namespace dispatcher
