// Health: what Marathon finds is the status in Consul, and never a reason to forget.
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

std::string StatusOfFirst(World& world) {
  const Endpoints now = world.InConsul();
  return now.empty() ? "nothing there" : now.begin()->second;
}

TEST_CASE("a task whose check fails turns critical, and passing when it recovers", "[health]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  // A failed check never kills here: maxConsecutiveFailures is 0.
  world.Deploy({.id = "/web", .instances = 1});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();
  const std::string task = world.marathon().TasksOf("/web").front().task;

  for (int flap = 0; flap < 3; ++flap) {
    world.marathon().OnTask(task, "unhealthy");
    REQUIRE(WaitFor([&] { return StatusOfFirst(world) == "critical"; }));
    world.marathon().OnTask(task, "healthy");
    REQUIRE(WaitFor([&] { return StatusOfFirst(world) == "passing"; }));
  }
  REQUIRE(world.InConsul() == before);
}

TEST_CASE("an app without health checks is passing once it runs", "[health]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/plain", .instances = 2, .checks = false});
  REQUIRE(world.Differs() == "");
  for (const auto& [endpoint, status] : world.InConsul()) {
    REQUIRE(status == "passing");
  }
}

TEST_CASE("health that Marathon forgot changes nothing", "[health]") {
  WorldOptions options = OfProfile(Profiles().back());
  options.settings = {"marathon.resync_interval=1s"};
  World world(options);
  world.Deploy({.id = "/web", .instances = 2});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();
  world.marathon().Faults(R"({"missing_health":true})");
  for (const SimTask& task : world.marathon().TasksOf("/web")) {
    world.marathon().OnTask(task.task, "forget-health");
  }
  const double reads = world.dispatcher().Metric(kSnapshots);
  REQUIRE(WaitFor([&] { return world.dispatcher().Metric(kSnapshots) > reads; }));
  REQUIRE(world.InConsul() == before);
}

}  // namespace
}  // namespace dispatcher::testing
