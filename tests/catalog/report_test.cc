// What explain and the lists are told of an app.
#include "tests/catalog/driver.h"
#include "tests/catalog/registries.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("Each fact of a task is told with its source and its time") {
  Driver d;
  d.Attach();
  d.Snapshot({SeenApp(App1("/web", kV1, 1, 1), {SeenTask("web.1", 31000)})});
  TaskUpdate update;
  update.app = "/web";
  update.task = "web.1";
  update.life = Life::kRunning;
  update.word = "TASK_RUNNING";
  update.at = StampOf(kV2);
  d.Push(update);
  d.now += std::chrono::seconds(3);
  const AppReport report = *d.catalog.Explain("/web", d.now);
  CHECK(report.state == "known");
  REQUIRE(report.tasks.size() == 1);
  const Lines& facts = report.tasks[0].facts;
  INFO(facts[0]);
  REQUIRE(facts.size() >= 2);
  CHECK(facts[0].starts_with("life "));
  CHECK(facts[0].ends_with(", 3.0 s ago"));
  CHECK(facts[1].starts_with("running since 2019-04-10T"));
  CHECK(report.tasks[0].running_at.has_value());
}

TEST_CASE("A summary counts an app's instances that run and those that serve") {
  Driver d;
  d.Attach();
  d.Snapshot({SeenApp(App1("/api", kV1, 1), {SeenTask("api.1", 31005)}),
              SeenApp(App1("/web", kV1, 3, 1), {SeenTask("web.1", 31000), SeenTask("web.2", 31001)})});
  const std::vector<AppSummary> summaries = d.catalog.Summaries();
  REQUIRE(summaries.size() == 2);
  CHECK(summaries[0].app == "/api");
  CHECK(summaries[0].running == 1);
  CHECK(summaries[0].serving == 1);
  CHECK(summaries[1].app == "/web");
  CHECK(summaries[1].state == "known");
  CHECK(summaries[1].instances == 3);
  CHECK(summaries[1].running == 2);
  CHECK(summaries[1].serving == 0);  // nobody has said how they are
}

}  // namespace
}  // namespace dispatcher
