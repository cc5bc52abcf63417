// What another's turn to write means for what is believed here.
#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

std::shared_ptr<Instance> EndedTask(const std::string& task, int port) {
  auto instance = Task(task, port, Want::kNo);
  instance->ended = true;
  return instance;
}

TEST_CASE("After another may have written nothing is written before the registry was read anew") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.writes.clear();
  rig.r().ReadAnew(rig.now);
  rig.Offer(App("/web", "web", {Task("a", 1), EndedTask("b", 2), Task("c", 3)}));
  CHECK(rig.Write().empty());
  CHECK_FALSE(rig.r().Report(rig.now).read_once);

  SECTION("a read that began before it does not count") {
    // Only possible if one was under way: begin one, then begin anew.
    REQUIRE(rig.r().LanesWanted(rig.now));
    rig.r().LanesKnown(rig.Lanes(), rig.now);
    REQUIRE(rig.r().NextRead(rig.now) == "");
    rig.r().ReadAnew(rig.now);
    rig.Visit("");
    rig.r().ReadEnded("", absl::OkStatus(), rig.now);
    CHECK(rig.Write().empty());
    rig.Read();
    rig.Write();
    CHECK(rig.writes == Words{"put server web/c", "delete server web/b"});
  }
  SECTION("then the differences are") {
    // The other has done half of it.
    rig.adapter.held.erase(EntryId{"", "server", "web/b"});
    rig.Read();
    rig.Write();
    CHECK(rig.writes == Words{"put server web/c"});
  }
}

TEST_CASE("A lane that can't be read anew is not written to") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.r().ReadAnew(rig.now);
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.r().LanesKnown(rig.Lanes(), rig.now);
  REQUIRE(rig.r().NextRead(rig.now) == "");
  rig.r().ReadEnded("", absl::UnavailableError("down"), rig.now);
  CHECK(rig.Write().empty());
}

TEST_CASE("Cut off from the lock only what belongs to tasks seen dead is removed") {
  const bool own_entries = GENERATE(true, false);
  CAPTURE(own_entries);
  Rig rig;
  rig.adapter.traits.own_entries = own_entries;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2), Task("c", 3), Task("d", 4)}));
  rig.Offer(App("/old", "old", {Task("o", 9)}));
  rig.Sync();
  rig.writes.clear();
  rig.r().SetScope(WriteScope::kSeenDead, rig.now);

  auto old = App("/old", "old", {EndedTask("o", 9)});
  old->want = Want::kNo;
  rig.Offer(old);
  auto sick = Task("b", 2);
  sick->condition = Condition::kCritical;
  // One has ended, one is sick, one is lost (which may come back), one not listed, one new.
  rig.Offer(App("/web", "web", {EndedTask("a", 1), sick, Task("c", 3, Want::kNo), Task("e", 5)}));
  rig.Sync();
  rig.now += seconds(100);
  rig.Sync();
  CHECK(WordSet(rig.writes.begin(), rig.writes.end()) ==
        (own_entries ? WordSet{"delete server web/a", "delete server old/o"} : WordSet{}));
  CHECK(rig.r().NextWriteDeadline().value_or(Mono::max()) > rig.now);  // it does not ask again and again

  // What had to wait goes when all may be written again.
  rig.r().SetScope(WriteScope::kAll, rig.now);
  rig.Write();
  CHECK_FALSE(rig.Has("server web/c"));
  CHECK(rig.Has("server web/e"));
  CHECK_FALSE(rig.Has("backend old"));
}

TEST_CASE("What was broken off is nobody's failure, and goes again") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.fail["put server web/b"] = absl::CancelledError("the lock is lost");
  rig.fail["delete server web/a"] = absl::CancelledError("the lock is lost");
  rig.Offer(App("/web", "web", {EndedTask("a", 1), Task("b", 2)}));
  const auto batch = rig.r().NextBatch(rig.now);
  REQUIRE(batch.has_value());
  rig.Finish(*batch);
  const ReconcileReport report = rig.r().Report(rig.now);
  CHECK(report.failures == 0);
  CHECK(report.failed.empty());
  CHECK(report.failing.empty());
  CHECK(report.backing_off == 0);
  rig.fail.clear();
  rig.Write();
  CHECK(rig.Has("server web/b"));
  CHECK_FALSE(rig.Has("server web/a"));
}

}  // namespace
}  // namespace dispatcher
