// Event-driven and full passes, reads, idempotence.
#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("Nothing is written before the lane was read completely") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  rig.r().LanesKnown(std::vector<std::string>{""}, rig.now);
  REQUIRE(rig.r().NextRead(rig.now) == "");
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  rig.r().ReadEnded("", absl::UnavailableError("reset"), rig.now);
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  CHECK_FALSE(rig.r().Report(rig.now).read_once);
  CHECK(rig.r().Report(rig.now).failing.size() == 1);
  CHECK_FALSE(rig.r().NextRead(rig.now));
  rig.now += seconds(1);
  rig.Read();
  rig.Write();
  CHECK(rig.writes == Words{"put backend web", "put server web/a"});
  CHECK(rig.r().Report(rig.now).read_once);
}

TEST_CASE("A second run writes nothing, after a restart too") {
  Rig rig;
  for (int run = 0; run < 3; ++run) {
    rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
    rig.Offer(App("/api", "api", {Task("c", 3)}));
    rig.Sync();
    rig.Sync();
    CHECK(rig.writes.size() == (run == 0 ? 5U : 0U));
    rig.Restart();
  }
}

TEST_CASE("An event touches only its service and deletes only what it names") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2), Task("c", 3)}));
  rig.Offer(App("/api", "api", {Task("d", 4)}));
  rig.Sync();
  rig.writes.clear();
  rig.adapter.held.erase({"", "server", "api/d"});  // drift that only a full pass sees
  const Mono at = rig.now;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2, Want::kNo, Why::kEvent, at)}));
  const std::vector<Change> changes = rig.Write();
  REQUIRE(rig.writes == Words{"delete server web/b"});
  CHECK(changes[0].since == at);
  CHECK(changes[0].why == Why::kEvent);
  CHECK(changes[0].reason == "b said so");
  CHECK(changes[0].entry->address == "10.0.0.1:2");
}

TEST_CASE("A full pass repairs drift and writes nothing else") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.writes.clear();
  rig.adapter.held.erase({"", "server", "web/a"});
  rig.adapter.held[{"", "backend", "web"}].fields["tags"] = "operator";
  const std::vector<Change> changes = rig.Sync();
  CHECK(rig.writes == Words{"put backend web", "put server web/a"});
  for (const Change& c : changes) {
    CHECK(c.since == Mono{});
  }
  rig.Sync();
  CHECK(rig.writes.size() == 2);
}

TEST_CASE("A task that its app does without goes in a full pass, not by an event") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.writes.clear();
  auto without = App("/web", "web", {Task("a", 1)});
  without->missing = Why::kRead;
  rig.Offer(without);
  rig.Write();
  CHECK(rig.writes.empty());
  rig.Sync();
  CHECK(rig.writes == Words{"delete server web/b"});
}

TEST_CASE("What is there is kept and updated, not created, while there is doubt") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.writes.clear();
  auto a = Task("a", 1, Want::kIfThere);
  a->condition = Condition::kCritical;
  auto doubt = App("/web", "web", {a, Task("b", 2, Want::kIfThere)});
  doubt->want = Want::kIfThere;
  rig.Offer(doubt);
  rig.Write();
  CHECK(rig.writes == Words{"put server web/a"});
  auto blank = std::make_shared<Service>(*doubt);  // learning: not even the profile is known
  blank->profile = nullptr;
  blank->complete = false;
  rig.Offer(blank);
  rig.now += seconds(100);
  rig.Sync();
  rig.now += seconds(100);
  rig.Sync();
  CHECK(rig.writes.size() == 1);
  CHECK(rig.r().Report(rig.now).held.empty());
}

TEST_CASE("While health is not known, what is there stays as it is") {
  Rig rig;
  auto critical = Task("a", 1);
  critical->condition = Condition::kCritical;
  rig.Offer(App("/web", "web", {critical}));
  rig.Sync();
  rig.Restart();  // in the middle of a change of Marathon's leader: no health is told
  auto untold = Task("a", 1, Want::kIfThere);
  untold->condition = Condition::kUnknown;
  rig.Offer(App("/web", "web", {untold, Task("b", 2, Want::kIfThere)}));
  rig.Sync();
  rig.now += seconds(100);
  rig.Sync();
  CHECK(rig.writes.empty());
  CHECK(rig.adapter.held.size() == 2);
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Write();
  CHECK(rig.writes == Words{"put server web/a"});
}

TEST_CASE("An app that can't be read stands for all its ports") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.Restart();
  Service any;
  any.key = {"/web", kAnyPort};
  any.want = Want::kIfThere;
  any.instances = {Task("b", 2, Want::kNo, Why::kEvent)};
  rig.Offer(std::make_shared<const Service>(any));
  for (int i = 0; i < 3; ++i) {
    rig.Sync();
    rig.now += seconds(100);
  }
  CHECK(rig.writes == Words{"delete server web/b"});
  rig.r().Offer(any.key, nullptr, rig.now);
  rig.Sync();
  CHECK(rig.r().Report(rig.now).held.size() == 2);
}

TEST_CASE("An app that is gone leaves nothing, its shell last") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.writes.clear();
  auto gone = App("/web", "web", {});
  gone->want = Want::kNo;
  rig.Offer(gone);
  rig.Write();
  CHECK(rig.writes == Words{"delete server web/a", "delete server web/b", "delete backend web"});
  rig.r().Offer({"/web", 0}, nullptr, rig.now);
  rig.Sync();
  CHECK(rig.r().Report(rig.now).actual == 0);
}

TEST_CASE("The shell lives at zero instances") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo)}));
  rig.Sync();
  CHECK(rig.There() == WordSet{"backend web"});
}

TEST_CASE("A rename writes the new before it removes the old, and keeps the old if it can't") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.writes.clear();
  const bool fails = GENERATE(false, true);
  if (fails) {
    rig.fail["put server shop/a"] = absl::InvalidArgumentError("no");
  }
  rig.Offer(App("/web", "shop", {Task("a", 1)}));
  rig.Write();
  if (fails) {
    CHECK(rig.Has("server web/a"));
    CHECK(rig.Has("backend web"));
  } else {
    CHECK(rig.writes ==
          Words{"put backend shop", "put server shop/a", "delete server web/a", "delete backend web"});
  }
}

TEST_CASE("A read that failed changes and deletes nothing") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.writes.clear();
  rig.r().BeginFullPass(false, "f1", rig.now);
  rig.r().LanesKnown(rig.Lanes(), rig.now);
  REQUIRE(rig.r().NextRead(rig.now));
  rig.r().Observed("", rig.adapter.held.begin()->second);
  rig.r().ReadEnded("", absl::DataLossError("cut off"), rig.now);
  rig.Write();
  CHECK(rig.writes.empty());
  CHECK(rig.r().Report(rig.now).actual == 3);
}

TEST_CASE("What is written during a read keeps what the write said") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.writes.clear();
  rig.r().BeginFullPass(false, "f1", rig.now);
  rig.r().LanesKnown(rig.Lanes(), rig.now);
  REQUIRE(rig.r().NextRead(rig.now));
  rig.Visit("");  // an answer from before what follows
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2, Want::kNo), Task("c", 3)}));
  rig.Write();
  CHECK(rig.writes == Words{"put server web/c", "delete server web/b"});
  rig.r().ReadEnded("", absl::OkStatus(), rig.now);
  rig.Write();
  CHECK(rig.writes.size() == 2);
  CHECK(rig.r().Report(rig.now).actual == 3);
}

TEST_CASE("An entry whose outcome is unknown is written again, whatever it was") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.writes.clear();
  rig.fail["put server web/a"] = absl::DeadlineExceededError("slow");
  auto critical = Task("a", 1);
  critical->condition = Condition::kCritical;
  rig.Offer(App("/web", "web", {critical}));
  rig.Write();
  rig.Offer(App("/web", "web", {Task("a", 1)}));  // what was there before the write that ended unheard
  rig.fail.clear();
  rig.now += seconds(40);
  rig.Write();
  CHECK(rig.writes == Words{"put server web/a", "put server web/a"});
}

TEST_CASE("A service that is offered unchanged renders nothing anew") {
  Rig rig;
  auto a = Task("a", 1), b = Task("b", 2);
  rig.Offer(App("/web", "web", {a, b}));
  rig.adapter.rendered = 0;
  rig.Offer(App("/web", "web", {a, b}));
  CHECK(rig.adapter.rendered == 0);
  rig.Offer(App("/web", "web", {Task("0", 9), a, Task("b", 3)}));
  CHECK(rig.adapter.rendered == 2);
  rig.Sync();
  CHECK(rig.There() == WordSet{"backend web", "server web/0", "server web/a", "server web/b"});
  CHECK(rig.adapter.held[{"", "server", "web/b"}].address == "10.0.0.1:3");
}

TEST_CASE("Early leave: an instance that the adapter does not show goes at once") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  auto leaving = Task("a", 1);
  leaving->condition = Condition::kDraining;
  rig.Offer(App("/web", "web", {leaving}));
  rig.Write();
  CHECK_FALSE(rig.Has("server web/a"));
}

TEST_CASE("A dry run plans everything and hands out nothing") {
  Rig rig;
  rig.policy.dry_run = true;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  Entry ghost;
  ghost.id = {"", "server", "ghost"};
  ghost.service = {"/ghost", 0};
  ghost.task = "g";
  rig.adapter.held[ghost.id] = ghost;
  rig.Pass();
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  Words plan;
  for (const Change& c : rig.r().Plan(rig.now)) {
    plan.push_back(Rig::Word(c));
  }
  CHECK(plan == Words{"delete server ghost", "put backend web", "put server web/a"});
  CHECK_FALSE(rig.NextDeadline());
}

}  // namespace
}  // namespace dispatcher
