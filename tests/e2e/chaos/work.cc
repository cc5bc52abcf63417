#include "tests/e2e/chaos/work.h"

namespace dispatcher::testing {

Work::Work(Place& place) : place_(place) {
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
  Marathon& marathon = place_.marathon();
  AppSpec app = all_[pick(all_.size())];
  const size_t what = pick(10);
  const int instances = static_cast<int>(pick(5));
  const size_t victim = pick(8);
  if (!there_.contains(app.id)) {
    app.instances = instances;
    marathon.Post(Json(app, place_.world().profile()));
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
  const std::vector<SimTask> tasks = marathon.TasksOf(app.id);
  if (tasks.empty()) {
    return "nothing to kill in " + app.id;
  }
  const std::string& task = tasks[victim % tasks.size()].task;
  marathon.OnTask(task, what == 9 ? "finish" : "fail");
  return "end " + task;
}

}  // namespace dispatcher::testing
