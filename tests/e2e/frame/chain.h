// Whether an app is reachable all the way: Consul, Vulcand, both Kongs, and requests
// through each of them that end at the tasks' own processes.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/frame/routers.h"
#include "tests/e2e/frame/world.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {

// A World whose dispatcher writes to these routers, too.
WorldOptions Behind(const Routers& routers, const std::string& profile = Profiles().back());

// What an app's first port is asked for as.
std::string HostOf(const AppSpec& app);

// A way in: where clients connect, and its name for people.
struct Way {
  std::string name, base;
};
// To the app's first port, which has a service port.
std::vector<Way> WaysTo(const AppSpec& app, const Routers& routers);

// "" once Vulcand and both Kongs hold the tasks that run, all apps', and requests
// through each way alternate over the tasks of this app; after `limit`, the first that
// doesn't, and what is wrong there. `strangers` are in Vulcand and in both Kongs besides.
std::string RoutersDiffer(World& world, Routers& routers, const AppSpec& app,
                          std::chrono::milliseconds limit = kPatience, const Endpoints& strangers = {});
// The same with Consul before them.
std::string ChainDiffers(World& world, Routers& routers, const AppSpec& app,
                         std::chrono::milliseconds limit = kPatience);

}  // namespace dispatcher::testing
