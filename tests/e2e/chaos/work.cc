#include "tests/e2e/chaos/work.h"

#include <stdexcept>

#include "tests/support/wait.h"

namespace dispatcher::testing {

Work::Work(World& world) : world_(world) {
  for (const char* const id : {"/web", "/shop/cart", "/api"}) {
    AppSpec app;
    app.id = id;
    app.ports = {{.service_port = FreePort()}};
    all_.push_back(std::move(app));
  }
}

std::vector<AppSpec> Work::Apps() const {
  std::vector<AppSpec> apps;
  for (const auto& [id, app] : there_) {
    apps.push_back(app);
  }
  return apps;
}

std::string Work::Step(std::mt19937& random) {
  const auto pick = [&](size_t below) { return std::uniform_int_distribution<size_t>(0, below - 1)(random); };
  Marathon& marathon = world_.marathon();
  AppSpec app = all_[pick(all_.size())];
  const size_t what = pick(10);
  const int instances = static_cast<int>(pick(5));
  const size_t victim = pick(8);
  if (!there_.contains(app.id)) {
    app.instances = instances;
    marathon.Post(Json(app, world_.profile()));
    there_[app.id] = app;
    return "deploy " + app.id + " x " + std::to_string(instances);
  }
  if (what == 0) {
    marathon.Delete(app.id);
    there_.erase(app.id);
    return "delete " + app.id;
  }
  if (what <= 3) {
    marathon.Scale(app.id, instances);
    there_[app.id].instances = instances;
    return "scale " + app.id + " to " + std::to_string(instances);
  }
  if (what <= 5) {
    marathon.Put(app.id, R"({"env":{"RELEASE":")" + std::to_string(++releases_) + "\"}}");
    return "upgrade " + app.id;
  }
  if (what == 6) {
    marathon.Restart(app.id);
    return "restart " + app.id;
  }
  return EndOne(app.id, victim, what == 9 ? "finish" : "fail");
}

std::string Work::EndOne(const std::string& app, size_t victim, const std::string& how) {
  std::string done;
  WaitFor([&] {
    try {
      const std::vector<SimTask> tasks = world_.marathon().TasksOf(app);
      if (tasks.empty()) {
        done = "nothing to end in " + app;
        return true;
      }
      const std::string& task = tasks[victim % tasks.size()].task;
      // Whatever the answer: it may have ended since.
      world_.marathon().http().Call("POST", HttpPath("/sim/tasks", {task}) + "/" + how);
      done = how + " " + task;
      return true;
    } catch (const std::runtime_error&) {
      return false;  // Marathon is away
    }
  });
  return done;
}

}  // namespace dispatcher::testing
