// What each call of the showcase's scripts brought about is brought about without them,
// with deploy/showcase.yaml. adapters/README.md has the table of all calls.
#include "tests/e2e/frame/chain.h"
#include "tests/e2e/frame/master.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

WorldOptions TheShowcasesWay(const Routers& routers, const Master& master) {
  WorldOptions options = OfProfile(Profiles().back());
  options.config = TEST_DATA "/../../deploy/showcase.yaml";
  options.settings = routers.ShowcaseSettings();
  for (const std::string& further :
       {"static_services.mesos-leader.targets=" + master.address(),
        "static_services.mesos-leader.service_port=" + std::to_string(FreePort()),
        "static_services.marathon-leader.service_port=" + std::to_string(FreePort())}) {
    options.settings.push_back(further);
  }
  return options;
}

// Of the objects in a list of Vulcand's, how many name the text anywhere.
int Naming(Http& vulcand, const std::string& kind, const std::string& text) {
  const JsonDocument list = vulcand.GetJson("/v2/" + kind);
  int found = 0;
  for (const char* const key : {"Hosts", "Backends", "Frontends", "Listeners"}) {
    list.root()[key].ForEach(
        [&](JsonView object) { found += object.Dump().find(text) != std::string::npos; });
  }
  return found;
}

std::string OnlyTask(World& world) {
  const std::vector<SimTask> tasks = world.marathon().TasksOf("/web");
  return tasks.size() == 1 ? tasks[0].task : "";
}

TEST_CASE("what each call of the four scripts did is there without them", "[routers]") {
  const Master master;
  Routers routers;
  CAPTURE(routers.vulcand_is());
  World world(TheShowcasesWay(routers, master));
  const int port = FreePort();
  const AppSpec web = {.id = "/web", .instances = 1, .ports = {{.service_port = port}}};
  const std::string host = HostOf(web), listener = "127.0.0.1:" + std::to_string(port);
  // An operator's own, which holds a certificate; deregister-service took it along.
  routers.vulcand().Must("POST", "/v2/hosts", R"({"Host":{"Name":")" + host + R"("}})");

  // ---- register-service --service-name=web --service-port=...
  world.Deploy(web);
  Endpoints one;
  for (const SimTask& task : world.marathon().TasksOf("/web")) {
    one[{host, task.endpoints[0].address, task.endpoints[0].port}] = "";
  }
  // vulcand POST /v2/backends and /v2/frontends
  const auto web_in_vulcand = [&] {
    Endpoints found = routers.InVulcand();
    std::erase_if(found, [&](const auto& row) { return row.first.service != host; });
    return found;
  };
  CHECK(WaitFor([&] { return web_in_vulcand() == one; }));
  CHECK(Naming(routers.vulcand(), "backends", "._web.") == 1);
  CHECK(Naming(routers.vulcand(), "frontends", host) == 1);
  // vulcand POST /v2/listeners
  CHECK(WaitFor([&] { return Naming(routers.vulcand(), "listeners", listener) == 1; }));
  // consul register: the name stands for where Vulcand listens
  const auto in_consul = [&] { return RegistrationsOf(world.consul(), "web"); };
  CHECK(WaitFor([&] { return in_consul().size() == 1; }));
  CHECK((in_consul().at(0).address == "127.0.0.1" && in_consul().at(0).port == port));
  // kong POST /apis/: for that host, to Vulcand's listener, with the client's Host
  CHECK(WaitFor([&] { return routers.InGateway().contains({host, "127.0.0.1", port}); }));
  CHECK(WaitFor([&] { return WhoAnswers(routers.gateway_proxy(), host) == OnlyTask(world); }));

  // ---- register-instance: vulcand POST /v2/backends/web/servers
  world.marathon().Scale("/web", 3);
  world.marathon().WaitDeployed();
  CHECK(WaitFor([&] { return web_in_vulcand().size() == 3; }));
  // ---- deregister-instance: vulcand DELETE /v2/backends/web/servers/...
  world.marathon().Scale("/web", 1);
  world.marathon().WaitDeployed();
  CHECK(WaitFor([&] { return web_in_vulcand().size() == 1; }));
  CHECK(WaitFor([&] { return WhoAnswers("http://" + listener, host) == OnlyTask(world); }));
  CHECK(in_consul().size() == 1);

  // ---- deregister-service: kong, consul, vulcand's listener, frontend and backend
  world.marathon().Delete("/web");
  CHECK(WaitFor([&] { return !routers.InGateway().contains({host, "127.0.0.1", port}); }));
  CHECK(WaitFor([&] { return in_consul().empty(); }));
  CHECK(WaitFor([&] { return Naming(routers.vulcand(), "listeners", listener) == 0; }));
  CHECK(WaitFor([&] { return Naming(routers.vulcand(), "frontends", host) == 0; }));
  CHECK(WaitFor([&] { return Naming(routers.vulcand(), "backends", "._web.") == 0; }));
  CHECK(Naming(routers.vulcand(), "hosts", host) == 1);

  // ---- register-mesos-marathon-services: kong POST /apis/, twice
  const std::string gateway = routers.gateway_proxy();
  CHECK(WaitFor([&] { return WhoAnswers(gateway, "mesos.service.consul") == "the page of Mesos"; }));
  CHECK(
      WaitFor([&] { return WhoAnswers(gateway, "marathon.service.consul", "/v2/info") == "somebody else"; }));
}

}  // namespace
}  // namespace dispatcher::testing
