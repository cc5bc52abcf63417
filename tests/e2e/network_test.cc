// Every way in which Marathon gives a task its address and ports.
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

bool OldDress(const std::string& profile) { return profile == "1.1" || profile == "1.3" || profile == "1.4"; }

TEST_CASE("tasks are found in every networking mode", "[network]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  const std::string network = GENERATE(std::string("bridge"), std::string("host"), std::string("container"),
                                       std::string("ip-per-task"));
  CAPTURE(profile, network);
  if (network == "ip-per-task" && !OldDress(profile)) {
    return;  // gone since Marathon 1.5
  }
  World world(OfProfile(profile));
  const bool reachable = network != "ip-per-task";  // nothing listens there in the stand-in
  world.Deploy({.id = "/web",
                .instances = 2,
                .network = network,
                .ports = {{.name = "http"}, {.name = "admin"}},
                .checks = reachable});
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 4);
}

TEST_CASE("a port on the agent and one of the task's own are each where they are, and nowhere else",
          "[network]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web",
                .instances = 2,
                .network = "container",
                .ports = {{.name = "http"}, {.name = "admin", .on_host = true}}});
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 4);
  for (const auto& [endpoint, status] : world.InConsul()) {
    CAPTURE(endpoint.service, endpoint.address, endpoint.port);
    const bool own = endpoint.service == "web";
    REQUIRE(endpoint.address.starts_with(own ? "127.2." : "127.0.1."));
    REQUIRE((endpoint.port == 8080) == own);
  }
}

TEST_CASE("of several addresses of its own a task is published at the first of IPv4, else of IPv6",
          "[network]") {
  struct Case {
    std::string networks, published;
  };
  const std::string profile = Profiles().back();
  const Case c = GENERATE(Case{"127.2,127.3", "127.2."}, Case{"127.3,127.2", "127.3."},
                          Case{"fd00:1::,127.2", "127.2."}, Case{"fd00:1::,fd00:2::", "fd00:1::"});
  CAPTURE(profile, c.networks);
  WorldOptions options = OfProfile(profile);
  // No process could listen at all of these.
  options.marathon.arguments = {"--own-networks", c.networks, "--tasks", "virtual"};
  World world(options);
  world.Deploy({.id = "/web", .instances = 2, .network = "container"});
  REQUIRE(WaitFor([&] { return world.InConsul().size() == 2; }));
  for (const auto& [endpoint, status] : world.InConsul()) {
    CAPTURE(endpoint.address, endpoint.port, status);
    REQUIRE(endpoint.address.starts_with(c.published));
    REQUIRE(endpoint.port == 8080);
    REQUIRE(status == "passing");
  }
}

TEST_CASE("addresses that Marathon knows only after it said that a task runs", "[network]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  WorldOptions options = OfProfile(profile);
  options.marathon.arguments = {"--address-lag-ms", "700"};
  options.settings = {"marathon.resync_interval=1s"};
  World world(options);
  world.Deploy({.id = "/web", .instances = 2, .network = "container", .ports = {{}, {.on_host = true}}});
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 4);
}

TEST_CASE("all networking modes live side by side", "[network]") {
  const std::string profile = Profiles().back();
  World world(OfProfile(profile));
  world.Deploy({.id = "/bridged", .instances = 2});
  world.Deploy({.id = "/hosted", .instances = 2, .network = "host"});
  world.Deploy({.id = "/fixed",
                .instances = 1,
                .network = "host",
                .ports = {{.host_port = 31990}},
                .require_ports = true});
  world.Deploy({.id = "/own-address", .instances = 2, .network = "container", .checks = false});
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 7);
}

}  // namespace
}  // namespace dispatcher::testing
