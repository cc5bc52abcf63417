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

// A World in which tasks go in that way, behind these routers.
WorldOptions Leaving(const Leave& leave, const Routers& routers) {
  WorldOptions options = Behind(routers);
  options.marathon.arguments = {"--kill-grace-ms", "10000"};
  if (leave.task_killing) {
    options.marathon.arguments.insert(options.marathon.arguments.end(), {"--features", "task_killing"});
  }
  return options;
}

AppSpec App(const std::string& id, const Leave& leave, int instances = 4) {
  AppSpec app = {.id = id, .instances = instances, .ports = {{.service_port = FreePort()}}};
  app.env["SIM_SERVE_AFTER_SIGTERM"] = std::to_string(leave.serves_on);
  return app;
}

// Requests that fail while one app of four tasks is restarted, one gets a new definition
// and one is scaled down to one task, all at once.
int FailedRequests(const Leave& leave) {
  Routers routers;
  World world(Leaving(leave, routers));
  std::vector<AppSpec> apps;
  std::vector<std::unique_ptr<Traffic>> traffic;
  for (const char* id : {"/restarted", "/upgraded", "/shrunk"}) {
    apps.push_back(App(id, leave));
    world.Deploy(apps.back());
  }
  for (const AppSpec& app : apps) {
    REQUIRE(ChainDiffers(world, routers, app) == "");
    traffic.push_back(std::make_unique<Traffic>(app, routers));
  }
  traffic.back()->WaitForMore();
  world.marathon().Restart("/restarted");
  apps[1].env["RELEASE"] = "2";
  world.marathon().Put("/upgraded", Json(apps[1], world.profile()));
  world.marathon().Scale("/shrunk", 1);
  world.marathon().WaitDeployed();
  traffic.back()->WaitForMore();
  std::cout << "  figure: " << Describe(leave) << "; " << routers.vulcand_is() << ", models of Kong\n";
  int failed = 0;
  for (size_t i = 0; i < apps.size(); ++i) {
    failed += traffic[i]->Stop(apps[i].id);
  }
  for (const AppSpec& app : apps) {
    REQUIRE(ChainDiffers(world, routers, app) == "");
  }
  return failed;
}

TEST_CASE("no request fails while tasks that finish their work are replaced", "[routers][traffic]") {
  REQUIRE(FailedRequests({}) == 0);
}

TEST_CASE("no request fails while two hundred tasks that finish their work are replaced",
          "[routers][traffic]") {
  const Leave leave;
  Routers routers;
  World world(Leaving(leave, routers));
  AppSpec large = App("/large", leave, 200);
  world.Deploy(large);
  REQUIRE(RoutersDiffer(world, routers, large) == "");

  Traffic traffic(large, routers);
  traffic.WaitForMore();
  large.env["RELEASE"] = "2";
  world.marathon().Put("/large", Json(large, world.profile()));
  world.marathon().WaitDeployed();
  traffic.WaitForMore();
  std::cout << "  figure: 200 instances, " << Describe(leave) << "; " << routers.vulcand_is()
            << ", models of Kong\n";
  REQUIRE(traffic.Stop(large.id) == 0);
  REQUIRE(RoutersDiffer(world, routers, large) == "");
}

TEST_CASE("a task that is being killed gets no more requests while it still serves", "[routers][traffic]") {
  const Leave leave;
  Routers routers;
  World world(Leaving(leave, routers));
  const AppSpec web = App("/web", leave);
  world.Deploy(web);
  REQUIRE(ChainDiffers(world, routers, web) == "");

  world.marathon().Scale("/web", 1);
  std::vector<std::string> stay;
  REQUIRE(WaitFor([&] {
    stay.clear();
    for (const SimTask& task : world.marathon().TasksOf("/web")) {
      if (task.life == "Running") {
        stay.push_back(task.task);
      }
    }
    return stay.size() == 1;
  }));
  for (const Way& way : WaysTo(web, routers)) {
    CAPTURE(way.name);
    REQUIRE(NotAlternating(way.base, HostOf(web), stay) == "");
  }
  REQUIRE(world.marathon().TasksOf("/web").size() == 4);
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
