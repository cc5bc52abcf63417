// Pods of the reference Marathon.
#include <set>

#include "dispatcher/base/json.h"
#include "tests/support/catch.h"
#include "tests/world/world.h"

namespace dispatcher::world {
namespace {

constexpr const char* kProfilesWithPods[] = {"1.4", "1.6", "1.8", "1.10"};

std::string Spec(int instances, std::string_view image = "a") {
  return R"({"id":"/shop/cart","scaling":{"kind":"fixed","instances":)" + std::to_string(instances) +
         R"(},"networks":[{"mode":"container","name":"dcos"}],"containers":[)"
         R"({"name":"web","image":{"id":")" +
         std::string(image) +
         R"("},"endpoints":[{"name":"web","containerPort":80,"hostPort":0,"protocol":["tcp"]},)"
         R"({"name":"admin","containerPort":81}],"healthCheck":{"http":{"endpoint":"web","path":"/"}}},)"
         R"({"name":"log","endpoints":[{"name":"log","containerPort":514,"hostPort":0,"protocol":["udp"]}]}]})";
}

JsonDocument Parsed(const std::optional<std::string>& text) {
  REQUIRE(text.has_value());
  auto document = JsonDocument::Parse(*text);
  REQUIRE(document.ok());
  return *std::move(document);
}

// A container as a status shows it.
struct Shown {
  std::string task, version, conditions, endpoints;
};
std::vector<Shown> Containers(const World& world) {
  const JsonDocument status = Parsed(world.PodStatusJson("/shop/cart"));
  std::vector<Shown> all;
  status.root()["instances"].ForEach([&](JsonView instance) {
    const std::string reference = instance["specReference"].StringOr("");
    instance["containers"].ForEach([&](JsonView container) {
      all.push_back({container["containerId"].StringOr(""), reference.substr(reference.rfind('/') + 1),
                     container["conditions"].At(0)["value"].StringOr("none"), container["endpoints"].Dump()});
    });
  });
  return all;
}
std::string CurrentVersion(const World& world) {
  return Parsed(world.PodJson("/shop/cart")).root()["version"].StringOr("");
}

// What became of it in events: "status_update_event TASK_RUNNING" and so on.
std::multiset<std::string> Told(World& world) {
  std::multiset<std::string> told;
  for (const Event& event : world.TakeEvents()) {
    const auto json = JsonDocument::Parse(event.json);
    REQUIRE(json.ok());
    const JsonView data = json->root();
    std::string line = event.type;
    for (const char* key : {"taskStatus", "condition"}) {
      line.append(data[key].String() ? " " : "").append(data[key].StringOr(""));
    }
    const JsonView action = data["currentStep"]["actions"].At(0);
    line.append(action["pod"].String() ? " " + std::string(action["action"].StringOr("")) : "");
    told.insert(line);
  }
  return told;
}

TEST_CASE("a pod comes, scales, is upgraded and goes, in events and in reads") {
  for (const std::string profile : kProfilesWithPods) {
    INFO(profile);
    World world({.profile = profile});
    REQUIRE(world.PostPod(Spec(1)).status == 201);
    CHECK(world.PostPod(Spec(1)).status == 409);
    CHECK(world.Post(R"({"id":"/shop/cart","cmd":"x"})").status == 409);
    REQUIRE(world.Settle());
    auto told = Told(world);
    CHECK(told.count("pod_created_event") == 1);
    CHECK(told.count("deployment_info StartPod") == 1);
    CHECK(told.count("deployment_info ScalePod") == 1);
    CHECK(told.count("instance_changed_event Running") == 1);
    CHECK(told.count("instance_health_changed_event") == 1);
    CHECK(told.count("status_update_event TASK_RUNNING") == 3);  // each container's, and web's health
    CHECK(told.count("api_post_event") == 0);
    CHECK(told.count("add_health_check_event") == 0);

    const std::vector<Shown> one = Containers(world);
    REQUIRE(one.size() == 2);
    const LiveTask live = world.Running().front();
    const std::string incarnation = world.profile().Since(8) ? ".1" : "";
    CHECK(one[0].task == live.instance + ".web" + incarnation);
    CHECK(one[1].task == live.instance + ".log" + incarnation);
    REQUIRE(live.endpoints.size() == 3);
    // Without a host port before the one that is checked.
    CHECK(one[0].endpoints == R"([{"name":"admin"},{"allocatedHostPort":)" +
                                  std::to_string(live.endpoints[0].port) +
                                  R"(,"healthy":true,"name":"web"}])");
    CHECK(one[1].endpoints ==
          R"([{"allocatedHostPort":)" + std::to_string(live.endpoints[2].port) + R"(,"name":"log"}])");
    CHECK(live.endpoints[1].address == live.ips.front());
    CHECK(live.endpoints[1].port == 81);
    CHECK(one[0].conditions == "true");
    CHECK(one[1].conditions == "none");

    REQUIRE(world.PutPod("/shop/cart", Spec(3)).ok());
    REQUIRE(world.Settle());
    told = Told(world);
    CHECK(told.count("pod_updated_event") == 1);
    CHECK(told.count("deployment_info RestartPod") == 0);
    REQUIRE(Containers(world).size() == 6);
    std::set<std::string> versions;
    for (const Shown& container : Containers(world)) {
      versions.insert(container.version);
    }
    REQUIRE(versions.size() == 2);  // scaling keeps what runs as it is
    CHECK(Parsed(world.PodJson("/shop/cart", *versions.begin())).root()["scaling"]["instances"].Int() == 1);
    CHECK(*versions.rbegin() == CurrentVersion(world));

    REQUIRE(world.PutPod("/shop/cart", Spec(3, "b")).ok());
    REQUIRE(world.Settle());
    CHECK(Told(world).count("deployment_info RestartPod") == 1);
    for (const Shown& container : Containers(world)) {
      CHECK(container.version == CurrentVersion(world));
    }

    const std::string victim = world.Running().front().instance;
    REQUIRE(world.KillPodInstance("/shop/cart", victim).ok());
    REQUIRE(world.Settle());
    told = Told(world);
    CHECK(told.count("status_update_event TASK_KILLED") == 2);
    CHECK(told.count("instance_changed_event Killed") == 1);
    CHECK(Containers(world).size() == 6);
    CHECK(world.Find(victim) == nullptr);

    REQUIRE(world.DeletePod("/shop/cart").status == 202);
    CHECK_FALSE(world.PodStatusJson("/shop/cart").has_value());  // at once; it still runs
    CHECK(world.Alive().size() == 3);
    REQUIRE(world.Settle());
    told = Told(world);
    CHECK(told.count("pod_deleted_event") == 1);
    CHECK(told.count("deployment_info StopPod") == 1);
    CHECK(told.count("app_terminated_event") == 1);
    CHECK(world.Alive().empty());
    CHECK(world.PodsStatusJson() == "[]");
  }
}

TEST_CASE("a container's health is its own in reads; an event tells the instance's") {
  World world({.profile = "1.8"});
  REQUIRE(world.PostPod(Spec(1)).ok());
  REQUIRE(world.Settle());
  Told(world);
  REQUIRE(world.Probe(world.Running().front().instance, 0, false, "refused"));
  CHECK(Told(world).count("instance_health_changed_event") == 1);
  CHECK(Containers(world)[0].conditions == "false");
  CHECK(Containers(world)[1].conditions == "none");
}

TEST_CASE("pods and apps do not show up in each other's reads") {
  World world({.profile = "1.8"});
  REQUIRE(world.PostPod(Spec(1)).ok());
  REQUIRE(world.Post(R"({"id":"/web","cmd":"x"})").ok());
  REQUIRE(world.Settle());
  CHECK(world.AppsJson().find("cart") == std::string::npos);
  CHECK_FALSE(world.AppJson("/shop/cart").has_value());
  CHECK(world.TasksJson().find("cart") == std::string::npos);
  CHECK(world.GroupJson("/")->find("cart") == std::string::npos);
  CHECK(world.PodsStatusJson().find("/web") == std::string::npos);
  CHECK_FALSE(world.PodStatusJson("/web").has_value());
  CHECK(world.Delete("/shop/cart").status == 404);
  CHECK(world.DeletePod("/web").status == 404);
}

TEST_CASE("a spec that makes no sense is refused") {
  World world({.profile = "1.8"});
  CHECK(world.PostPod("[]").status == 400);
  CHECK(world.PostPod(R"({"id":"/p"})").status == 422);
  CHECK(world.PostPod(R"({"id":"/p","containers":[{"endpoints":[]}]})").status == 422);
  CHECK(world.PostPod(R"({"id":"/p","containers":[{"name":"c","endpoints":[{"name":"e"}]}]})").status == 422);
  CHECK(world.PutPod("/p", Spec(1)).status == 404);
  CHECK(world.KillPodInstance("/p", "x").status == 404);
}

}  // namespace
}  // namespace dispatcher::world
