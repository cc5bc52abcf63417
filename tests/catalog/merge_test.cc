#include "dispatcher/catalog/merge.h"

#include <algorithm>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("life is merged by maximum: order does not matter, a late RUNNING undoes nothing") {
  std::vector<std::pair<Life, uint64_t>> words = {
      {Life::kStaging, 1}, {Life::kRunning, 2}, {Life::kKilling, 3}, {Life::kTerminal, 4}};
  std::sort(words.begin(), words.end());
  do {
    TaskFacts facts;
    for (const auto& [life, seq] : words) {
      MergeLife(facts, life, "x", Source::kStatusUpdate, seq);
    }
    CHECK(facts.life == Life::kTerminal);
  } while (std::next_permutation(words.begin(), words.end()));
}

TEST_CASE(
    "only a read begun later brings a lost or unreachable task back, and the same run of a dead one by "
    "none") {
  struct Row {
    Life life;
    uint64_t begun_after;
    bool back;
  };
  const Row row = GENERATE(values<Row>({{Life::kLost, 10, true},
                                        {Life::kLost, 9, false},
                                        {Life::kUnreachable, 11, true},
                                        {Life::kUnreachable, 3, false},
                                        {Life::kTerminal, 99, false},
                                        {Life::kKilling, 99, false}}));
  TaskFacts facts;
  MergeLife(facts, row.life, "x", Source::kStatusUpdate, 10);
  CHECK(ReturnFromRead(facts, Life::kRunning, row.begun_after) == row.back);
  CHECK((facts.life == Life::kRunning) == row.back);
}

TEST_CASE("what is not told overwrites nothing") {
  TaskFacts facts;
  CHECK(MergePlace(facts, "h", {1, 2}, {"10.0.0.1"}));
  CHECK_FALSE(MergePlace(facts, "", {}, {}));
  CHECK(facts.place.ports == Place::Ports{1, 2});
  CHECK(MergeVersion(facts, "v", 5));
  CHECK_FALSE(MergeVersion(facts, "", 0));
  CHECK(facts.version == "v");
}

TEST_CASE("the earliest RUNNING counts") {
  TaskFacts facts;
  MergeRunningAt(facts, 200);
  MergeRunningAt(facts, 100);
  MergeRunningAt(facts, 300);
  MergeRunningAt(facts, 0);
  CHECK(facts.running_at == 100);
}

HealthUpdate Event(bool alive, WallMs at, bool whole = false) {
  HealthUpdate update;
  update.alive = alive;
  update.at = at;
  update.whole = whole;
  return update;
}
CheckResult Result(bool alive, WallMs at, bool counted = true) {
  return {alive, counted, alive ? at : 0, alive ? 0 : at};
}

TEST_CASE("health: the last word by Marathon's stamp wins, from events and reads alike") {
  HealthFacts health;
  CHECK(HealthOf(health, 1) == Health::kUnknown);
  CHECK(HealthOf(health, 0) == Health::kPassing);
  MergeHealthEvent(health, Event(true, 100), 1, 1);
  CHECK(HealthOf(health, 1) == Health::kPassing);
  MergeHealthEvent(health, Event(false, 90), 1, 1);
  CHECK(HealthOf(health, 1) == Health::kPassing);
  MergeHealthRead(health, {Result(false, 110)}, 1, 1, 0);
  CHECK(HealthOf(health, 1) == Health::kFailing);
  MergeHealthEvent(health, Event(true, 105), 1, 1);
  CHECK(HealthOf(health, 1) == Health::kFailing);
  MergeHealthEvent(health, Event(true, 120), 1, 1);
  CHECK(HealthOf(health, 1) == Health::kPassing);
}

TEST_CASE("health of another leader: its clock is never compared with the old one's") {
  HealthFacts health;
  MergeHealthEvent(health, Event(false, 1000), 1, 1);
  MergeHealthEvent(health, Event(true, 10), 2, 1);
  CHECK(HealthOf(health, 1) == Health::kPassing);
}

TEST_CASE("results that are missing, ignored or too few say nothing: the last known stands") {
  HealthFacts health;
  MergeHealthEvent(health, Event(true, 100), 1, 1);
  CHECK_FALSE(MergeHealthRead(health, {}, 1, 1, 0));
  CHECK_FALSE(MergeHealthRead(health, {Result(false, 200, false)}, 1, 1, 0));
  CHECK(HealthOf(health, 1) == Health::kPassing);
  HealthFacts fresh;
  CHECK_FALSE(MergeHealthRead(fresh, {Result(true, 200)}, 2, 1, 0));
  CHECK(HealthOf(fresh, 2) == Health::kUnknown);
  CHECK(MergeHealthRead(fresh, {Result(true, 200), Result(true, 201)}, 2, 1, 0));
  CHECK(HealthOf(fresh, 2) == Health::kPassing);
}

TEST_CASE("one check of several came alive: open, a read has to tell") {
  HealthFacts health;
  MergeHealthEvent(health, Event(true, 100, true), 1, 1);
  CHECK(HealthOf(health, 2) == Health::kOpen);
  MergeHealthRead(health, {Result(true, 100), Result(false, 101)}, 2, 1, 0);
  CHECK(HealthOf(health, 2) == Health::kFailing);
}

TEST_CASE("all alive: by a read that began after the word, though its results are stamped earlier") {
  HealthFacts health;
  MergeHealthEvent(health, Event(true, 100), 1, 7);
  MergeHealthRead(health, {Result(true, 90), Result(true, 98)}, 2, 1, 6);
  CHECK(HealthOf(health, 2) == Health::kOpen);
  MergeHealthRead(health, {Result(true, 90), Result(true, 98)}, 2, 1, 7);
  CHECK(HealthOf(health, 2) == Health::kPassing);
  MergeHealthEvent(health, Event(false, 110), 1, 8);
  CHECK(HealthOf(health, 2) == Health::kFailing);
  MergeHealthEvent(health, Event(true, 120), 1, 9);
  CHECK(HealthOf(health, 2) == Health::kOpen);
}

TEST_CASE("healthy:false of one that never lived is `not yet`, not `failing`") {
  HealthFacts health;
  MergeHealthEvent(health, Event(false, 100, true), 1, 1);
  CHECK(HealthOf(health, 1) == Health::kUnknown);
  MergeHealthEvent(health, Event(true, 110), 1, 1);
  MergeHealthEvent(health, Event(false, 120, true), 1, 1);
  CHECK(HealthOf(health, 1) == Health::kFailing);
  HealthFacts counted;
  MergeHealthEvent(counted, Event(false, 100), 1, 1);
  CHECK(HealthOf(counted, 1) == Health::kFailing);
}

TEST_CASE("what an earlier incarnation left is not this one's") {
  HealthFacts health;
  MergeHealthEvent(health, Event(true, 100), 1, 1);
  CHECK(HealthOf(health, 1, 101) == Health::kUnknown);
  MergeHealthEvent(health, Event(true, 150), 1, 1);
  CHECK(HealthOf(health, 1, 101) == Health::kPassing);
}

TEST_CASE("health events in any order, doubled, come to the same") {
  std::vector<HealthUpdate> events = {Event(true, 100), Event(false, 110, true), Event(false, 110),
                                      Event(true, 130, true)};
  std::vector<size_t> order = {0, 1, 2, 3, 0, 2};
  std::sort(order.begin(), order.end());
  do {
    HealthFacts health;
    for (const size_t i : order) {
      MergeHealthEvent(health, events[i], 1, 1);
    }
    CHECK(HealthOf(health, 1) == Health::kPassing);
    CHECK(health.event->stamp.at == 130);
    CHECK(health.first_alive->at == 100);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("incarnations are read off the ids that have them") {
  CHECK(Incarnation("a.instance-c7c311a4-b669-11e6-a48f-0ea4f4b1778c._app.12") == 12);
  CHECK(Incarnation("a.c7c311a4-b669-11e6-a48f-0ea4f4b1778c") == 0);
  CHECK(Incarnation("a.c7c311a4-b669-11e6-a48f-0ea4f4b1778c.2") == 2);
  CHECK(Incarnation("") == 0);
}

}  // namespace
}  // namespace dispatcher
