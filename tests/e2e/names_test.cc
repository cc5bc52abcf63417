// Names, ports and labels: whose they are, and that old tasks keep those of their
// own version.
#include <set>

#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

std::set<std::string> Names(const Endpoints& endpoints) {
  std::set<std::string> names;
  for (const auto& [endpoint, status] : endpoints) {
    names.insert(endpoint.service);
  }
  return names;
}

TEST_CASE("each port has a name of its own", "[names]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/shop/cart",
                .instances = 2,
                .ports = {{.name = "http"}, {.name = "admin"}, {}, {.name = "sync", .protocol = "udp"}}});
  REQUIRE(world.Differs() == "");
  REQUIRE(Names(world.InConsul()) ==
          std::set<std::string>{"shop-cart", "shop-cart-admin", "shop-cart-port2", "shop-cart-sync-udp"});
}

TEST_CASE("of two apps with one name the first keeps it, until it goes", "[names]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  const std::map<std::string, std::string> label = {{"dispatcher.name", "front"}};
  world.name_of = [](const SimTask& task, const SimEndpoint&) {
    return task.app == "/b" ? "front" : "";  // "": not to be published
  };
  world.Deploy({.id = "/b", .instances = 1, .labels = label});
  REQUIRE(world.Differs() == "");
  world.Deploy({.id = "/a", .instances = 1, .labels = label});
  REQUIRE(WaitFor([&] { return world.dispatcher().Explain("/a").find("/b") != std::string::npos; }));
  REQUIRE(world.Differs() == "");

  world.name_of = [](const SimTask&, const SimEndpoint&) { return "front"; };
  world.marathon().Delete("/b");
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 1);
}

TEST_CASE("a rename moves the tasks to the new name", "[names]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 2, .labels = {{"dispatcher.name", "old"}}});
  world.name_of = [](const SimTask&, const SimEndpoint&) { return "old"; };
  REQUIRE(world.Differs() == "");

  world.marathon().Put("/web", R"({"labels":{"dispatcher.name":"new"}})");
  world.marathon().WaitDeployed();
  world.name_of = [](const SimTask&, const SimEndpoint&) { return "new"; };
  REQUIRE(world.Differs() == "");
  REQUIRE(Names(world.InConsul()) == std::set<std::string>{"new"});
}

// Half way through an upgrade that never gets healthy, both versions' tasks run.
TEST_CASE("an upgrade that changes ports and tags leaves old tasks with theirs", "[names]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web",
                .instances = 2,
                .ports = {{.name = "http"}, {.name = "admin"}},
                .labels = {{"dispatcher.tags", "v1"}}});
  REQUIRE(world.Differs() == "");
  std::set<std::string> old_tasks;
  for (const SimTask& task : world.marathon().TasksOf("/web")) {
    old_tasks.insert(task.task);
  }

  // The second version swaps the two ports.
  AppSpec second = {.id = "/web",
                    .instances = 2,
                    .ports = {{.name = "admin"}, {.name = "http"}},
                    .labels = {{"dispatcher.tags", "v2"}}};
  world.marathon().Put("/web", Json(second, profile));
  bool mixed = false;
  REQUIRE(WaitFor(
      [&] {
        size_t old_left = 0;
        const std::vector<SimTask> tasks = world.marathon().TasksOf("/web");
        for (const SimTask& task : tasks) {
          old_left += old_tasks.contains(task.task) ? 1 : 0;
        }
        mixed |= old_left > 0 && tasks.size() > old_left;
        // An old task's tag never changes, whatever stands beside it.
        for (const char* service : {"web", "web-admin", "web-http"}) {
          for (const Registration& found : RegistrationsOf(world.consul(), service)) {
            for (const std::string& task : old_tasks) {
              if (found.id.find(task) != std::string::npos) {
                REQUIRE(found.tags == std::vector<std::string>{"v1"});
                REQUIRE(service != std::string("web-http"));
              }
            }
          }
        }
        return old_left == 0;
      },
      std::chrono::seconds(30)));
  REQUIRE(mixed);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  REQUIRE(Names(world.InConsul()) == std::set<std::string>{"web", "web-http"});
}

}  // namespace
}  // namespace dispatcher::testing
