// Registries that lose what they were told, go away, or do badly for a while: each is
// whole again without help, and requests flow.
#include <iostream>

#include "dispatcher/base/clock.h"
#include "tests/e2e/frame/chain.h"
#include "tests/e2e/frame/load.h"
#include "tests/support/catch.h"
#include "tests/support/consul_server.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A registry is compared with what it should hold after each snapshot of Marathon, each
// second here (and a tenth). What is lost during a comparison is found by the next one,
// so two have to pass; the rest is for reading, writing and requests on a busy machine.
constexpr const char* kResync = "marathon.resync_interval=1s";
constexpr milliseconds kComparison{1100};
constexpr milliseconds kBound = 2 * kComparison + seconds(2);
// Where half of the writes are lost, what failed and what a comparison found halves each
// time, what others hang on first. After 25 times, of two layers of 14 writes anything is
// missing once in 100,000 runs.
constexpr milliseconds kBoundOfHalf = 25 * kComparison + seconds(2);

// Does `harm` and waits until `differs` says "". Prints how long that took since the
// harm began; an error once it took longer than `bound`, and, as a machine may be too busy
// to compare as often as it should, more comparisons than fit into it.
std::string Heal(World& world, const std::string& what, milliseconds bound, const std::function<void()>& harm,
                 const std::function<std::string(milliseconds)>& differs) {
  const Mono begin = MonoClock::now();
  const double before = world.dispatcher().Metric(kSnapshots);
  harm();
  const std::string difference = differs(bound + kPatience);
  const auto took = std::chrono::duration_cast<milliseconds>(MonoClock::now() - begin);
  const double comparisons = world.dispatcher().Metric(kSnapshots) - before;
  std::cout << "  figure: " << what << ": whole again after " << took.count() << " ms\n";
  if (difference.empty() && took > bound && comparisons > Seconds(bound) / Seconds(kComparison)) {
    return "whole again after " + std::to_string(took.count()) + " ms and " + std::to_string(comparisons) +
           " comparisons, more than " + std::to_string(bound.count()) + " ms";
  }
  return difference;
}

TEST_CASE("wiped or restarted, Vulcand and Kong are whole again without help", "[routers][healing]") {
  Routers routers;
  WorldOptions options = Behind(routers);
  options.settings.emplace_back(kResync);
  World world(options);
  const AppSpec web = {.id = "/web", .instances = 3, .ports = {{.service_port = FreePort()}}};
  const AppSpec api = {.id = "/api", .instances = 2, .ports = {{.service_port = FreePort()}}};
  world.Deploy(web);
  world.Deploy(api);
  const auto differs = [&](milliseconds limit) {
    const std::string difference = RoutersDiffer(world, routers, web, limit);
    return difference.empty() ? RoutersDiffer(world, routers, api, limit) : difference;
  };
  REQUIRE(differs(kPatience) == "");

  REQUIRE(Heal(
              world, routers.vulcand_is() + " wiped", kBound, [&] { routers.WipeVulcand(); }, differs) == "");
  REQUIRE(Heal(
              world, "both Kongs wiped", kBound, [&] { routers.WipeKongs(); }, differs) == "");
  // They keep their data, but do not hear of a deployment; that is Marathon's time, too.
  REQUIRE(Heal(
              world, routers.vulcand_is() + " restarted during a deployment, 3 -> 4", kBound + seconds(2),
              [&] {
                world.marathon().Scale("/web", 4);
                routers.RestartVulcand();
                world.marathon().WaitDeployed();
              },
              differs) == "");
  REQUIRE(Heal(
              world, "both Kongs restarted, away for a second, during a deployment, 4 -> 2",
              kBound + seconds(2),
              [&] {
                world.marathon().Scale("/web", 2);
                routers.RestartKongs();
                world.marathon().WaitDeployed();
              },
              differs) == "");
}

TEST_CASE("Vulcand and Kong that lose half of their writes, fail or are slow are whole in the end",
          "[routers][healing]") {
  Routers routers({.real_vulcand = false});
  WorldOptions options = Behind(routers);
  options.settings.emplace_back(kResync);
  World world(options);
  AppSpec web = {.id = "/web", .instances = 4, .ports = {{.service_port = FreePort()}}};
  world.Deploy(web);
  const auto differs = [&](milliseconds limit) { return RoutersDiffer(world, routers, web, limit); };
  REQUIRE(differs(kPatience) == "");
  const auto all = [&](std::string_view faults_of_vulcand, std::string_view faults_of_kong) {
    Routers::Faults(routers.vulcand(), faults_of_vulcand);
    Routers::Faults(routers.kong(), faults_of_kong);
    Routers::Faults(routers.gateway(), faults_of_kong);
  };

  const std::string_view lossy = R"({"lose_half_of_writes":true})";
  const std::string_view whole = R"({"lose_half_of_writes":false})";
  all(lossy, lossy);
  REQUIRE(Heal(
              world, "models of Vulcand and Kong that lose half of their writes, wiped", kBoundOfHalf,
              [&] {
                routers.WipeVulcand();
                routers.WipeKongs();
              },
              differs) == "");
  REQUIRE(Heal(
              world, "the same, 4 -> 2", kBoundOfHalf,
              [&] {
                world.marathon().Scale("/web", 2);
                world.marathon().WaitDeployed();
              },
              differs) == "");
  all(whole, whole);

  all(R"({"fail_reads":-1,"fail_writes":-1})", R"({"fail_reads":-1,"fail_writes":-1,"status":503})");
  world.marathon().Scale("/web", 3);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");  // Consul does not wait for them
  REQUIRE(world.dispatcher().Ready().Mentions("degraded"));
  REQUIRE(Heal(
              world, "models of Vulcand and Kong that failed everything for a while", kBound,
              [&] { all(R"({"fail_reads":0,"fail_writes":0})", R"({"fail_reads":0,"fail_writes":0})"); },
              differs) == "");

  all(R"({"slow_ms":200})", R"({"slow_ms":200})");
  REQUIRE(Heal(
              world, "models of Vulcand and Kong that take 200 ms for each call, 3 -> 4", seconds(15),
              [&] {
                world.marathon().Scale("/web", 4);
                world.marathon().WaitDeployed();
              },
              differs) == "");
  REQUIRE(world.Differs() == "");
  all(R"({"slow_ms":0})", R"({"slow_ms":0})");

  // As a Kong that rebuilds its router each five seconds.
  all(R"({"late_ms":5000})", R"({"routes_late_ms":5000})");
  std::vector<std::unique_ptr<Load>> others;
  for (const Way& way : WaysTo(web, routers)) {
    others.push_back(std::make_unique<Load>(way.base, HostOf(web)));
  }
  const AppSpec late = {.id = "/late", .ports = {{.service_port = FreePort()}}};
  REQUIRE(Heal(
              world, "a new app, with proxies that take changes up 5 s late", kBound + seconds(5),
              [&] { world.Deploy(late); },
              [&](milliseconds limit) { return RoutersDiffer(world, routers, late, limit); }) == "");
  for (const std::unique_ptr<Load>& load : others) {
    REQUIRE(Failed(load->Stop()) == 0);
  }
}

TEST_CASE("a Consul that comes back without its data is whole again without help", "[routers][healing]") {
  ConsulServerOptions in_memory;
  in_memory.memory_only = true;
  const auto consul = ConsulServer::Start(in_memory).value();
  WorldOptions options;
  options.consul_url = options.view_url = consul->url();
  options.settings.emplace_back(kResync);
  World world(options);
  world.Deploy({.id = "/web", .instances = 4});
  world.Deploy({.id = "/api", .instances = 2});
  REQUIRE(world.Differs() == "");
  // What is asked while it has no leader yet, Consul keeps to itself for up to 7 s (rpc_hold_timeout).
  REQUIRE(Heal(
              world, "Consul restarted without its data", kBound + seconds(8),
              [&] { REQUIRE(consul->Restart().ok()); },
              [&](milliseconds limit) { return world.Differs(limit); }) == "");
  REQUIRE(world.InConsul().size() == 6);
}

}  // namespace
}  // namespace dispatcher::testing
