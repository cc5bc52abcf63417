// Batches, order, failures, fairness, deadlines.
#include <algorithm>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("New before old; a failed put never holds back the removal of a dead one") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.writes.clear();
  rig.adapter.traits.batch = 1;  // so that each change is a call of its own
  rig.Restart();
  const bool fails = GENERATE(false, true);
  if (fails) {
    rig.fail["put server web/b"] = absl::UnavailableError("down");
  }
  rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo), Task("b", 2)}));
  rig.Sync();
  CHECK(rig.writes == Words{"put server web/b", "delete server web/a"});
  CHECK(rig.Has("server web/b") == !fails);
}

TEST_CASE("What lacks something that we believe to be there has the registry read, once") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  const bool lacks = GENERATE(true, false);
  rig.fail["put server web/b"] = lacks ? absl::AbortedError("no backend") : absl::UnavailableError("down");
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Write();
  CHECK_FALSE(rig.r().NextReadDeadline());  // it may be on its way
  for (int again = 0; again < 10; ++again) {
    rig.now = *rig.r().NextWriteDeadline();
    rig.Write();
    CHECK(rig.r().NextReadDeadline().has_value() == (lacks && again == 0));
    rig.Read();
  }
}

TEST_CASE("What failed goes at once when its service's structure is there again") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.adapter.held.clear();
  rig.fail["put server web/b"] = absl::AbortedError("no backend");
  rig.fail["put server web/c"] = absl::InvalidArgumentError("bad");
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2), Task("c", 3)}));
  rig.Write();
  for (int again = 0; again < 10; ++again) {  // until the wait is long
    rig.now = *rig.r().NextWriteDeadline();
    rig.Write();
  }
  rig.fail.clear();
  rig.writes.clear();
  rig.Read();
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/a", "server web/b"});
  CHECK(rig.writes == Words{"put backend web", "put server web/a", "put server web/b"});
}

TEST_CASE("Batches fill from many units, first come first served, and never hold one unit twice") {
  Rig rig;
  rig.adapter.traits.batch = 4;
  rig.adapter.traits.parallelism = 3;
  rig.adapter.with_structure = false;
  rig.Pass();
  for (int i = 0; i < 10; ++i) {
    rig.Offer(App("/s" + std::to_string(i), "s" + std::to_string(i), {Task("t", 100 + i)}));
  }
  std::vector<Batch> flying;
  while (auto b = rig.r().NextBatch(rig.now)) {
    flying.push_back(*b);
  }
  REQUIRE(flying.size() == 3);
  CHECK(flying[0].changes.size() == 4);
  CHECK(flying[0].changes[0].id.id == "s0/t");
  CHECK(flying[2].changes.size() == 2);
  CHECK(rig.r().Report(rig.now).in_flight == 3);
  CHECK(rig.r().Report(rig.now).pending == 10);
  // Changed while in flight: waits, then goes.
  rig.Offer(App("/s0", "s0", {Task("t", 99)}));
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  rig.Finish(flying[1]);
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  rig.Finish(flying[0]);
  auto again = rig.r().NextBatch(rig.now);
  REQUIRE(again);
  CHECK(again->changes[0].entry->address == "10.0.0.1:99");
  rig.Finish(*again);
  rig.Finish(flying[2]);
  CHECK(rig.r().Report(rig.now).pending == 0);
  CHECK(rig.r().Report(rig.now).queued_units == 0);
}

TEST_CASE("A unit that is bigger than a batch takes turns with the others") {
  Rig rig;
  rig.adapter.traits.batch = 2;
  rig.adapter.traits.parallelism = 1;
  rig.adapter.with_structure = false;
  rig.Pass();
  rig.Offer(App("/big", "big", {Task("a", 1), Task("b", 2), Task("c", 3), Task("d", 4)}));
  rig.Offer(App("/small", "small", {Task("e", 5)}));
  rig.Write();
  CHECK(rig.writes == Words{"put server big/a", "put server big/b", "put server small/e", "put server big/c",
                            "put server big/d"});
}

TEST_CASE("Only what failed is sent again, later and later, and delays nobody") {
  Rig rig;
  rig.Pass();
  rig.fail["put server web/b"] = absl::UnavailableError("down");
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Write();
  rig.writes.clear();
  rig.Offer(App("/api", "api", {Task("c", 3)}));
  rig.Write();
  CHECK(rig.writes == Words{"put backend api", "put server api/c"});
  rig.writes.clear();
  std::vector<Duration> waits;
  for (int i = 0; i < 6; ++i) {
    const auto at = rig.NextDeadline();
    REQUIRE(at);
    REQUIRE(*at > rig.now);
    waits.push_back(*at - rig.now);
    rig.now = *at;
    rig.Write();
  }
  CHECK(rig.writes == Words(6, "put server web/b"));
  CHECK(waits[0] <= milliseconds(200));
  CHECK(waits[5] >= milliseconds(3200));
  CHECK(rig.r().Report(rig.now).retries == 6);
  CHECK(rig.r().Report(rig.now).failures == 7);
  CHECK(rig.r().Report(rig.now).backing_off == 1);
  // A dead sibling does not wait for that.
  rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo), Task("b", 2)}));
  rig.Write();
  CHECK_FALSE(rig.Has("server web/a"));
  CHECK(rig.writes.back() == "delete server web/a");
  rig.fail.clear();
  rig.now += seconds(30);
  rig.Write();
  CHECK(rig.Has("server web/b"));
  CHECK(rig.r().Report(rig.now).pending == 0);
  CHECK(rig.r().Report(rig.now).failing.empty());
}

TEST_CASE("Of what fails the first time, every tenth and the end are told") {
  struct Case {
    const char* name;
    std::set<std::string> failing;
    std::string first, end;
  };
  const Case cases[] = {
      {"one change of several",
       {"put server web/b"},
       "/web: could not write server web/b, will try again: UNAVAILABLE: down",
       "/web: what could not be written is, after "},
      {"all of a registry",
       {"put backend web", "put server web/a", "put server web/b"},
       "writing fails: UNAVAILABLE: down",
       "writing works again, after "},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Rig rig;
    rig.Pass();
    for (const std::string& word : c.failing) {
      rig.fail[word] = absl::UnavailableError("down");
    }
    rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
    rig.Write();
    const Mono begun = rig.now;
    CHECK(rig.Said(NoteKind::kWrite) == Words{c.first});
    // One whose first try stood among others is told of from its own second one on.
    int told = 0, tries = 1;
    for (; tries < 21; ++tries) {
      rig.now = *rig.NextDeadline();
      rig.Write();
      told += static_cast<int>(rig.Said(NoteKind::kWrite).size());
    }
    CHECK(told >= 1);
    CHECK(told <= 3);
    rig.fail.clear();
    rig.now = *rig.NextDeadline();
    rig.Write();
    const auto end = rig.Said(NoteKind::kWrite);
    REQUIRE_FALSE(end.empty());
    const auto lasted = std::chrono::ceil<seconds>(rig.now - begun).count();
    CHECK(end.back().starts_with(c.end + std::to_string(lasted) + " s"));
  }
}

TEST_CASE("A read that fails is told of the first time, every tenth, and when it works again") {
  Rig rig;
  rig.r().BeginFullPass(false, "f", rig.now);
  rig.r().LanesKnown(std::vector<std::string>{""}, rig.now);
  const Mono begun = rig.now;
  std::vector<int> told;
  for (int i = 0; i < 21; ++i) {
    rig.now = std::max(rig.now, rig.r().NextReadDeadline().value());
    REQUIRE(rig.r().NextRead(rig.now));
    rig.r().ReadEnded("", absl::UnavailableError("down"), rig.now);
    if (!rig.Said(NoteKind::kRead).empty()) {
      told.push_back(i);
    }
  }
  CHECK(told == std::vector<int>{0, 10, 20});
  rig.now = std::max(rig.now, rig.r().NextReadDeadline().value());
  rig.Read();
  const auto lasted = std::chrono::ceil<seconds>(rig.now - begun).count();
  CHECK(rig.Said(NoteKind::kRead) ==
        Words{"reading works again, after " + std::to_string(lasted) + " s and 21 failures"});
}

TEST_CASE("A registry is written to no faster than it is allowed, and as fast as that") {
  Rig rig;
  rig.policy.max_writes_per_second = 20;
  rig.adapter.with_structure = false;
  rig.Pass();
  for (int i = 0; i < 100; ++i) {
    rig.Offer(App("/s" + std::to_string(i), "s" + std::to_string(i), {Task("t" + std::to_string(i), i + 1)}));
  }
  const Mono begun = rig.now;
  std::vector<std::pair<Duration, size_t>> so_far;
  rig.Write();
  CHECK(rig.writes.size() == 20);  // what a second brings may go together
  while (rig.writes.size() < 100) {
    const auto next = rig.r().NextWriteDeadline();
    REQUIRE(next);
    REQUIRE(*next > rig.now);
    rig.now = *next;
    rig.Write();
    so_far.emplace_back(rig.now - begun, rig.writes.size());
  }
  for (const auto& [after, count] : so_far) {
    CHECK(static_cast<double>(count) <= 20 + 20 * Seconds(after) + 1e-3);
  }
  CHECK(rig.now - begun <= seconds(4) + milliseconds(10));
  rig.r().TellRest();  // it is waited for, too
  CHECK_FALSE(rig.r().NextWriteDeadline());
  // A pause fills it again, and no further.
  rig.writes.clear();
  rig.now += seconds(100);
  for (int i = 0; i < 30; ++i) {
    rig.Offer(App("/s" + std::to_string(i), "s" + std::to_string(i), {}));
    rig.Offer(App("/s" + std::to_string(i), "s" + std::to_string(i),
                  {Task("t" + std::to_string(i), i + 1, Want::kNo)}));
  }
  rig.Write();
  CHECK(rig.writes.size() == 20);
}

TEST_CASE("What was refused waits until it changes") {
  Rig rig;
  rig.Pass();
  rig.fail["put server web/b"] = absl::InvalidArgumentError("bad name");
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Write();
  rig.writes.clear();
  CHECK_FALSE(rig.NextDeadline());
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.now += seconds(100);
  rig.Sync();
  CHECK(rig.writes.empty());
  CHECK(rig.r().Report(rig.now).pending == 1);
  rig.fail.clear();
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 3)}));
  rig.Write();
  CHECK(rig.writes == Words{"put server web/b"});
}

TEST_CASE("A lane that may not be written to pauses and says so; reads go on") {
  Rig rig;
  rig.Pass();
  const std::string word = "put server web/a";
  rig.fail["put backend web"] = rig.fail[word] = absl::PermissionDeniedError("no token");
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Write();
  rig.Offer(App("/api", "api", {Task("c", 3)}));
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  REQUIRE(rig.r().Report(rig.now).failing.size() == 1);
  CHECK(rig.r().Report(rig.now).failing[0].second == "PERMISSION_DENIED: no token");
  REQUIRE(rig.NextDeadline());
  CHECK(*rig.NextDeadline() > rig.now);
  rig.fail.clear();
  rig.now += milliseconds(200);
  rig.Write();
  CHECK(rig.adapter.held.size() == 4);
  CHECK(rig.r().Report(rig.now).failing.empty());
}

TEST_CASE("In an atomic batch the innocent go again at once when the culprit is known") {
  Rig rig;
  rig.adapter.traits.atomic = true;
  rig.adapter.with_structure = false;
  rig.Pass();
  rig.Offer(App("/a", "a", {Task("t", 1)}));
  rig.Offer(App("/b", "b", {Task("t", 2)}));
  auto batch = rig.r().NextBatch(rig.now);
  REQUIRE(batch);
  rig.r().Finished(*batch, {absl::InvalidArgumentError("bad"), absl::AbortedError("rolled back")}, rig.now);
  rig.Write();
  CHECK(rig.writes == Words{"put server b/t"});
}

TEST_CASE("In an atomic batch one poisonous change is found by halves") {
  Rig rig;
  rig.adapter.traits.atomic = true;
  rig.adapter.with_structure = false;
  rig.Pass();
  for (int i = 0; i < 8; ++i) {
    rig.Offer(App("/s" + std::to_string(i), "s" + std::to_string(i), {Task("t", 100 + i)}));
  }
  for (int round = 0; round < 20; ++round) {
    while (auto batch = rig.r().NextBatch(rig.now)) {
      const bool poison = std::any_of(batch->changes.begin(), batch->changes.end(),
                                      [](const Change& c) { return c.id.id == "s3/t"; });
      if (poison) {
        rig.r().Finished(
            *batch, std::vector<absl::Status>(batch->changes.size(), absl::UnavailableError("500")), rig.now);
      } else {
        rig.Finish(*batch);
      }
    }
    rig.now += seconds(31);
  }
  CHECK(rig.adapter.held.size() == 7);
}

TEST_CASE("A dead lane delays nobody else") {
  Rig rig;
  rig.adapter.traits.lanes = true;
  rig.adapter.traits.batch = 1;
  rig.adapter.traits.parallelism = 2;
  rig.adapter.with_structure = false;
  const auto on = [](const std::string& task, const std::string& host, int port) {
    auto t = Task(task, port);
    t->host = host;
    return t;
  };
  rig.r().LanesKnown(std::vector<std::string>{"dead", "well"}, rig.now);
  rig.Read();
  for (int i = 0; i < 6; ++i) {
    const std::string n = std::to_string(i);
    rig.Offer(App("/d" + n, "d" + n, {on("t", "dead", 100 + i)}));
  }
  std::vector<Batch> flying;
  while (auto b = rig.r().NextBatch(rig.now)) {
    flying.push_back(*b);
  }
  REQUIRE(flying.size() == 2);
  for (const Batch& b : flying) {
    rig.r().Finished(b, {absl::DeadlineExceededError("dead")}, rig.now);
  }
  // In trouble, it gets one call at a time and leaves the other to the healthy.
  auto probe = rig.r().NextBatch(rig.now);
  REQUIRE(probe);
  CHECK(probe->lane == "dead");
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  rig.Offer(App("/w", "w", {on("t", "well", 200)}));
  auto well = rig.r().NextBatch(rig.now);
  REQUIRE(well);
  CHECK(well->lane == "well");
  // Down: probed at its own pace, though three units have not been tried yet.
  rig.r().Finished(*probe, {absl::DeadlineExceededError("dead")}, rig.now);
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  rig.Finish(*well);
  CHECK(rig.r().Report(rig.now).failing.size() == 1);
}

TEST_CASE("A lane that can't be read keeps its own writes back only") {
  Rig rig;
  rig.adapter.traits.lanes = true;
  rig.adapter.with_structure = false;
  auto b = Task("b", 2);
  b->host = "h2";
  rig.Offer(App("/web", "web", {Task("a", 1), b}));
  rig.r().LanesKnown(std::vector<std::string>{"h1", "h2"}, rig.now);
  while (auto lane = rig.r().NextRead(rig.now)) {
    rig.r().ReadEnded(*lane, *lane == "h2" ? absl::UnavailableError("refused") : absl::OkStatus(), rig.now);
  }
  rig.Write();
  CHECK(rig.writes == Words{"put server web/a"});
  CHECK_FALSE(rig.r().Report(rig.now).read_once);
  rig.now = *rig.NextDeadline();
  rig.Read();
  rig.Write();
  CHECK(rig.Has("server web/b"));
}

TEST_CASE("A lane that is gone from the list takes its entries along, in memory alone") {
  Rig rig;
  rig.adapter.traits.lanes = true;
  rig.adapter.with_structure = false;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.r().Offer({"/web", 0}, nullptr, rig.now);
  for (const size_t left : {1, 0}) {  // the first list may have been asked for before the write
    rig.r().BeginFullPass(false, "f1", rig.now);
    rig.r().LanesKnown(std::vector<std::string>{""}, rig.now);
    rig.Read();
    CHECK(rig.r().Report(rig.now).actual == left);
  }
  CHECK(rig.Write().empty());
}

TEST_CASE("An adapter that answers for fewer changes than it was given is not believed") {
  Rig rig;
  rig.Pass();
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  auto batch = rig.r().NextBatch(rig.now);
  REQUIRE(batch);
  CHECK(rig.r().Finished(*batch, {absl::OkStatus()}, rig.now).size() == 1);
  rig.now += seconds(31);
  rig.Write();
  CHECK(rig.writes == Words{"put server web/a"});
}

TEST_CASE("Only a change that an event made carries the time of the event") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1, Want::kYes, Why::kEvent, rig.now)}));
  for (const Change& c : rig.Sync()) {
    CHECK(c.since == Mono{});  // found at the start
  }
  rig.now += seconds(5);
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2, Want::kYes, Why::kEvent, rig.now)}));
  const auto changes = rig.Write();
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].since == rig.now);
  rig.adapter.held.erase(changes[0].id);
  rig.now += seconds(60);
  const auto repaired = rig.Sync();
  REQUIRE(repaired.size() == 1);
  CHECK(repaired[0].since == Mono{});
}

}  // namespace
}  // namespace dispatcher
