// Every way in which Marathon gives a task its address and ports.
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"

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
  // Nothing listens on an address of its own in the stand-in, so no check there.
  const bool reachable = network == "bridge" || network == "host";
  world.Deploy({.id = "/web",
                .instances = 2,
                .network = network,
                .ports = {{.name = "http"}, {.name = "admin"}},
                .checks = reachable});
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
