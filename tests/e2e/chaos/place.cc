#include "tests/e2e/chaos/place.h"

#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr const char* kStranger = "stranger";

WorldOptions OptionsOf(const ConsulServer& consul, const Routers& routers) {
  WorldOptions options = Behind(routers);
  options.consul_url = options.view_url = consul.url();
  for (const char* const setting : {"marathon.resync_interval=1s", "marathon.stall_timeout=2s",
                                    "brake.confirm_after=1s", "brake.max_removal_percent=100"}) {
    options.settings.emplace_back(setting);
  }
  options.marathon.arguments = {"--heartbeat-ms", "500"};
  return options;
}

}  // namespace

Place::Place()
    : consul_(ConsulServer::Start().value()),
      // The model, because the real one can't fail on purpose.
      routers_(std::make_unique<Routers>(RoutersOptions{.real_vulcand = false})),
      world_(std::make_unique<World>(OptionsOf(*consul_, *routers_))) {
  PutStranger();
}

void Place::StartDispatcher(const std::string& log_to) { world_->StartDispatcher({}, log_to); }

void Place::PutStranger() { RegisterStranger(world_->consul(), kStranger, "192.0.2.7", 80); }

std::string Place::Differs(const std::vector<AppSpec>& apps, std::chrono::milliseconds limit) {
  const Mono end = MonoClock::now() + limit;
  const auto left = [&] {
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(end - MonoClock::now()),
                    std::chrono::milliseconds(1));
  };
  std::string difference;
  const auto consul_differs = [&] {
    Endpoints expected = world_->Expected();
    expected[{kStranger, "192.0.2.7", 80}] = "passing";
    try {
      difference = Difference(expected, world_->InConsul());
    } catch (const std::runtime_error& error) {
      difference = error.what();  // it is on its way back
    }
    return !difference.empty();
  };
  if (!WaitFor([&] { return !consul_differs(); }, left())) {
    return "Consul\n" + difference;
  }
  for (const AppSpec& app : apps) {
    difference = RoutersDiffer(*world_, *routers_, app, left());
    if (!difference.empty()) {
      return app.id + ": " + difference;
    }
  }
  return "";
}

}  // namespace dispatcher::testing
