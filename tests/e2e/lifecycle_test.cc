// An app's life, from its first task to its last, in the dress of every profile.
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("a new app's tasks appear under its name", "[lifecycle]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 2});
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 2);
  REQUIRE(world.InConsul().begin()->first.service == "web");
}

TEST_CASE("an app that ran before the dispatcher came appears", "[lifecycle]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  WorldOptions options = OfProfile(profile);
  options.start_dispatcher = false;
  World world(options);
  world.Deploy({.id = "/web", .instances = 2});
  world.StartDispatcher();
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 2);
}

TEST_CASE("scaling up and down is followed", "[lifecycle]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 1});
  REQUIRE(world.Differs() == "");

  world.marathon().Scale("/web", 5);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 5);

  world.marathon().Scale("/web", 2);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 2);

  world.marathon().Scale("/web", 0);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().empty());
}

TEST_CASE("a rolling upgrade leaves the new version's tasks, and never none", "[lifecycle]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 3, .maximum_over = 0.5});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();

  world.marathon().Put("/web", R"({"env":{"RELEASE":"2"}})");
  size_t fewest = before.size();
  Endpoints now;
  REQUIRE(WaitFor(
      [&] {
        now = world.InConsul();
        size_t passing = 0;
        for (const auto& [endpoint, status] : now) {
          passing += status == "passing" ? 1 : 0;
        }
        fewest = std::min(fewest, passing);
        bool renewed = now.size() == 3;
        for (const auto& [endpoint, status] : now) {
          renewed &= !before.contains(endpoint);
        }
        return renewed;
      },
      std::chrono::seconds(30)));
  REQUIRE(fewest >= 2);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
}

TEST_CASE("a restart replaces every task", "[lifecycle]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 2});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();

  world.marathon().Restart("/web");
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 2);
  REQUIRE(world.InConsul() != before);
}

TEST_CASE("a deleted app disappears, and only that app", "[lifecycle]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 4});
  world.Deploy({.id = "/web-api", .instances = 1});
  REQUIRE(world.Differs() == "");

  world.marathon().Delete("/web");
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 1);
  REQUIRE(world.InConsul().begin()->first.service == "web-api");
}

TEST_CASE("a task that fails is taken out and its replacement put in", "[lifecycle]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  const std::string way = GENERATE(std::string("fail"), std::string("finish"), std::string("kill-process"));
  CAPTURE(profile, way);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 2});
  REQUIRE(world.Differs() == "");

  const std::string victim = world.marathon().TasksOf("/web").front().task;
  world.marathon().OnTask(victim, way);
  REQUIRE(WaitFor([&] {
    for (const SimTask& task : world.marathon().TasksOf("/web")) {
      if (task.task == victim) {
        return false;
      }
    }
    return true;
  }));
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 2);
}

// Up to 1.4 under the id that it had (Marathon #4819).
TEST_CASE("a resident task that fails is taken out and put in where it runs again", "[lifecycle]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  const std::string app = Json({.id = "/db"}, profile);
  world.marathon().Post(R"({"residency":{},)" + app.substr(app.find('{') + 1));
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");

  for (int failure = 1; failure <= 3; ++failure) {
    world.marathon().OnTask(world.marathon().TasksOf("/db").front().task, "fail");
    REQUIRE(WaitFor([&] { return world.Expected().size() == 1; }));
    REQUIRE(world.Differs() == "");
    REQUIRE(world.InConsul().size() == 1);
  }
}

TEST_CASE("somebody else's entry outlives all of it", "[lifecycle]") {
  World world(OfProfile(Profiles().back()));
  RegisterStranger(world.consul(), "web", "192.0.2.7", 80);
  world.Deploy({.id = "/web", .instances = 1});
  world.marathon().Delete("/web");
  world.marathon().WaitDeployed();
  const Endpoints stranger = {{{"web", "192.0.2.7", 80}, "passing"}};
  std::string difference;
  WaitFor([&] { return (difference = Difference(stranger, world.InConsul())).empty(); });
  REQUIRE(difference == "");
}

}  // namespace
}  // namespace dispatcher::testing
