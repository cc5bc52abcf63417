#include "tests/e2e/chaos/steady.h"

#include <utility>

namespace dispatcher::testing {
namespace {

// What is at `path`, or that nothing is.
std::string IdAt(Http& registry, const std::string& path) {
  const HttpResponse answer = registry.Call("GET", path);
  return answer.status == 200 ? ParseJson(answer.body).root()["id"].StringOr("") : "nothing";
}

}  // namespace

Steady::Steady(World& world, Routers& routers) : world_(world), routers_(routers) {
  app_.id = "/steady";
  app_.instances = 2;
  app_.ports = {{.service_port = FreePort()}};
  world_.Deploy(app_);
}

std::map<std::string, std::string> Steady::Marks() {
  std::map<std::string, std::string> marks;
  std::map<std::string, int64_t> created;  // in order, whatever the answer's is
  const JsonDocument entries = world_.consul().GetJson("/v1/catalog/service/steady");
  entries.root().ForEach(
      [&](JsonView entry) { created[entry["ServiceID"].StringOr("")] = entry["CreateIndex"].IntOr(0); });
  for (const auto& [id, index] : created) {
    marks["consul"] += id + " created at " + std::to_string(index) + "\n";
  }
  Http& kong = routers_.kong();
  std::set<std::string> targets;
  const JsonDocument list = kong.GetJson("/upstreams/dispatcher._steady.0/targets");
  list.root()["data"].ForEach([&](JsonView target) {
    targets.insert(target["target"].StringOr("") + " " + target["id"].StringOr(""));
  });
  for (const std::string& target : targets) {
    marks["kong"] += "target " + target + "\n";
  }
  for (Http* const of : {&kong, &routers_.gateway()}) {
    marks["kong"] += "service " + IdAt(*of, "/services/dispatcher.steady") + "\n";
    marks["kong"] += "route " + IdAt(*of, "/routes/dispatcher.steady") + "\n";
  }
  return marks;
}

std::string Steady::Tasks() {
  std::string text;
  for (const SimTask& task : world_.marathon().TasksOf(app_.id)) {
    text += task.task + "\n";
  }
  return text;
}

bool Steady::WasUnwell() {
  const JsonDocument events =
      world_.marathon().http().GetJson("/sim/events?since=" + std::to_string(last_event_));
  bool unwell = false;
  events.root()["events"].ForEach([&](JsonView event) {
    unwell = unwell || (event["app"].StringOr("") == app_.id &&
                        event["type"].StringOr("") == "health_status_changed_event" &&
                        !event["data"]["alive"].BoolOr(true));
  });
  last_event_ = events.root()["last"].IntOr(0);
  return unwell;
}

std::string Steady::Differs(const std::set<std::string>& struck) {
  const std::map<std::string, std::string> before = std::exchange(marks_, Marks());
  const std::string tasks_before = std::exchange(tasks_, Tasks());
  if (WasUnwell() || before.empty() || tasks_ != tasks_before) {
    return "";
  }
  std::string difference;
  for (const auto& [registry, marks] : before) {
    if (!struck.contains(registry) && marks != marks_[registry]) {
      difference += "/steady was gone for a while in " + registry + ": it was\n" + marks + "and is\n" +
                    marks_[registry];
    }
  }
  return difference;
}

}  // namespace dispatcher::testing
