#include "tests/e2e/chaos/place.h"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/support/sanitized.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Of Debian's libfaketime; its folder is called after the machine's architecture.
std::string FakeTime() {
  for (const char* const machine : {"x86_64", "aarch64"}) {
    std::string path = "/usr/lib/" + std::string(machine) + "-linux-gnu/faketime/libfaketimeMT.so.1";
    if (access(path.c_str(), R_OK) == 0) {
      return path;
    }
  }
  return "";
}

}  // namespace

std::string WhyNoClock() {
  return kSanitized           ? "a sanitizer must be the first library of a process"
         : FakeTime().empty() ? "Debian's libfaketime is not installed"
                              : "";
}

Shape Shape::Of(uint32_t number) {
  std::mt19937 random(number);
  constexpr std::array kMarathons = {"1.1", "1.3", "1.4", "1.6", "1.8", "1.10"};
  Shape shape;
  shape.consuls = random() % 2 == 0 ? 1 : 3;
  shape.marathon = kMarathons[random() % kMarathons.size()];
  shape.clock = random() % 2 == 0 && WhyNoClock().empty();
  shape.marathon_ahead = hours(static_cast<int>(random() % 3) - 1);
  return shape;
}

std::string Shape::Text() const {
  return "Marathon " + marathon + " whose clock is " + std::to_string(marathon_ahead.count()) + " h ahead, " +
         std::to_string(consuls) + (consuls == 1 ? " Consul" : " Consuls") +
         (clock ? ", the dispatcher's clock can be stepped" : "");
}

Place::Place(const Shape& shape)
    : shape_(shape),
      consul_(ConsulCluster::Start(shape.consuls).value()),
      // The model, because the real one can't fail on purpose.
      routers_(std::make_unique<Routers>(RoutersOptions{.real_vulcand = false})),
      vulcand_door_(std::make_unique<Door>(routers_->vulcand().url())),
      kong_door_(std::make_unique<Door>(routers_->kong().url())),
      gateway_door_(std::make_unique<Door>(routers_->gateway().url())) {
  if (shape_.clock) {
    SetClockAhead(seconds(0));
  }
  world_ = std::make_unique<World>(Options());
  SetMarathonClockAhead(shape_.marathon_ahead);
  world_->StartDispatcher();
  strangers_ = std::make_unique<Strangers>(world_->consul(), *routers_);
  strangers_->PutInConsul();
  strangers_->PutInVulcand();
  strangers_->PutInKongs();
  steady_ = std::make_unique<Steady>(*world_, *routers_);
}

WorldOptions Place::Options() {
  WorldOptions options = Behind(*routers_, shape_.marathon);
  // The dispatcher has one server, whoever leads; the test looks at another.
  options.consul_url = consul_->server(0).url();
  options.view_url = consul_->server(consul_->size() - 1).url();
  for (const std::string& setting :
       {std::string("marathon.resync_interval=1s"), std::string("marathon.stall_timeout=2s"),
        std::string("brake.confirm_after=1s"), std::string("brake.max_removal_percent=100"),
        "adapters.vulcand.url=" + vulcand_door_->url(), "adapters.kong.url=" + kong_door_->url(),
        "adapters.gateway.url=" + gateway_door_->url()}) {
    options.settings.push_back(setting);
  }
  options.marathon.arguments = {"--heartbeat-ms", "500"};
  options.start_dispatcher = false;
  if (shape_.clock) {
    options.dispatcher_env = {{"LD_PRELOAD", FakeTime()},
                              {"FAKETIME_TIMESTAMP_FILE", home_.path() + "/clock"},
                              {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
                              {"FAKETIME_NO_CACHE", "1"}};
  }
  return options;
}

void Place::SetKongDoors(DoorState state) {
  kong_door_->Set(state);
  gateway_door_->Set(state);
}

void Place::StartDispatcher(const std::string& log_to) {
  former_log_ = dispatcher().Log();
  world_->StartDispatcher({}, log_to);
}

void Place::SetClockAhead(seconds ahead) {
  const std::string path = home_.path() + "/clock";
  std::ofstream(path + ".new") << (ahead.count() < 0 ? "" : "+") << ahead.count() << "s\n";
  std::filesystem::rename(path + ".new", path);
}

void Place::SetMarathonClockAhead(seconds ahead) {
  marathon().Control("clock", R"({"ahead_ms":)" + std::to_string(milliseconds(ahead).count()) + "}");
}

std::string Place::ConsulDiffers() {
  Endpoints expected = world_->Expected();
  expected.merge(strangers_->ConsulEndpoints());
  try {
    return Difference(expected, world_->InConsul());
  } catch (const std::runtime_error& error) {
    return error.what();  // it is on its way back
  }
}

std::string Place::GatewayDiffers(const std::vector<AppSpec>& apps) {
  Endpoints expected = strangers_->RouterEndpoints();
  for (const AppSpec& app : apps) {
    expected[{HostOf(app), "127.0.0.1", app.ports[0].service_port}] = "";
  }
  return Difference(expected, routers_->InGateway());
}

std::string Place::Differs(std::vector<AppSpec> apps, milliseconds limit) {
  apps.push_back(steady_->app());
  const Mono end = MonoClock::now() + limit;
  std::string difference;
  if (!WaitFor([&] { return (difference = ConsulDiffers()).empty(); }, Left(end))) {
    return "Consul\n" + difference;
  }
  for (const AppSpec& app : apps) {
    difference = RoutersDiffer(*world_, *routers_, app, Left(end), strangers_->RouterEndpoints());
    if (!difference.empty()) {
      return app.id + ": " + difference;
    }
  }
  if (!WaitFor([&] { return (difference = GatewayDiffers(apps)).empty(); }, Left(end))) {
    return "Kong in mode router\n" + difference;
  }
  // Not once more: what is a stranger's is never touched, so there is nothing to wait for.
  difference = strangers_->Differs();
  return difference.empty() ? "" : "not ours, and changed:\n" + difference;
}

void Place::KeepLogs(const std::string& prefix) {
  std::ofstream(prefix + "marathon.log") << marathon().Log();
  std::ofstream(prefix + "dispatcher.log") << dispatcher().Log();
  std::ofstream(prefix + "dispatcher-before.log") << former_log_;
  std::ofstream(prefix + "metrics.log") << dispatcher().Call("GET", "/metrics").body;
}

}  // namespace dispatcher::testing
