// The dispatcher itself dies, starts again, and finds the world as it is.
#include <random>

#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/counting_proxy.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

std::string Show(const std::map<std::string, int>& writes) {
  std::string lines;
  for (const auto& [call, count] : writes) {
    lines += std::to_string(count) + " x " + call + "\n";
  }
  return lines;
}

TEST_CASE("killed at any moment of a deployment, it converges when started again", "[restart]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  const uint32_t seed = std::random_device()();
  CAPTURE(seed);  // says when it was killed
  std::mt19937 random(seed);
  world.Deploy({.id = "/web", .instances = 3});
  REQUIRE(world.Differs() == "");

  for (const int instances : {8, 2, 6}) {
    world.marathon().Scale("/web", instances);
    // "A random moment": after so many changes have reached Consul.
    const size_t before = world.InConsul().size();
    const size_t steps = random() % 4;
    WaitFor(
        [&] {
          const size_t now = world.InConsul().size();
          return (now > before ? now - before : before - now) >= steps;
        },
        std::chrono::milliseconds(300));
    world.dispatcher().Kill9();
    world.StartDispatcher();
    world.marathon().WaitDeployed();
    REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
  }
}

TEST_CASE("tasks that died while nobody looked are taken out", "[restart]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 4});
  world.Deploy({.id = "/gone", .instances = 1});
  REQUIRE(world.Differs() == "");
  world.dispatcher().Kill9();
  world.marathon().Scale("/web", 1);
  world.marathon().Delete("/gone");
  world.marathon().WaitDeployed();
  // Absence must be confirmed: by two reads a while apart.
  world.StartDispatcher({"marathon.resync_interval=1s", "brake.confirm_after=1s"});
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
}

TEST_CASE("a restart in an unchanged world writes nothing", "[restart]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  WorldOptions options = OfProfile(profile);
  CountingProxy proxy(World::SharedConsulUrl());
  options.consul_url = proxy.url();
  options.settings = {"marathon.resync_interval=1s"};
  World world(options);
  world.Deploy({.id = "/web", .instances = 3});
  world.Deploy({.id = "/shop/cart", .instances = 2, .ports = {{.name = "http"}, {.name = "admin"}}});
  world.Deploy({.id = "/plain", .instances = 2, .checks = false});
  world.marathon().OnTask(world.marathon().TasksOf("/web").front().task, "unhealthy");
  REQUIRE(world.Differs() == "");
  REQUIRE(WaitFor([&] {  // the unhealthy one has been seen
    return Difference(world.Expected(), world.InConsul()).empty() &&
           testing::Show(world.InConsul()).find("critical") != std::string::npos;
  }));
  world.dispatcher().Stop();
  REQUIRE_FALSE(proxy.Writes().empty());

  proxy.Reset();
  world.StartDispatcher();
  REQUIRE(WaitFor([&] { return world.dispatcher().Metric(kSnapshots) >= 3; }));
  REQUIRE(proxy.Reads() > 0);
  REQUIRE(Show(proxy.Writes()) == "");
}

TEST_CASE("a restart while Marathon changes leader and knows no health removes nothing", "[restart]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  WorldOptions options = OfProfile(profile);
  options.settings = {"marathon.resync_interval=1s", "brake.confirm_after=1s"};
  World world(options);
  world.Deploy({.id = "/web", .instances = 4});
  world.Deploy({.id = "/api", .instances = 2});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();

  world.dispatcher().Kill9();
  world.marathon().Faults(R"({"missing_health":true})");
  world.marathon().Control("leader", R"({"down_ms":500,"keep_health":false})");
  world.StartDispatcher();
  REQUIRE(WaitFor([&] {
    REQUIRE(Difference(before, world.InConsul()) == "");
    return world.dispatcher().Metric(kSnapshots) >= 3;
  }));
  world.marathon().Faults(R"({"reset":true})");
  REQUIRE(world.Differs() == "");
  REQUIRE(Difference(before, world.InConsul()) == "");
}

}  // namespace
}  // namespace dispatcher::testing
