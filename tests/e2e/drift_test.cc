// Entries that other hands change in Consul are put back long before the next comparison,
// because Consul is watched; and so is a Consul that lost everything.
#include <functional>
#include <iostream>

#include "dispatcher/base/clock.h"
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/consul_server.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// No comparison by itself within the test.
constexpr const char* kSeldom = "marathon.resync_interval=1h";
constexpr std::string_view kRepaired = "dispatcher_drift_repaired_total{adapter=\"consul\"}";

// Waits until our own writes are behind us: an edit together with one of ours may wait for 10 s.
void LetSettle(World& world) {
  const double begun = world.dispatcher().Metric("dispatcher_adapter_reads_total");
  REQUIRE(WaitFor([&] { return world.dispatcher().Metric("dispatcher_adapter_reads_total") > begun; }));
  const Mono rest = MonoClock::now() + milliseconds(1200);
  WaitFor([&] { return MonoClock::now() >= rest; });
}

TEST_CASE("what other hands change in Consul is put back in less than a second", "[drift]") {
  WorldOptions options = OfProfile(Profiles().back());
  options.settings = {kSeldom};
  World world(options);
  world.Deploy({.id = "/web", .instances = 3});
  REQUIRE(world.Differs() == "");
  RegisterStranger(world.consul(), "stranger", "10.0.0.9", 9);
  LetSettle(world);
  const Endpoints before = world.InConsul();

  struct Harm {
    std::string what;
    std::function<std::string(const Registration&)> body;  // of a PUT
    std::string target, told;
  };
  const auto register_as = [](const Registration& r, const std::string& name, int port) {
    JsonWriter json;
    json.BeginObject().Field("Node", r.node).Field("SkipNodeUpdate", true).Key("Service").BeginObject();
    json.Field("ID", r.id).Field("Service", name).Field("Address", r.address).Field("Port", port);
    json.Key("Meta").BeginObject();
    for (const auto& [key, value] : r.meta) {
      json.Field(key, value);
    }
    json.EndObject().EndObject().EndObject();
    return json.Take();
  };
  const std::vector<Harm> harms = {
      {"another port", [&](const Registration& r) { return register_as(r, "web", 666); },
       "/v1/catalog/register", "was altered by other hands (address)"},
      {"another name", [&](const Registration& r) { return register_as(r, "evil", r.port); },
       "/v1/catalog/register", "was altered by other hands (name)"},
      {"an entry removed",
       [](const Registration& r) { return R"({"Node":")" + r.node + R"(","ServiceID":")" + r.id + "\"}"; },
       "/v1/catalog/deregister", "was removed by other hands"},
      {"a whole node removed", [](const Registration& r) { return R"({"Node":")" + r.node + "\"}"; },
       "/v1/catalog/deregister", "was removed by other hands"},
  };
  for (const Harm& harm : harms) {
    CAPTURE(harm.what);
    // A busy machine is slow once in a while, what looks seldom is slow every time.
    auto quickest = milliseconds::max();
    for (int i = 0; i < 3 && quickest >= seconds(1); ++i) {
      const double repaired = world.dispatcher().Metric(kRepaired);
      const std::vector<Registration> there = RegistrationsOf(world.consul(), "web");
      REQUIRE(there.size() == 3);
      const Mono begun = MonoClock::now();
      world.consul().Must("PUT", harm.target, harm.body(there[0]));
      REQUIRE(WaitFor([&] { return world.InConsul() == before; }));
      const auto took = std::chrono::duration_cast<milliseconds>(MonoClock::now() - begun);
      std::cout << "  figure: " << harm.what << ": put back after " << took.count() << " ms\n";
      quickest = std::min(quickest, took);
      CHECK(WaitFor([&] { return world.dispatcher().Metric(kRepaired) > repaired; }));
      CHECK(WaitFor([&] { return world.dispatcher().Log().find(harm.told) != std::string::npos; }));
      const Mono rest = MonoClock::now() + milliseconds(1500);
      WaitFor([&] { return MonoClock::now() >= rest; });
    }
    CHECK(quickest < seconds(1));
  }
  CHECK(world.dispatcher().Ready().ok());
}

TEST_CASE("a Consul that comes back without its data is filled again without a comparison", "[drift]") {
  ConsulServerOptions in_memory;
  in_memory.memory_only = true;
  const auto consul = ConsulServer::Start(in_memory).value();
  WorldOptions options;
  options.consul_url = options.view_url = consul->url();
  options.settings.emplace_back(kSeldom);
  World world(options);
  world.Deploy({.id = "/web", .instances = 4});
  world.Deploy({.id = "/api", .instances = 2});
  REQUIRE(world.Differs() == "");
  const Mono begun = MonoClock::now();
  REQUIRE(consul->Restart().ok());
  REQUIRE(world.Differs(seconds(30)) == "");
  std::cout << "  figure: Consul restarted without its data: whole again after "
            << Seconds(MonoClock::now() - begun) << " s\n";
  WaitFor([&] { return world.dispatcher().Metric(kRepaired) == 6; });
  CHECK(world.dispatcher().Metric(kRepaired) == 6);
}

}  // namespace
}  // namespace dispatcher::testing
