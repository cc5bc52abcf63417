#include "tests/e2e/reign/arena.h"

#include <exception>

#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr const char* kLockKey = "test/reign";

WorldOptions OptionsOf(const ConsulServer& consul) {
  WorldOptions options = OfProfile(Profiles().back());
  options.view_url = consul.url();
  options.start_dispatcher = false;
  options.marathon.arguments = {"--heartbeat-ms", "500"};
  return options;
}

}  // namespace

Arena::Arena(std::chrono::seconds ttl)
    : exceptions_(std::uncaught_exceptions()),
      consul_(ConsulServer::Start().value()),
      routers_({.real_vulcand = false}),
      world_(std::make_unique<World>(OptionsOf(*consul_))),
      strangers_(world_->consul(), routers_) {
  strangers_.PutInConsul();
  strangers_.PutInVulcand();
  strangers_.PutInKongs();
  const std::vector<std::pair<std::string, std::string>> registries = {{"consul", consul_->url()},
                                                                       {"vulcand", routers_.vulcand().url()},
                                                                       {"kong", routers_.kong().url()},
                                                                       {"gateway", routers_.gateway().url()}};
  std::vector<std::string> settings = {"marathon.urls=" + marathon().url(),
                                       "marathon.resync_interval=2s",
                                       "marathon.stall_timeout=5s",
                                       "brake.confirm_after=1s",
                                       "brake.max_removal_percent=100",
                                       std::string("leader.key=") + kLockKey,
                                       "leader.ttl=" + std::to_string(ttl.count()) + "s"};
  for (const std::string& setting : routers_.Settings()) {
    if (std::none_of(registries.begin(), registries.end(), [&](const auto& registry) {
          return setting == "adapters." + registry.first + ".url=" + registry.second;
        })) {
      settings.push_back(setting);
    }
  }
  for (size_t who = 0; who < 3; ++who) {
    std::vector<WireOptions> wires;
    for (const auto& [name, url] : registries) {
      wires.push_back({who, name, url, name == "consul" ? kLockKey : ""});
    }
    contenders_.push_back(std::make_unique<Contender>(who, settings, wires, record_));
  }
}

Arena::~Arena() {
  if (std::uncaught_exceptions() > exceptions_) {
    for (const auto& contender : contenders_) {
      PrintEnd(contender->name(), contender->Log(), 100000);
    }
  }
}

Contender* Arena::Leader() {
  for (const auto& contender : contenders_) {
    if (contender->Is("leading")) {
      return contender.get();
    }
  }
  return nullptr;
}

bool Arena::InOrder() {
  Contender* const leader = Leader();
  const auto standing_by = std::count_if(contenders_.begin(), contenders_.end(),
                                         [](const auto& contender) { return contender->Is("standby"); });
  if (leader == nullptr || standing_by != 2) {
    return false;
  }
  std::string holder;
  const JsonDocument key = world_->consul().GetJson(std::string("/v1/kv/") + kLockKey);
  key.root().ForEach([&](JsonView view) { holder = view["Session"].StringOr(""); });
  return holder == record_.LastWonBy(leader->who());
}

Endpoints Arena::Expected() {
  Endpoints expected = world_->Expected();
  expected.merge(strangers_.ConsulEndpoints());
  return expected;
}

std::string Arena::DiffersNow() {
  try {
    const std::vector<SimTask> tasks = marathon().Tasks();
    std::string difference = Difference(Expected(), world_->InConsul());
    if (!difference.empty()) {
      return "Consul\n" + difference;
    }
    Endpoints must = strangers_.RouterEndpoints(), may = must;
    for (const SimTask& task : tasks) {
      for (const SimEndpoint& endpoint : task.endpoints) {
        const Endpoint at = {world_->name_of(task, endpoint) + ".service.consul", endpoint.address,
                             endpoint.port};
        if (task.life == "Running") {
          may[at] = "";
        }
        if (task.life == "Running" && task.healthy == true) {
          must[at] = "";
        }
      }
    }
    for (const Endpoints& routed : {routers_.InVulcand(), routers_.InKong()}) {
      for (const auto& [at, status] : must) {
        if (!routed.contains(at)) {
          return "a router lacks\n" + Show({{at, status}});
        }
      }
      for (const auto& [at, status] : routed) {
        if (!may.contains(at)) {
          return "a router has\n" + Show({{at, status}});
        }
      }
    }
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();  // Consul is on its way back
  }
}

std::string Arena::Differs(const std::vector<AppSpec>& apps, std::chrono::milliseconds limit) {
  const Mono end = MonoClock::now() + limit;
  std::string difference;
  const auto same = [&] {
    difference = Difference(Expected(), world_->InConsul());
    return difference.empty();
  };
  if (!WaitFor(same, Left(end))) {
    return "Consul\n" + difference;
  }
  for (const AppSpec& app : apps) {
    difference = RoutersDiffer(*world_, routers_, app, Left(end), strangers_.RouterEndpoints());
    if (!difference.empty()) {
      return app.id + ": " + difference;
    }
  }
  return strangers_.Differs();
}

int Arena::Pending() const {
  int pending = 0;
  for (const auto& contender : contenders_) {
    pending += contender->Pending();
  }
  return pending;
}

}  // namespace dispatcher::testing
