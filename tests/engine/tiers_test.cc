// Three adapters in one engine: what one tier has is news to the others at once.
#include "adapters/memory/memory_adapter.h"
#include "dispatcher/engine/engine.h"
#include "tests/engine/scripted_marathon.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using namespace testing;  // NOLINT: the fakes' words
using namespace std::chrono_literals;

constexpr char kTask[] = "web.01da9a15-68a7-11e7-a229-000000000001";

TEST_CASE("a service goes through the tiers by news, not by waiting, and back") {
  ScriptedMarathon marathon;
  marathon.SetApp("/web", {{kTask, 31001}});
  std::map<std::string, std::shared_ptr<MemoryRegistry>> registries;
  Settings settings;
  settings.marathon.urls = {marathon.url()};
  // In the order of their names the gateway would be offered everything first.
  for (const char* name : {"agateway", "mrouter", "zdiscovery"}) {
    registries[name] = std::make_shared<MemoryRegistry>();
    settings.adapters.emplace_back().name = name;
  }
  EngineOptions options;
  options.seed = 1;
  options.make_adapter = [&](const AdapterSettings& adapter, const Settings&) {
    MemoryOptions memory;
    memory.name = adapter.name;
    memory.tier = adapter.name == "agateway"  ? Tier::kGateway
                  : adapter.name == "mrouter" ? Tier::kRouter
                                              : Tier::kDiscovery;
    return absl::StatusOr<std::unique_ptr<Adapter>>(
        std::make_unique<MemoryAdapter>(memory, registries.at(adapter.name)));
  };
  const auto there = [&](const std::string& name) { return registries[name]->Entries("dispatcher").size(); };

  registries["zdiscovery"]->Hold(true);
  const auto engine = *Engine::Make(settings, SystemClock(), options);
  engine->Start();
  REQUIRE(WaitFor([&] {
    const EngineReport report = engine->Report();
    return report.catalog.synced && report.adapters[0].state.read_once && report.adapters[1].state.read_once;
  }));
  CHECK(there("mrouter") == 0);
  CHECK(there("agateway") == 0);
  const Mono let_go = SystemClock().Now();
  registries["zdiscovery"]->Hold(false);
  CHECK(WaitFor([&] { return there("agateway") == 2 && there("mrouter") == 2; }));
  CHECK(SystemClock().Now() - let_go < 8s);

  registries["agateway"]->Hold(true);
  marathon.RemoveApp("/web");
  marathon.Emit(Frame("app_terminated_event", R"("appId":"/web")"));
  // The memory adapter has structure in discovery, too.
  CHECK(WaitFor([&] { return there("zdiscovery") == 1 && there("mrouter") == 1; }));
  const Mono let_go_again = SystemClock().Now();
  registries["agateway"]->Hold(false);
  CHECK(WaitFor([&] { return there("agateway") + there("mrouter") + there("zdiscovery") == 0; }));
  CHECK(SystemClock().Now() - let_go_again < 8s);
}

}  // namespace
}  // namespace dispatcher
