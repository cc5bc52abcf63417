#include "dispatcher/catalog/judge.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

constexpr Mono kNow = Mono(std::chrono::hours(1));

TaskFacts Facts(Life life) {
  TaskFacts facts;
  facts.life = life;
  facts.place = {"10.0.0.1", {31000}, {}};
  facts.leaving.Edit().doomed_since = facts.leaving.Edit().unreachable_since = kNow;
  return facts;
}
Circumstances Known(size_t checks = 0) {
  Circumstances c;
  c.has_definition = c.place_resolved = true;
  c.checks = checks;
  return c;
}
HealthFacts Alive(bool alive) {
  HealthFacts health;
  health.read = HealthFacts::FromRead{{1, 100}, alive, 1};
  return health;
}

TEST_CASE("life decides first") {
  struct Row {
    Life life;
    Phase phase;
    Want want;
  };
  const Row row = GENERATE(values<Row>({{Life::kUnknown, Phase::kPlaced, Want::kIfThere},
                                        {Life::kScheduled, Phase::kPlaced, Want::kIfThere},
                                        {Life::kStaging, Phase::kPlaced, Want::kIfThere},
                                        {Life::kStarting, Phase::kPlaced, Want::kIfThere},
                                        {Life::kRunning, Phase::kServing, Want::kYes},
                                        {Life::kUnreachable, Phase::kUnfit, Want::kIfThere},
                                        {Life::kKilling, Phase::kLeaving, Want::kNo},
                                        {Life::kLost, Phase::kGone, Want::kNo},
                                        {Life::kTerminal, Phase::kGone, Want::kNo}}));
  const Judgement j = Judge(Facts(row.life), {}, Known(), {}, kNow);
  CHECK(j.verdict.phase == row.phase);
  CHECK(j.verdict.want == row.want);
  CHECK(j.verdict.why == Why::kEvent);
  CHECK_FALSE(j.verdict.reason.empty());
}

TEST_CASE("a task known by its id alone is sighted") {
  TaskFacts facts;
  CHECK(Judge(facts, {}, {}, {}, kNow).verdict.phase == Phase::kSighted);
  CHECK(Judge(facts, {}, {}, {}, kNow).read_wanted);
}

TEST_CASE("nothing is created while definition or place is not known") {
  Circumstances c;
  const Judgement no_definition = Judge(Facts(Life::kRunning), {}, c, {}, kNow);
  CHECK(no_definition.verdict.want == Want::kIfThere);
  CHECK(no_definition.read_wanted);
  c.has_definition = true;
  const Judgement no_place = Judge(Facts(Life::kRunning), {}, c, {}, kNow);
  CHECK(no_place.verdict.want == Want::kIfThere);
  CHECK(no_place.read_wanted);
  c.place_wrong = true;
  const Judgement wrong = Judge(Facts(Life::kRunning), {}, c, {}, kNow);
  CHECK(wrong.verdict.want == Want::kIfThere);
  CHECK_FALSE(wrong.read_wanted);
  Circumstances unresolved = Known();
  unresolved.host_unresolved = true;
  CHECK(Judge(Facts(Life::kRunning), {}, unresolved, {}, kNow).verdict.want == Want::kIfThere);
}

TEST_CASE("health decides between serving, unfit and waiting") {
  CHECK(Judge(Facts(Life::kRunning), Alive(true), Known(1), {}, kNow).verdict.phase == Phase::kServing);
  const Verdict failing = Judge(Facts(Life::kRunning), Alive(false), Known(1), {}, kNow).verdict;
  CHECK(failing.phase == Phase::kUnfit);
  CHECK(failing.want == Want::kYes);
  CHECK(failing.condition == Condition::kCritical);
  const Verdict unknown = Judge(Facts(Life::kRunning), {}, Known(1), {}, kNow).verdict;
  CHECK(unknown.phase == Phase::kRunning);
  CHECK(unknown.want == Want::kIfThere);
  CHECK(unknown.condition == Condition::kUnknown);
}

TEST_CASE("what serves says whether anybody looks how it is") {
  CHECK(Judge(Facts(Life::kRunning), Alive(true), Known(1), {}, kNow).verdict.reason ==
        "it runs and is healthy");
  CHECK(Judge(Facts(Life::kRunning), {}, Known(), {}, kNow).verdict.reason == "it runs (no health check)");
  Circumstances c = Known(1);
  c.route_when = RouteWhen::kRunning;
  CHECK(Judge(Facts(Life::kRunning), {}, c, {}, kNow).verdict.reason ==
        "it runs; its health is not known yet");
}

TEST_CASE("route-when running does not wait for health, but shows what fails") {
  Circumstances c = Known(1);
  c.route_when = RouteWhen::kRunning;
  CHECK(Judge(Facts(Life::kRunning), {}, c, {}, kNow).verdict.want == Want::kYes);
  CHECK(Judge(Facts(Life::kRunning), Alive(false), c, {}, kNow).verdict.condition == Condition::kCritical);
}

TEST_CASE("route-when ready waits for readiness while a deployment runs") {
  Circumstances c = Known();
  c.route_when = RouteWhen::kReady;
  c.ready_needed = true;
  CHECK(Judge(Facts(Life::kRunning), {}, c, {}, kNow).verdict.want == Want::kIfThere);
  TaskFacts ready = Facts(Life::kRunning);
  ready.ready = true;
  CHECK(Judge(ready, {}, c, {}, kNow).verdict.want == Want::kYes);
  c.ready_needed = false;
  CHECK(Judge(Facts(Life::kRunning), {}, c, {}, kNow).verdict.want == Want::kYes);
}

TEST_CASE("absence is only as good as what explains it") {
  TaskFacts facts = Facts(Life::kRunning);
  facts.absent = true;
  facts.absent_why = GENERATE(Why::kAbsent, Why::kRead, Why::kEvent);
  const Verdict verdict = Judge(facts, {}, Known(), {}, kNow).verdict;
  CHECK(verdict.want == Want::kNo);
  CHECK(verdict.why == facts.absent_why);
}

TEST_CASE("early leave: killing, an announced kill and a stopping app") {
  TaskFacts killing = Facts(Life::kKilling);
  TaskFacts announced = Facts(Life::kRunning);
  announced.kill_announced = true;
  Circumstances stopping = Known();
  stopping.app_stopping = true;
  CHECK(Judge(killing, {}, Known(), {}, kNow).verdict.phase == Phase::kLeaving);
  CHECK(Judge(announced, {}, Known(), {}, kNow).verdict.phase == Phase::kLeaving);
  CHECK(Judge(Facts(Life::kRunning), {}, stopping, {}, kNow).verdict.phase == Phase::kLeaving);
}

TEST_CASE("services.drain keeps a leaving task for so long, as draining") {
  CatalogPolicy policy;
  policy.drain = std::chrono::seconds(5);
  const TaskFacts facts = Facts(Life::kKilling);
  const Judgement before = Judge(facts, {}, Known(), policy, kNow + std::chrono::seconds(4));
  CHECK(before.verdict.want == Want::kIfThere);
  CHECK(before.verdict.condition == Condition::kDraining);
  CHECK(before.recheck == kNow + std::chrono::seconds(5));
  CHECK(Judge(facts, {}, Known(), policy, kNow + std::chrono::seconds(5)).verdict.want == Want::kNo);
}

TEST_CASE("services.unreachable: drop, keep, or for a while") {
  const TaskFacts facts = Facts(Life::kUnreachable);
  CatalogPolicy policy;
  CHECK(Judge(facts, {}, Known(), policy, kNow).verdict.condition == Condition::kCritical);
  policy.unreachable_for = std::nullopt;
  CHECK(Judge(facts, {}, Known(), policy, kNow + std::chrono::hours(9)).verdict.condition ==
        Condition::kPassing);
  policy.unreachable_for = std::chrono::seconds(30);
  const Judgement within = Judge(facts, {}, Known(), policy, kNow + std::chrono::seconds(29));
  CHECK(within.verdict.condition == Condition::kPassing);
  CHECK(within.recheck == kNow + std::chrono::seconds(30));
  CHECK(Judge(facts, {}, Known(), policy, kNow + std::chrono::seconds(30)).verdict.condition ==
        Condition::kCritical);
}

}  // namespace
}  // namespace dispatcher
