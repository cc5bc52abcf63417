// One version after the other, and instances that leave: what clients see of
// route_when: deployed, services.drain and the hints of Marathon 1.8.
#include <set>

#include "tests/e2e/frame/chain.h"
#include "tests/e2e/frame/load.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr const char* kServeOn = "SIM_SERVE_AFTER_SIGTERM";

std::set<std::string> IdsOf(World& world, const std::string& app) {
  std::set<std::string> ids;
  for (const SimTask& task : world.marathon().TasksOf(app)) {
    ids.insert(task.task);
  }
  return ids;
}

TEST_CASE("blue, then green: an upgrade never mixes two versions, and no request fails",
          "[routers][versions]") {
  Routers routers;
  WorldOptions options = Behind(routers);
  options.marathon.arguments = {"--kill-grace-ms", "10000", "--features", "task_killing"};
  World world(options);
  AppSpec web = {.id = "/web",
                 .instances = 3,
                 .ports = {{.service_port = FreePort()}},
                 .labels = {{"dispatcher.route-when", "deployed"}},
                 .env = {{kServeOn, "5"}}};
  world.Deploy(web);
  REQUIRE(ChainDiffers(world, routers, web) == "");
  const std::set<std::string> blue = IdsOf(world, "/web");

  const std::vector<Way> ways = WaysTo(web, routers);
  std::vector<std::unique_ptr<Load>> loads;
  for (const Way& way : ways) {
    loads.push_back(std::make_unique<Load>(way.base, HostOf(web)));
  }
  web.env["RELEASE"] = "2";
  world.marathon().Put("/web", Json(web, world.profile()));

  // Through each way: once green has answered, blue does no more. A request or two may
  // pass between the put of a server and the delete of the one before it.
  std::map<std::string, int> green_answers, blue_after_green;
  REQUIRE(WaitFor(
      [&] {
        bool all = true;
        for (const Way& way : ways) {
          const std::string who = WhoAnswers(way.base, HostOf(web));
          const bool is_blue = blue.contains(who);
          green_answers[way.name] += !is_blue;
          blue_after_green[way.name] += is_blue && green_answers[way.name] > 0;
          all = all && green_answers[way.name] > 50;
        }
        return all;
      },
      std::chrono::seconds(60)));
  for (const Way& way : ways) {
    CAPTURE(way.name);
    CHECK(blue_after_green[way.name] <= 2);
  }
  world.marathon().WaitDeployed();
  for (size_t i = 0; i < ways.size(); ++i) {
    CAPTURE(ways[i].name);
    CHECK(Failed(loads[i]->Stop()) == 0);
  }
  REQUIRE(ChainDiffers(world, routers, web) == "");
}

TEST_CASE("services.drain: Consul shows that an instance leaves before it is gone", "[versions]") {
  WorldOptions options = OfProfile("1.8");
  options.marathon.arguments = {"--kill-grace-ms", "10000", "--features", "task_killing"};
  options.settings = {"services.drain=2s"};
  World world(options);
  world.Deploy({.id = "/web", .instances = 2, .env = {{kServeOn, "8"}}});
  REQUIRE(world.Differs() == "");

  world.marathon().Scale("/web", 1);
  Endpoints seen;
  const auto has = [&](size_t passing, size_t critical) {
    seen = world.InConsul();
    size_t well = 0, ill = 0;
    for (const auto& [endpoint, status] : seen) {
      well += status == "passing";
      ill += status == "critical";
    }
    return well == passing && ill == critical;
  };
  REQUIRE(WaitFor([&] { return has(1, 1); }));
  REQUIRE(WaitFor([&] { return has(1, 0); }));
  // It was not its end that took it out.
  REQUIRE(world.marathon().TasksOf("/web").size() == 2);
}

// Without TASK_KILLING nothing but the goal is told when a kill begins.
TEST_CASE("on 1.8 a changed goal takes instances out while they still serve", "[routers][versions]") {
  Routers routers;
  WorldOptions options = Behind(routers, "1.8");
  options.marathon.arguments = {"--kill-grace-ms", "10000"};
  World world(options);
  const AppSpec web = {
      .id = "/web", .instances = 4, .ports = {{.service_port = FreePort()}}, .env = {{kServeOn, "5"}}};
  world.Deploy(web);
  REQUIRE(ChainDiffers(world, routers, web) == "");

  world.marathon().Scale("/web", 2);
  Endpoints left;
  REQUIRE(WaitFor([&] { return (left = routers.InVulcand()).size() == 2; }));
  REQUIRE(world.marathon().TasksOf("/web").size() == 4);
  world.marathon().WaitDeployed();
  REQUIRE(ChainDiffers(world, routers, web) == "");
  CHECK(routers.InVulcand() == left);
}

}  // namespace
}  // namespace dispatcher::testing
