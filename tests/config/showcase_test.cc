// The file that sets the showcase's way: it loads, and means what it says.
#include "dispatcher/config/load.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("deploy/showcase.yaml sets the showcase's way") {
  const auto loaded =
      LoadConfiguration({.file = TEST_DATA "/../../deploy/showcase.yaml", .environment = {}, .sets = {}});
  INFO(loaded.status().ToString());
  REQUIRE(loaded.ok());
  CHECK(loaded->warnings.empty());
  const Settings& settings = loaded->settings;
  REQUIRE(settings.adapters.size() == 3);
  const AdapterSettings& consul = settings.adapters[0];
  const AdapterSettings& kong = settings.adapters[1];
  const AdapterSettings& vulcand = settings.adapters[2];
  CHECK(consul.publish == "router");
  CHECK_FALSE(consul.router_address.empty());
  CHECK(vulcand.listeners);
  CHECK(kong.mode == "router");
  CHECK_FALSE(kong.router_url.empty());
  for (const AdapterSettings& adapter : settings.adapters) {
    CHECK(adapter.type == adapter.name);
    CHECK(adapter.expose == "all");
  }
  const auto& statics = settings.static_services;
  REQUIRE(statics.size() == 2);
  CHECK(statics.at("mesos-leader").kind == "mesos-leader");
  CHECK(statics.at("mesos-leader").hosts == std::vector<std::string>{"mesos.service.consul"});
  CHECK(statics.at("marathon-leader").kind == "marathon-leader");
  CHECK(statics.at("marathon-leader").hosts == std::vector<std::string>{"marathon.service.consul"});
  for (const auto& [name, service] : statics) {
    // Kong reaches them through Vulcand's listeners, each of which has a port of its own.
    CHECK(service.service_port > 0);
    CHECK(service.adapters == "vulcand,kong");
  }
  CHECK(statics.at("mesos-leader").service_port != statics.at("marathon-leader").service_port);
}

}  // namespace
}  // namespace dispatcher
