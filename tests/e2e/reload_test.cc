// New settings while it runs, and its end.
#include <csignal>
#include <fstream>

#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("SIGHUP brings new settings into force without touching what stays the same", "[reload]") {
  const TempDir dir;
  WorldOptions options = OfProfile(Profiles().back());
  options.config = dir.path() + "/dispatcher.yaml";
  std::ofstream(options.config) << "services: {panic_threshold: 40}\n";
  World world(options);
  world.Deploy({.id = "/web", .instances = 4});
  REQUIRE(world.Differs() == "");
  const auto written = WrittenAt(world.consul(), "web");
  REQUIRE(written.size() == 4);

  Http http("http://" + world.dispatcher().address());
  // The newest decision about the app's instances in Consul.
  const auto last = [&] {
    const JsonDocument answer =
        JsonDocument::Parse(http.Call("GET", "/v1/decisions?app=/web&since=1h").body).value();
    const JsonView decisions = answer.root()["decisions"];
    for (size_t i = decisions.size(); i-- > 0;) {
      if (decisions.At(i)["kind"].StringOr("") == "registered") {
        return std::pair(decisions.At(i)["number"].IntOr(0), decisions.At(i)["text"].StringOr(""));
      }
    }
    return std::pair<int64_t, std::string>();
  };
  const auto before = last();
  CHECK(before.second.starts_with("registered service "));

  std::ofstream(options.config) << "static_services: {extra: {targets: [\"10.9.8.7:80\"]}}\n";
  world.dispatcher().Signal(SIGHUP);
  REQUIRE(WaitFor([&] { return RegistrationsOf(world.consul(), "extra").size() == 1; }));
  CHECK(world.dispatcher().Ready().ok());
  CHECK(WrittenAt(world.consul(), "web") == written);
  CHECK(last() == before);

  // It goes on as before.
  world.marathon().Scale("/web", 6);
  world.marathon().WaitDeployed();
  REQUIRE(WaitFor([&] { return RegistrationsOf(world.consul(), "web").size() == 6; }));
  CHECK(WaitFor([&] { return last().first > before.first; }));

  // And lets go of what is not named any more.
  std::ofstream(options.config) << "log: {level: debug}\n";
  world.dispatcher().Signal(SIGHUP);
  REQUIRE(WaitFor([&] { return RegistrationsOf(world.consul(), "extra").empty(); }));
  REQUIRE(world.Differs() == "");
  CHECK(world.dispatcher().Stop() == 0);
}

TEST_CASE("uninstall leaves a registry as if there had been no dispatcher", "[reload]") {
  World world(OfProfile(Profiles().back()));
  RegisterStranger(world.consul(), "theirs", "10.1.1.1", 80);
  const Endpoints before = world.InConsul();
  world.Deploy({.id = "/web", .instances = 6});
  world.Deploy({.id = "/api", .instances = 2, .checks = false});
  REQUIRE(WaitFor([&] { return world.InConsul().size() == before.size() + 8; }));
  CHECK(world.dispatcher().Stop() == 0);
  CHECK(world.InConsul().size() == before.size() + 8);  // a stop removes nothing
  const auto uninstall =
      Process::Start({std::string(BINARY_DIR) + "/dispatcher", "uninstall", "--yes", "--set",
                      "http.listen=127.0.0.1:1", "--set", "adapters.consul.url=" + world.consul().url()})
          .value();
  CHECK(uninstall->WaitForOutput("consul: 8 removed, 0 left").message() == "");
  CHECK(uninstall->Wait() == 0);
  CHECK(world.InConsul() == before);
}

}  // namespace
}  // namespace dispatcher::testing
