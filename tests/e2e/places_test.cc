// Agents that go away and come back, addresses that change hands.
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("a task that can't be reached goes, and comes back with its agent", "[places]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 2});
  REQUIRE(world.Differs() == "");
  const Endpoints both = world.InConsul();
  const SimTask victim = world.marathon().TasksOf("/web").front();

  world.marathon().OnTask(victim.task, "unreachable");
  REQUIRE(WaitFor([&] {
    const Endpoints now = world.InConsul();
    return !now.contains({"web", victim.endpoints.front().address, victim.endpoints.front().port});
  }));
  world.marathon().OnTask(victim.task, "return");
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
}

TEST_CASE("an agent lost for good takes its tasks along; they start elsewhere", "[places]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 4});
  REQUIRE(world.Differs() == "");
  world.marathon().Control("agents/127.0.1.1/gone");
  REQUIRE(WaitFor([&] {
    size_t elsewhere = 0;
    for (const SimTask& task : world.marathon().TasksOf("/web")) {
      elsewhere += task.host == "127.0.1.2" && task.life == "Running" ? 1 : 0;
    }
    return elsewhere == 4;
  }));
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
}

// The port is the same the instant the first app lets go of it: whose entry is it?
TEST_CASE("a port taken over at once by another app belongs to that app", "[places]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  WorldOptions options = OfProfile(profile);
  options.marathon.hosts = {"127.0.1.1"};
  World world(options);
  const AppSpec first = {.id = "/first",
                         .instances = 1,
                         .network = "host",
                         .ports = {{.host_port = 31500}},
                         .require_ports = true,
                         .checks = false};
  AppSpec second = first;
  second.id = "/second";
  world.Deploy(first);
  REQUIRE(world.Differs() == "");
  world.marathon().Post(Json(second, profile));  // waits for the port
  world.marathon().Delete("/first");
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  const Endpoints now = world.InConsul();
  REQUIRE(now.size() == 1);
  REQUIRE(now.begin()->first == Endpoint{"second", "127.0.1.1", 31500});
}

TEST_CASE("an agent may be known by a name", "[places]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  const std::string publish = GENERATE(std::string("ip"), std::string("host"));
  CAPTURE(profile, publish);
  WorldOptions options = OfProfile(profile);
  options.marathon.hosts = {"localhost"};
  options.settings = {"services.address=" + publish};
  World world(options);
  world.address_of = [&](const SimEndpoint&) { return publish == "ip" ? "127.0.0.1" : "localhost"; };
  world.Deploy({.id = "/web", .instances = 2});
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 2);
}

}  // namespace
}  // namespace dispatcher::testing
