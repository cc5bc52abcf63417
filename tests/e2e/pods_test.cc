// A pod's life, on profiles that have pods.
#include <algorithm>
#include <set>

#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

std::vector<std::string> ProfilesWithPods() {
  std::vector<std::string> profiles = Profiles();
  std::erase_if(profiles, [](const std::string& profile) { return profile == "1.1" || profile == "1.3"; });
  return profiles;
}

// Two containers: "web" (checked) with an endpoint on the host and one at the pod's
// own address, "log" with one on the host.
std::string Cart(int instances, std::string_view release = "1") {
  return R"({"id":"/shop/cart","scaling":{"kind":"fixed","instances":)" + std::to_string(instances) +
         R"(},"environment":{"RELEASE":")" + std::string(release) +
         R"("},"networks":[{"mode":"container","name":"dcos"}],"containers":[)"
         R"({"name":"web","endpoints":[{"name":"web","containerPort":8080,"hostPort":0,"protocol":["tcp"]},)"
         R"({"name":"admin","containerPort":8081,"protocol":["tcp"]}],"healthCheck":{"http":{"endpoint":"web",)"
         R"("path":"/"},"gracePeriodSeconds":5,"intervalSeconds":1}},)"
         R"({"name":"log","endpoints":[{"name":"log","containerPort":5140,"hostPort":0,"protocol":["tcp"]}]}]})";
}

std::set<std::string> Services(const Endpoints& endpoints) {
  std::set<std::string> names;
  for (const auto& [endpoint, status] : endpoints) {
    names.insert(endpoint.service);
  }
  return names;
}

bool Shares(const Endpoints& one, const Endpoints& other) {
  return std::any_of(one.begin(), one.end(), [&](const auto& entry) { return other.contains(entry.first); });
}

TEST_CASE("a pod comes, scales, is upgraded, loses an instance and goes", "[pods]") {
  for (const std::string& profile : ProfilesWithPods()) {
    INFO(profile);
    World world(OfProfile(profile));
    world.marathon().PostPod(Cart(1));
    world.marathon().WaitDeployed();
    REQUIRE(world.Differs() == "");
    REQUIRE(Services(world.InConsul()) ==
            std::set<std::string>{"shop-cart", "shop-cart-admin", "shop-cart-log"});
    REQUIRE(world.InConsul().size() == 3);

    world.marathon().PutPod("/shop/cart", Cart(3));
    world.marathon().WaitDeployed();
    REQUIRE(world.Differs() == "");
    REQUIRE(world.InConsul().size() == 9);

    const Endpoints before = world.InConsul();
    world.marathon().PutPod("/shop/cart", Cart(3, "2"));
    world.marathon().WaitDeployed();
    REQUIRE(world.Differs() == "");
    REQUIRE(world.InConsul().size() == 9);
    REQUIRE_FALSE(Shares(before, world.InConsul()));

    const std::string victim = world.marathon().TasksOf("/shop/cart").front().task;
    world.marathon().KillPodInstance("/shop/cart", victim);
    REQUIRE(WaitFor([&] {
      const std::vector<SimTask> tasks = world.marathon().TasksOf("/shop/cart");
      return tasks.size() == 3 && std::none_of(tasks.begin(), tasks.end(),
                                               [&](const SimTask& task) { return task.task == victim; });
    }));
    world.marathon().WaitDeployed();
    REQUIRE(world.Differs() == "");
    REQUIRE(world.InConsul().size() == 9);

    world.marathon().DeletePod("/shop/cart");
    world.marathon().WaitDeployed();
    REQUIRE(world.Differs() == "");
    REQUIRE(world.InConsul().empty());
  }
}

TEST_CASE("a pod that ran before the dispatcher came appears, of an old version too", "[pods]") {
  for (const std::string& profile : ProfilesWithPods()) {
    INFO(profile);
    WorldOptions options = OfProfile(profile);
    options.start_dispatcher = false;
    World world(options);
    world.Deploy({.id = "/web"});
    world.marathon().PostPod(Cart(1));
    world.marathon().WaitDeployed();
    world.marathon().PutPod("/shop/cart", Cart(2));  // the first instance keeps its version
    world.marathon().WaitDeployed();
    world.StartDispatcher();
    REQUIRE(world.Differs() == "");
    REQUIRE(world.InConsul().size() == 7);
  }
}

}  // namespace
}  // namespace dispatcher::testing
