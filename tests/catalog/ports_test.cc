#include "dispatcher/catalog/ports.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

PortSpec Mapping(int container_port, std::optional<int> host_port) {
  PortSpec spec;
  spec.container_port = container_port;
  spec.host_port = host_port;
  return spec;
}

TEST_CASE("host networking zips declared ports with the task's") {
  Definition app;
  app.ports.resize(2);
  const auto endpoints = ResolvePorts(app, {"10.0.0.1", {31000, 31001}, {}}, "");
  REQUIRE(endpoints.ok());
  CHECK(*endpoints == Endpoints{{"10.0.0.1", 31000, true}, {"10.0.0.1", 31001, true}});

  const auto shorter = ResolvePorts(app, {"10.0.0.1", {31000}, {}}, "");
  REQUIRE(shorter.ok());
  CHECK((*shorter)[1].port == 0);
}

TEST_CASE("nothing is published while something is not known") {
  Definition app;
  app.ports.resize(1);
  CHECK(absl::IsFailedPrecondition(ResolvePorts(app, {"10.0.0.1", {}, {}}, "").status()));
  CHECK(absl::IsFailedPrecondition(ResolvePorts(app, {"", {31000}, {}}, "").status()));
}

TEST_CASE("bridge networking publishes the agent's host ports") {
  Definition app;
  app.network = NetworkMode::kBridge;
  app.has_mappings = true;
  app.ports = {Mapping(8080, 0), Mapping(9090, 0)};
  const auto endpoints = ResolvePorts(app, {"10.0.0.1", {31000, 31001}, {"172.17.0.2"}}, "");
  REQUIRE(endpoints.ok());
  CHECK(*endpoints == Endpoints{{"10.0.0.1", 31000, true}, {"10.0.0.1", 31001, true}});
}

TEST_CASE("container networking: a mapping without host port is reached at the task's own address") {
  Definition app;
  app.network = NetworkMode::kContainer;
  app.has_mappings = true;
  app.ports = {Mapping(8080, std::nullopt), Mapping(9090, 0)};
  const auto endpoints = ResolvePorts(app, {"10.0.0.1", {31005}, {"fd00::7", "192.168.1.7"}}, "");
  REQUIRE(endpoints.ok());
  CHECK(*endpoints == Endpoints{{"192.168.1.7", 8080, false}, {"10.0.0.1", 31005, true}});
  CHECK(absl::IsFailedPrecondition(ResolvePorts(app, {"10.0.0.1", {31005}, {}}, "").status()));
}

TEST_CASE("of a task's own addresses the first of IPv4 is published, else the first") {
  struct Case {
    std::string what;
    Place::Ips ips;
    std::string published;
  };
  for (const Case& c : std::vector<Case>{
           {"two networks", {"10.32.0.7", "192.168.1.7"}, "10.32.0.7"},
           {"two networks, listed the other way", {"192.168.1.7", "10.32.0.7"}, "192.168.1.7"},
           {"IPv6 listed first", {"fd00::7", "10.32.0.7"}, "10.32.0.7"},
           {"IPv6 alone", {"fd00::7", "fd01::7"}, "fd00::7"},
       }) {
    INFO(c.what);
    Definition mapped;
    mapped.network = NetworkMode::kContainer;
    mapped.has_mappings = true;
    mapped.ports = {Mapping(8080, std::nullopt)};
    Definition discovered;
    discovered.network = NetworkMode::kContainer;
    discovered.ip_per_task = true;
    discovered.ports = {Mapping(8080, std::nullopt)};
    for (const Definition& app : {mapped, discovered}) {
      const auto endpoints = ResolvePorts(app, {"10.0.0.1", {}, c.ips}, "");
      REQUIRE(endpoints.ok());
      CHECK(*endpoints == Endpoints{{c.published, 8080, false}});
    }
  }
}

TEST_CASE("where a task has ports of its own, its agent's address and ports are not published for them") {
  Definition app;
  app.network = NetworkMode::kContainer;
  app.ip_per_task = true;
  app.ports = {Mapping(80, std::nullopt)};
  const auto stray = ResolvePorts(app, {"10.0.0.1", {31000}, {"192.168.1.9"}}, "");
  REQUIRE(stray.ok());
  CHECK(*stray == Endpoints{{"192.168.1.9", 80, false}});
  CHECK(absl::IsFailedPrecondition(ResolvePorts(app, {"10.0.0.1", {31000}, {}}, "").status()));

  app.ip_per_task = false;
  app.has_mappings = true;
  CHECK(absl::IsInvalidArgument(ResolvePorts(app, {"10.0.0.1", {31000}, {"192.168.1.9"}}, "").status()));
  CHECK(absl::IsFailedPrecondition(ResolvePorts(app, {"10.0.0.1", {}, {}}, "").status()));
  app.ports = {Mapping(0, std::nullopt)};  // Marathon's "the same as on the host", where there is none
  CHECK(absl::IsInvalidArgument(ResolvePorts(app, {"10.0.0.1", {}, {"192.168.1.9"}}, "").status()));
}

TEST_CASE("mappings that don't align with the task's ports are never zipped blindly") {
  Definition app;
  app.network = NetworkMode::kBridge;
  app.has_mappings = true;
  app.ports = {Mapping(8080, 0), Mapping(9090, 0)};
  const auto endpoints = ResolvePorts(app, {"10.0.0.1", {31000}, {}}, "");
  CHECK(absl::IsInvalidArgument(endpoints.status()));
}

TEST_CASE("ip-per-task of 1.4 and older: discovery ports at the task's address") {
  Definition app;
  app.ip_per_task = true;
  app.ports = {Mapping(80, std::nullopt)};
  const auto endpoints = ResolvePorts(app, {"10.0.0.1", {}, {"192.168.1.9"}}, "");
  REQUIRE(endpoints.ok());
  CHECK(*endpoints == Endpoints{{"192.168.1.9", 80, false}});
}

TEST_CASE("a pod's container has its own endpoints only") {
  Definition pod;
  pod.is_pod = true;
  pod.ports = {Mapping(80, 0), Mapping(90, std::nullopt), Mapping(70, 0)};
  pod.ports[0].container = pod.ports[1].container = "web";
  pod.ports[2].container = "log";
  pod.network = NetworkMode::kContainer;
  const auto web = ResolvePorts(pod, {"10.0.0.1", {31000}, {"192.168.1.9"}}, "web");
  REQUIRE(web.ok());
  CHECK(*web == Endpoints{{"10.0.0.1", 31000, true}, {"192.168.1.9", 90, false}, {}});
  const auto log = ResolvePorts(pod, {"10.0.0.1", {31001}, {"192.168.1.9"}}, "log");
  REQUIRE(log.ok());
  CHECK(*log == Endpoints{{}, {}, {"10.0.0.1", 31001, true}});
  CHECK(*ResolvePorts(pod, {"10.0.0.1", {}, {}}, "side") == Endpoints(3));

  CHECK(absl::IsFailedPrecondition(ResolvePorts(pod, {"10.0.0.1", {}, {"192.168.1.9"}}, "web").status()));
  CHECK(absl::IsFailedPrecondition(ResolvePorts(pod, {"10.0.0.1", {31000}, {}}, "web").status()));
  CHECK(absl::IsInvalidArgument(ResolvePorts(pod, {"10.0.0.1", {1, 2}, {"192.168.1.9"}}, "web").status()));
  for (const NetworkMode network : {NetworkMode::kBridge, NetworkMode::kHost}) {
    pod.network = network;
    const auto endpoints = ResolvePorts(pod, {"10.0.0.1", {31000}, {"172.17.0.2"}}, "web");
    REQUIRE(endpoints.ok());
    CHECK(*endpoints == Endpoints{{"10.0.0.1", 31000, true}, {}, {}});
  }
}

TEST_CASE("an app without ports has nothing to publish") {
  const auto endpoints = ResolvePorts(Definition{}, {"10.0.0.1", {}, {}}, "");
  REQUIRE(endpoints.ok());
  CHECK(endpoints->empty());
}

}  // namespace
}  // namespace dispatcher
