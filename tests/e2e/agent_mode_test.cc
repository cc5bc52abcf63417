// Consul through the agents of the tasks' hosts, which run the checks themselves.
#include <csignal>

#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/consul_server.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

// A server whose agent is the one of host 127.0.0.1, and a client agent on the other
// host; both answer at the same port, as agents do.
struct Cluster {
  std::unique_ptr<ConsulServer> server;
  std::unique_ptr<ConsulServer> client;
};
Cluster StartCluster() {
  ConsulServerOptions first;
  first.http_port = FreePort({"127.0.0.1", "127.0.1.2"});
  first.node = "first";
  ConsulServerOptions second;
  second.bind = "127.0.1.2";
  second.http_port = first.http_port;
  second.node = "second";
  Cluster cluster;
  cluster.server = ConsulServer::Start(first).value();
  second.join = cluster.server->serf_address();
  cluster.client = ConsulServer::Start(second).value();
  return cluster;
}

WorldOptions In(const Cluster& cluster) {
  WorldOptions options = OfProfile(Profiles().back());
  options.marathon.hosts = {"127.0.0.1", "127.0.1.2"};
  options.consul_url = options.view_url = cluster.server->url();
  options.settings = {"adapters.consul.mode=agent", "adapters.consul.agent_url=http://{host}:" +
                                                        std::to_string(cluster.server->options().http_port)};
  return options;
}

TEST_CASE("each host's agent gets its own tasks, and checks them", "[agent]") {
  Cluster cluster = StartCluster();
  World world(In(cluster));
  world.Deploy({.id = "/web", .instances = 4});
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
  for (const Registration& found : RegistrationsOf(world.consul(), "web")) {
    REQUIRE(found.node == (found.address == "127.0.0.1" ? "first" : "second"));
  }

  world.marathon().Scale("/web", 1);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  REQUIRE(world.InConsul().size() == 1);

  world.marathon().Delete("/web");
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
}

TEST_CASE("a dead agent costs its own host's tasks only", "[agent]") {
  Cluster cluster = StartCluster();
  World world(In(cluster));
  world.Deploy({.id = "/web", .instances = 2, .checks = false});
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
  cluster.client->Signal(SIGSTOP);
  world.Deploy({.id = "/api", .instances = 4, .checks = false});
  REQUIRE(WaitFor([&] {
    size_t wanted = 0;
    size_t there = 0;
    const Endpoints now = world.InConsul();
    for (const SimTask& task : world.marathon().TasksOf("/api")) {
      for (const SimEndpoint& endpoint : task.endpoints) {
        wanted += endpoint.address == "127.0.0.1" ? 1 : 0;
        there +=
            endpoint.address == "127.0.0.1" && now.contains({"api", endpoint.address, endpoint.port}) ? 1 : 0;
      }
    }
    return wanted > 0 && there == wanted;
  }));
  cluster.client->Signal(SIGCONT);
  REQUIRE(world.Differs(std::chrono::seconds(60)) == "");
}

}  // namespace
}  // namespace dispatcher::testing
