// The whole chain: an app posted, its instances in Consul, servers in Vulcand, routes
// in Kong, and requests that reach the tasks' own processes. No command in between.
#include "tests/e2e/frame/chain.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("an app's life through Vulcand and Kong, from the first task to the last", "[routers]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  Routers routers;
  CAPTURE(routers.vulcand_is());
  World world(Behind(routers, profile));
  const AppSpec web = {.id = "/web", .instances = 2, .ports = {{.service_port = FreePort()}}};
  world.Deploy(web);
  REQUIRE(ChainDiffers(world, routers, web) == "");

  for (const int instances : {4, 1}) {
    world.marathon().Scale("/web", instances);
    world.marathon().WaitDeployed();
    REQUIRE(ChainDiffers(world, routers, web) == "");
  }

  // Nobody serves, but the way in stays for as long as the app does.
  const auto answer = [&](size_t way) { return WhoAnswers(WaysTo(web, routers)[way].base, HostOf(web)); };
  world.marathon().Scale("/web", 0);
  world.marathon().WaitDeployed();
  REQUIRE(WaitFor([&] { return routers.InVulcand().empty() && routers.InKong().empty(); }));
  REQUIRE(routers.InGateway().size() == 1);
  for (const size_t way : {0, 1, 2, 3}) {
    CAPTURE(WaysTo(web, routers)[way].name);
    REQUIRE(WaitFor([&] { return answer(way) == "503"; }));
  }

  world.marathon().Delete("/web");
  REQUIRE(WaitFor([&] { return routers.InGateway().empty(); }));
  for (const size_t way : {0, 1, 2, 3}) {
    CAPTURE(WaysTo(web, routers)[way].name);
    // Nobody listens where the listener was.
    REQUIRE(WaitFor([&] { return answer(way) == (way == 1 ? "nobody" : "404"); }));
  }
}

TEST_CASE("two apps' requests go each to their own tasks", "[routers]") {
  Routers routers;
  World world(Behind(routers));
  const AppSpec web = {.id = "/web", .instances = 2, .ports = {{.service_port = FreePort()}}};
  const AppSpec cart = {
      .id = "/shop/cart", .instances = 1, .ports = {{.name = "http", .service_port = FreePort()}}};
  world.Deploy(web);
  world.Deploy(cart);
  REQUIRE(ChainDiffers(world, routers, web) == "");
  REQUIRE(ChainDiffers(world, routers, cart) == "");
  // A listener lets only its own host through.
  REQUIRE(WhoAnswers(WaysTo(web, routers)[1].base, HostOf(cart)) == "404");

  world.marathon().Delete("/shop/cart");
  world.marathon().WaitDeployed();
  REQUIRE(WaitFor([&] { return WhoAnswers(routers.kong_proxy(), HostOf(cart)) == "404"; }));
  REQUIRE(ChainDiffers(world, routers, web) == "");
}

TEST_CASE("a task that fails its check gets no requests until it is well", "[routers]") {
  Routers routers;
  World world(Behind(routers));
  const AppSpec web = {.id = "/web", .instances = 3, .ports = {{.service_port = FreePort()}}};
  world.Deploy(web);
  REQUIRE(ChainDiffers(world, routers, web) == "");
  std::vector<std::string> well;
  for (const SimTask& task : world.marathon().TasksOf("/web")) {
    well.push_back(task.task);
  }
  const std::string sick = well.back();
  well.pop_back();

  world.marathon().OnTask(sick, "unhealthy");
  for (const Way& way : WaysTo(web, routers)) {
    CAPTURE(way.name);
    REQUIRE(NotAlternating(way.base, HostOf(web), well) == "");
  }
  world.marathon().OnTask(sick, "healthy");
  REQUIRE(ChainDiffers(world, routers, web) == "");
}

}  // namespace
}  // namespace dispatcher::testing
