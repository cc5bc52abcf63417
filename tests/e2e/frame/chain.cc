#include "tests/e2e/frame/chain.h"

#include <algorithm>

#include "dispatcher/base/clock.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {

WorldOptions Behind(const Routers& routers, const std::string& profile) {
  WorldOptions options = OfProfile(profile);
  options.settings = routers.Settings();
  return options;
}

std::string HostOf(const AppSpec& app) {
  return DefaultName(app.id, 0, app.ports[0].name, app.ports[0].protocol) + ".service.consul";
}

std::vector<Way> WaysTo(const AppSpec& app, const Routers& routers) {
  return {{"Vulcand", routers.vulcand_proxy()},
          {"Vulcand's listener", "http://127.0.0.1:" + std::to_string(app.ports[0].service_port)},
          {"Kong, mode targets", routers.kong_proxy()},
          {"Kong, mode router", routers.gateway_proxy()}};
}

std::string RoutersDiffer(World& world, Routers& routers, const AppSpec& app, std::chrono::milliseconds limit,
                          const Endpoints& strangers) {
  const Mono end = MonoClock::now() + limit;
  std::string difference;
  const auto expected = [&] {
    Endpoints endpoints = strangers;
    for (const auto& [endpoint, status] : world.Expected()) {
      endpoints[{endpoint.service + ".service.consul", endpoint.address, endpoint.port}] = "";
    }
    return endpoints;
  };
  if (!WaitFor([&] { return (difference = Difference(expected(), routers.InVulcand())).empty(); },
               Left(end))) {
    return "Vulcand\n" + difference;
  }
  if (!WaitFor([&] { return (difference = Difference(expected(), routers.InKong())).empty(); }, Left(end))) {
    return "Kong\n" + difference;
  }
  const Endpoint listener = {HostOf(app), "127.0.0.1", app.ports[0].service_port};
  if (!WaitFor([&] { return routers.InGateway().contains(listener); }, Left(end))) {
    return "Kong in mode router\n" + Show(routers.InGateway());
  }
  std::vector<std::string> tasks;
  for (const SimTask& task : world.marathon().TasksOf(app.id)) {
    tasks.push_back(task.task);
  }
  for (const Way& way : WaysTo(app, routers)) {
    difference = NotAlternating(way.base, HostOf(app), tasks, Left(end));
    if (!difference.empty()) {
      return "requests through " + way.name + "\n" + difference;
    }
  }
  return "";
}

std::string ChainDiffers(World& world, Routers& routers, const AppSpec& app,
                         std::chrono::milliseconds limit) {
  const std::string difference = world.Differs(limit);
  return difference.empty() ? RoutersDiffer(world, routers, app, limit) : "Consul\n" + difference;
}

}  // namespace dispatcher::testing
