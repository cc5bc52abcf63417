// A storm of deaths: who ended long enough ago is known by id alone.
#include "dispatcher/catalog/graves.h"

#include "tests/catalog/driver.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::seconds;

// Lists one that ended, and only for 10 s if there are more.
CatalogPolicy FewListed() {
  CatalogPolicy policy;
  policy.max_tombstones = 1;
  return policy;
}

// Has seen web.1 and web.2 end, a second apart, web.3 runs.
Driver AfterTwoDeaths() {
  Driver d(FewListed());
  d.Attach();
  d.Snapshot({SeenApp(App1("/web", kV1, 3),
                      {SeenTask("web.1", 31001), SeenTask("web.2", 31002), SeenTask("web.3", 31003)})});
  d.Push(Update("/web", "web.1", Life::kTerminal));
  d.Wait(seconds(1));
  d.Push(Update("/web", "web.2", Life::kTerminal));
  return d;
}

Lines Listed(const Driver& d) {
  Lines tasks;
  const std::shared_ptr<const Service> service = d.catalog.Build({"/web", 0});
  for (const auto& instance : service->instances) {
    tasks.emplace_back(instance->task);
  }
  return tasks;
}

TEST_CASE("while there are many dead the oldest are listed no more, but for those that just ended") {
  Driver d = AfterTwoDeaths();
  d.Wait(seconds(8));
  CHECK(Listed(d) == Lines{"web.1", "web.2", "web.3"});
  d.dirty.clear();
  d.Wait(seconds(1));
  CHECK(Listed(d) == Lines{"web.2", "web.3"});
  CHECK(d.dirty.empty());  // nobody has to be told
  CHECK(d.catalog.Counts().gone == 1);
  d.Wait(seconds(60));
  CHECK(Listed(d) == Lines{"web.2", "web.3"});  // as many as may be
  d.Wait(CatalogPolicy().tombstone);
  CHECK(Listed(d) == Lines{"web.3"});
}

TEST_CASE("what is told late of one that is listed no more is void") {
  Driver d = AfterTwoDeaths();
  const ReadMark early{0, 1, "m1:8080"};
  d.Wait(seconds(10));
  REQUIRE(Listed(d) == Lines{"web.2", "web.3"});
  d.reads.clear();

  SECTION("by an event") {
    d.Push(Update("/web", "web.1", Life::kRunning, 31001));
    d.Push(KillAnnounced{"/web", "web.1", "", "500", 0});
    CHECK(d.reads.empty());
  }
  SECTION("by a read that began before its end") {
    d.ReadApp(SeenApp(App1("/web", kV1, 3), {SeenTask("web.1", 31001), SeenTask("web.3", 31003)}), early);
  }
  CHECK(Listed(d) == Lines{"web.2", "web.3"});
}

TEST_CASE("a lost one stays listed: it may come back") {
  Driver d(FewListed());
  d.Attach();
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31001), SeenTask("web.2", 31002)})});
  d.Push(Update("/web", "web.1", Life::kLost));
  d.Push(Update("/web", "web.2", Life::kLost));
  d.Wait(seconds(60));
  CHECK(Listed(d) == Lines{"web.1", "web.2"});
  d.ReadApp(SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31001), SeenTask("web.2", 31002)}));
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
}

TEST_CASE("an app whose tasks are listed no more is forgotten in its time") {
  Driver d(FewListed());
  d.Attach();
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31001), SeenTask("web.2", 31002)})});
  d.Push(Update("/web", "web.1", Life::kTerminal));
  d.Push(Update("/web", "web.2", Life::kTerminal));
  d.Push(AppTerminated{"/web", StampOf(kV2)});
  d.Wait(seconds(10));
  REQUIRE(Listed(d) == Lines{"web.2"});
  d.NotFound("/web");
  d.Wait(CatalogPolicy().tombstone);
  d.Wait(CatalogPolicy().tombstone);
  CHECK(d.catalog.Apps().empty());
}

TEST_CASE("one that was given up before it ended is counted, too") {
  Driver d(FewListed());
  d.Attach();
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31001), SeenTask("web.2", 31002)})});
  SECTION("its app is deleted: a read knows it no more while its tasks are being killed") {
    d.NotFound("/web");
  }
  SECTION("its agent was lost") {
    d.Push(Update("/web", "web.1", Life::kLost));
    d.Push(Update("/web", "web.2", Life::kLost));
  }
  d.Push(Update("/web", "web.1", Life::kTerminal));
  d.Push(Update("/web", "web.2", Life::kTerminal));
  d.Push(Update("/web", "web.2", Life::kTerminal));  // doubled: counted once
  CHECK(Listed(d) == Lines{"web.1", "web.2"});
  d.Wait(seconds(10));
  CHECK(Listed(d) == Lines{"web.2"});
}

TEST_CASE("who saw the dead listed is told in the tombstone's time that they are not") {
  CatalogPolicy policy;
  policy.max_tombstones = 0;
  Driver d(policy);
  d.Attach();
  d.Snapshot({SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31001), SeenTask("web.2", 31002)})});
  d.Push(Update("/web", "web.1", Life::kTerminal));
  d.dirty.clear();
  d.Wait(seconds(10));
  REQUIRE(Listed(d) == Lines{"web.2"});
  CHECK(d.dirty.empty());
  d.Wait(policy.tombstone);
  CHECK(d.dirty == std::set<ServiceKey>{{"/web", 0}});
  d.dirty.clear();
  d.Wait(policy.tombstone);
  CHECK(d.dirty.empty());  // once
}

TEST_CASE("who ended within a second is forgotten in two steps at most") {
  constexpr int kDead = 500;
  Driver d;
  d.Attach();
  std::vector<TaskSeen> tasks;
  for (int i = 0; i < kDead; ++i) {
    tasks.push_back(SeenTask("web." + std::to_string(i), 31000 + i));
  }
  d.Snapshot({SeenApp(App1("/web", kV1, kDead), tasks)});
  for (const TaskSeen& task : tasks) {
    d.now += std::chrono::milliseconds(2);
    d.Push(Update("/web", task.task, Life::kTerminal));
  }
  int steps = 0;
  for (; d.catalog.Counts().gone > 0 && steps < kDead; ++steps) {
    REQUIRE(d.last.wake.has_value());
    REQUIRE(*d.last.wake <= d.now + CatalogPolicy().tombstone + seconds(1));
    d.now = *d.last.wake;
    d.Push(Tick{});
  }
  CHECK(steps <= 2);
}

TEST_CASE("an id is not held for ever, also when nobody dies any more") {
  Driver d = AfterTwoDeaths();
  d.Wait(seconds(10));
  REQUIRE(Listed(d) == Lines{"web.2", "web.3"});
  const AppSeen again = SeenApp(App1("/web", kV1, 2), {SeenTask("web.1", 31001), SeenTask("web.3", 31003)});
  d.Wait(CatalogPolicy().tombstone / 2 - seconds(1));
  d.ReadApp(again);
  CHECK(Listed(d) == Lines{"web.2", "web.3"});
  SECTION("while time is told now and then") {
    d.Wait(CatalogPolicy().tombstone / 2);
    d.Wait(CatalogPolicy().tombstone / 2);
  }
  SECTION("after a long silence") { d.Wait(2 * CatalogPolicy().tombstone); }
  d.ReadApp(again);
  REQUIRE(Listed(d) == Lines{"web.1", "web.3"});
  CHECK(WantOf(d, "/web", "web.1") == Want::kYes);
}

TEST_CASE("ids are held for half the tombstone's time at least, not for ever") {
  const CatalogPolicy policy;
  Graves graves;
  Mono now{std::chrono::hours(1)};
  graves.Bury("web.1", 1, policy, now);
  now += policy.tombstone / 2;
  graves.Bury("web.2", 2, policy, now);
  CHECK(graves.Holds("web.1"));
  now += policy.tombstone / 2;
  graves.Bury("web.3", 3, policy, now);
  CHECK_FALSE(graves.Holds("web.1"));
  CHECK(graves.Holds("web.2"));
  CHECK(graves.Holds("web.3"));
}

TEST_CASE("however many there are, so many ids are held and no more") {
  const CatalogPolicy policy;
  Graves graves;
  const Mono now{std::chrono::hours(1)};
  for (int i = 0; i < 1'100'000; ++i) {
    graves.Bury(std::to_string(i), i, policy, now);
  }
  CHECK_FALSE(graves.Holds("0"));
  CHECK(graves.Holds("600000"));
  CHECK(graves.Holds("1099999"));
}

}  // namespace
}  // namespace dispatcher
