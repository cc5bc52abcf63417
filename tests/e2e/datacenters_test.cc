// Two Marathons, a dispatcher each, two datacenters of Consul joined over the WAN. Both
// dispatchers have the same owner and ask the same agent, which is as near as they can
// come to each other.
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/consul_server.h"
#include "tests/support/dns.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

std::unique_ptr<ConsulServer> StartDatacenter(const std::string& name, const ConsulServer* other) {
  ConsulServerOptions options;
  options.datacenter = name;
  options.node = "consul-" + name;
  options.join_wan = other == nullptr ? "" : other->wan_address();
  return ConsulServer::Start(options).value();
}

WorldOptions In(const ConsulServer& datacenter, const ConsulServer& asked) {
  WorldOptions options = OfProfile(Profiles().back());
  options.consul_url = asked.url();
  options.view_url = datacenter.url();
  options.settings = {"marathon.resync_interval=1s", "brake.confirm_after=1s",
                      "adapters.consul.datacenter=" + datacenter.options().datacenter};
  return options;
}

TEST_CASE("two datacenters: each Marathon's apps in its own, found from both, one lost and back",
          "[datacenters]") {
  const auto first = StartDatacenter("dc1", nullptr);
  const auto second = StartDatacenter("dc2", first.get());
  REQUIRE(WaitFor([&] { return first->Get("/v1/catalog/services?dc=dc2").ok(); }, std::chrono::seconds(30)));
  World here(In(*first, *first)), there(In(*second, *first));
  here.Deploy({.id = "/web", .instances = 2});
  there.Deploy({.id = "/db", .instances = 2});
  REQUIRE(here.Differs() == "");
  REQUIRE(there.Differs() == "");
  CHECK(there.InConsul() != here.InConsul());

  // Found from the other, by name.
  std::set<std::string> addresses;
  for (const auto& [endpoint, status] : there.InConsul()) {
    addresses.insert(endpoint.address);
  }
  REQUIRE(!addresses.empty());
  CHECK(WaitFor([&] { return LookUp(first->dns_port(), "db.service.dc2.consul") == addresses; }));
  CHECK(LookUp(first->dns_port(), "db.service.consul").empty());

  // The other's entries are not touched, whatever happens here.
  const auto written = WrittenAt(here.consul(), "web");
  const double passes = there.dispatcher().Metric(kSnapshots);
  there.marathon().Scale("/db", 4);
  there.marathon().WaitDeployed();
  REQUIRE(there.Differs() == "");
  REQUIRE(
      WaitFor([&] { return there.dispatcher().Metric(kSnapshots) >= passes + 3; }, std::chrono::seconds(30)));
  CHECK(WrittenAt(here.consul(), "web") == written);

  // One is lost: said by its dispatcher, nothing to the other.
  second->Kill();
  there.marathon().Scale("/db", 1);
  REQUIRE(WaitFor([&] { return there.dispatcher().Ready().Mentions("consul"); }, std::chrono::seconds(30)));
  CHECK(there.dispatcher().Ready().ok());
  here.marathon().Scale("/web", 3);
  here.marathon().WaitDeployed();
  REQUIRE(here.Differs() == "");

  // And back, with what it knew.
  REQUIRE(second->Restart().ok());
  REQUIRE(there.Differs(std::chrono::seconds(60)) == "");
  CHECK(here.Differs() == "");
}

}  // namespace
}  // namespace dispatcher::testing
