// What clients notice of a rolling upgrade and a scale down: a steady load of requests
// through each way in, while tasks come and go.
#include <iostream>

#include "tests/e2e/frame/chain.h"
#include "tests/e2e/frame/load.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

// How the app's tasks go.
struct Leave {
  bool task_killing = true;  // Marathon says so when it begins to kill one
  int serves_on = 5;         // seconds after SIGTERM
};

std::string Describe(const Leave& leave) {
  return std::string(leave.task_killing ? "TASK_KILLING" : "no TASK_KILLING") + ", tasks " +
         (leave.serves_on > 0 ? "serve " + std::to_string(leave.serves_on) + " s after SIGTERM"
                              : "end at SIGTERM");
}

// All ways in to one app, under load.
class Traffic {
 public:
  Traffic(const AppSpec& app, const Routers& routers) {
    for (const Way& way : WaysTo(app, routers)) {
      loads_.emplace_back(way.name, std::make_unique<Load>(way.base, HostOf(app)));
    }
  }

  // So that what comes next happens in the middle of it.
  void WaitForMore() {
    for (const auto& way_in : loads_) {
      const int before = way_in.second->Sent();
      REQUIRE(WaitFor([&] { return way_in.second->Sent() >= before + 10; }));
    }
  }

  // Ends it, prints the figures, and gives how many failed.
  int Stop(const std::string& of) {
    int failed = 0;
    for (const auto& [way, load] : loads_) {
      const std::map<std::string, int> answers = load->Stop();
      failed += Failed(answers);
      std::cout << "  figure: " << of << ", " << way << ": " << Show(answers) << "\n";
    }
    return failed;
  }

 private:
  std::vector<std::pair<std::string, std::unique_ptr<Load>>> loads_;
};

// Requests that fail while two apps of four tasks are upgraded, one by a restart, one
// by a new definition, and then scaled down to one.
int FailedRequests(const Leave& leave) {
  Routers routers;
  WorldOptions options = Behind(routers);
  options.marathon.arguments = {"--kill-grace-ms", "10000"};
  if (leave.task_killing) {
    options.marathon.arguments.insert(options.marathon.arguments.end(), {"--features", "task_killing"});
  }
  World world(options);
  AppSpec web = {.id = "/web", .instances = 4, .ports = {{.service_port = FreePort()}}};
  web.env["SIM_SERVE_AFTER_SIGTERM"] = std::to_string(leave.serves_on);
  AppSpec api = web;
  api.id = "/api";
  api.ports[0].service_port = FreePort();
  world.Deploy(web);
  world.Deploy(api);
  REQUIRE(ChainDiffers(world, routers, web) == "");
  REQUIRE(ChainDiffers(world, routers, api) == "");

  Traffic to_web(web, routers), to_api(api, routers);
  to_web.WaitForMore();
  world.marathon().Restart("/web");
  api.env["RELEASE"] = "2";
  world.marathon().Put("/api", Json(api, world.profile()));
  world.marathon().WaitDeployed();
  to_web.WaitForMore();
  world.marathon().Scale("/web", 1);
  world.marathon().Scale("/api", 1);
  world.marathon().WaitDeployed();
  to_web.WaitForMore();
  std::cout << "  figure: with " << routers.vulcand_is() << " and models of Kong\n";
  const int failed =
      to_web.Stop("restart, 4 -> 1, " + Describe(leave)) + to_api.Stop("upgrade, 4 -> 1, " + Describe(leave));
  REQUIRE(ChainDiffers(world, routers, web) == "");
  REQUIRE(ChainDiffers(world, routers, api) == "");
  return failed;
}

TEST_CASE("no request fails while tasks that finish their work are replaced", "[routers][traffic]") {
  REQUIRE(FailedRequests({}) == 0);
}

// Nothing is promised here; the figures say what TASK_KILLING and a task that takes its
// time are worth.
TEST_CASE("tasks that go without a word cost few requests, and the routers are right afterwards",
          "[routers][traffic]") {
  const Leave leave = GENERATE(Leave{.task_killing = false, .serves_on = 1}, Leave{.serves_on = 0},
                               Leave{.task_killing = false, .serves_on = 0});
  CAPTURE(Describe(leave));
  FailedRequests(leave);
}

}  // namespace
}  // namespace dispatcher::testing
