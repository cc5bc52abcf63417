// What a task's end means for its entry outlasts the catalog's list of the dead.
#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

std::shared_ptr<Instance> AtItsEnd(const std::string& task, int port) {
  auto instance = Task(task, port, Want::kNo);
  instance->ended = true;
  return instance;
}

// Its removal fails until told otherwise.
Rig WithADeadOne() {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.fail["delete server web/a"] = absl::UnavailableError("down");
  rig.Offer(App("/web", "web", {AtItsEnd("a", 1), Task("b", 2)}));
  rig.Write();
  REQUIRE(rig.Has("server web/a"));
  return rig;
}

TEST_CASE("An entry whose task ended goes when it can, also when that task is listed no more") {
  Rig rig = WithADeadOne();
  rig.fail.clear();
  SECTION("by its app") { rig.Offer(App("/web", "web", {Task("b", 2)})); }
  SECTION("since its app is forgotten") { rig.r().Offer({"/web", 0}, nullptr, rig.now); }
  rig.now += seconds(100);
  const std::vector<Change> changes = rig.Write();  // no full pass, and nothing held back
  REQUIRE(changes.size() == 1);
  CHECK(Rig::Word(changes[0]) == "delete server web/a");
  CHECK(changes[0].why == Why::kEvent);
  CHECK(changes[0].reason == "its task has ended");
  CHECK(rig.r().Report(rig.now).held.empty());
}

TEST_CASE("An entry that was being written when its task ended goes as well") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  rig.Sync();
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  const auto batch = rig.r().NextBatch(rig.now);
  REQUIRE(batch.has_value());
  SECTION("at once") {}
  SECTION("after it had left") { rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo), Task("b", 2)})); }
  rig.Offer(App("/web", "web", {AtItsEnd("a", 1), Task("b", 2)}));
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  rig.Finish(*batch);
  REQUIRE(rig.Has("server web/a"));
  rig.Write();
  CHECK_FALSE(rig.Has("server web/a"));
}

TEST_CASE("An entry that was found after its task had ended goes as well") {
  Rig rig = WithADeadOne();
  rig.Restart();
  rig.Offer(App("/web", "web", {AtItsEnd("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.fail.clear();
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  rig.now += seconds(100);
  rig.Write();
  CHECK_FALSE(rig.Has("server web/a"));
}

TEST_CASE("An entry that was being removed when its task ended goes as well") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo), Task("b", 2)}));
  const auto batch = rig.r().NextBatch(rig.now);
  REQUIRE(batch.has_value());
  rig.Offer(App("/web", "web", {AtItsEnd("a", 1), Task("b", 2)}));
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  rig.fail["delete server web/a"] = absl::UnavailableError("down");
  rig.Finish(*batch);
  rig.fail.clear();
  rig.now += seconds(100);
  rig.Write();
  CHECK_FALSE(rig.Has("server web/a"));
  CHECK(rig.r().Report(rig.now).held.empty());
}

// What a standby's leader wrote since the standby's last read, and did not live to remove.
TEST_CASE("An entry first seen when its task had ended and was listed no more goes as well") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  rig.Pass();
  const auto with_a = App("/web", "web", {Task("a", 1), Task("b", 2)});
  rig.Offer(with_a);
  const Entry entry = rig.adapter.Render(*with_a, *with_a->instances[0]).front();
  rig.adapter.held[entry.id] = entry;
  rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo), Task("b", 2)}));
  rig.Offer(App("/web", "web", {AtItsEnd("a", 1), Task("b", 2)}));
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  SECTION("soon") {
    rig.now += seconds(43);
    rig.r().ReadAnew(rig.now);
    rig.Read();
    rig.Write();
    CHECK_FALSE(rig.Has("server web/a"));
    CHECK(rig.r().Report(rig.now).held.empty());
  }
  SECTION("so late that nobody would remember") {
    rig.now += std::chrono::minutes(21);
    rig.r().ReadAnew(rig.now);
    rig.Read();
    rig.Write();
    CHECK(rig.Has("server web/a"));
  }
  SECTION("but not if it runs again by then") {
    rig.Offer(with_a);
    rig.r().ReadAnew(rig.now);
    rig.Read();
    rig.Offer(App("/web", "web", {Task("b", 2)}));
    rig.Write();
    CHECK(rig.Has("server web/a"));
  }
}

TEST_CASE("An entry in a lane first read when its task had ended and was listed no more goes as well") {
  Rig rig;
  rig.adapter.traits.lanes = true;
  const auto service = App("/web", "web", {Task("a", 1), Task("b", 2)});
  const Entry entry = rig.adapter.Render(*service, *service->instances[0]).front();
  rig.adapter.held[entry.id] = entry;
  rig.Offer(service);
  rig.r().LanesKnown(rig.Lanes(), rig.now);
  while (const auto lane = rig.r().NextRead(rig.now)) {
    const bool agents = *lane == "h1";
    rig.r().ReadEnded(*lane, agents ? absl::UnavailableError("down") : absl::OkStatus(), rig.now);
  }
  rig.Write();
  rig.Offer(App("/web", "web", {AtItsEnd("a", 1), Task("b", 2)}));
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  rig.now += seconds(60);
  rig.Read();
  rig.Write();
  CHECK_FALSE(rig.Has("server web/a"));
}

TEST_CASE("Who takes a reconciler's place in its process knows of the ends that it knew of") {
  Rig rig = WithADeadOne();
  rig.fail.clear();
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  const std::vector<Age> ages = rig.r().Ages();
  rig.Restart();
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  SECTION("before it has read") {
    rig.r().Inherit(ages);
    rig.Pass();
  }
  SECTION("when it has read") {
    rig.Pass();
    rig.r().Inherit(ages);
  }
  SECTION("unless it knows better") {
    rig.Pass();
    rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
    rig.r().Inherit(ages);
    rig.Offer(App("/web", "web", {Task("b", 2)}));
    rig.Write();
    CHECK(rig.Has("server web/a"));
    return;
  }
  rig.Write();
  CHECK_FALSE(rig.Has("server web/a"));
  CHECK(rig.r().Report(rig.now).held.empty());
}

TEST_CASE("One that runs again under its id has not ended") {
  Rig rig = WithADeadOne();
  rig.fail.clear();
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Write();
  REQUIRE(rig.Has("server web/a"));
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  rig.now += seconds(100);
  CHECK(rig.Write().empty());
  CHECK(rig.Has("server web/a"));
}

TEST_CASE("Only an end is remembered: another task in the same entry is judged by itself") {
  Rig rig = WithADeadOne();
  rig.fail.clear();
  Entry& there = rig.adapter.held.at({"", "server", "web/a"});
  there.task = "another";
  rig.Pass();
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  CHECK(rig.Write().empty());
  CHECK(rig.Has("server web/a"));
}

TEST_CASE("One that was merely told not to be there, and is listed no more, waits for a read") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.fail["delete server web/a"] = absl::UnavailableError("down");
  rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo), Task("b", 2)}));
  rig.Write();
  rig.fail.clear();
  rig.Offer(App("/web", "web", {Task("b", 2)}));
  rig.now += seconds(100);
  CHECK(rig.Write().empty());
}

}  // namespace
}  // namespace dispatcher
