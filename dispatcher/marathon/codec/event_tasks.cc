// Events that name a task or an instance.
#include "dispatcher/marathon/codec/event_decoders.h"
#include "dispatcher/marathon/codec/life.h"

namespace dispatcher {
namespace {

struct Ids {
  TaskId task;  // "" if the event names an instance only
  InstanceId instance;
};

// The ids of an event that may carry either or both, and may call an instance id
// taskId. One of them must be there, in a form that we know.
Ids ReadIds(const JsonFields& event) {
  Ids ids{event.Text("taskId"), event.Text("instanceId")};
  if (IsInstanceId(ids.task)) {
    if (ids.instance.empty()) {
      ids.instance = ids.task;
    }
    ids.task.clear();
  }
  if (ids.instance.empty()) {
    ids.instance = InstanceOfTask(ids.task);
    if (ids.instance.empty()) {
      event.Fail(event.Has("instanceId") ? "instanceId" : "taskId",
                 ids.task.empty() ? "is missing" : "has no form of an id that is known");
    }
  }
  return ids;
}

AppId ReadApp(const JsonFields& event, std::string_view key, std::string_view id) {
  AppId app = NormalAppId(event.Text(key));
  if (app.empty()) {
    app = AppOfTask(id);
  }
  if (app.empty()) {
    event.Fail(key, "is missing");
  }
  return app;
}

// What all words about the health of one task have.
HealthUpdate ReadHealth(const JsonFields& event) {
  Ids ids = ReadIds(event);
  HealthUpdate update;
  update.app = ReadApp(event, "appId", ids.instance);
  update.instance = std::move(ids.instance);
  update.task = std::move(ids.task);
  update.at = event.Stamp("timestamp");
  return update;
}

// Words for people; of any other type they are not worth an event.
std::string Remark(const JsonFields& event, std::string_view key) { return event[key].StringOr(""); }

}  // namespace

void DecodeStatusUpdate(std::string_view, const JsonFields& event, std::vector<Observation>& out) {
  TaskUpdate update;
  update.task = event.Need("taskId");
  update.app = ReadApp(event, "appId", update.task);
  update.word = event.Need("taskStatus");
  update.life = LifeOf(update.word);
  update.host = event.Host("host");
  update.ports = event.Ports("ports");
  update.ips = event.Addresses("ipAddresses");
  update.version = event.Text("version");
  update.at = event.Stamp("timestamp");
  update.message = Remark(event, "message");
  out.emplace_back(std::move(update));
}

void DecodeInstanceChanged(std::string_view, const JsonFields& event, std::vector<Observation>& out) {
  InstanceUpdate update;
  update.instance = event.Need("instanceId");
  update.app = ReadApp(event, "runSpecId", update.instance);
  update.word = event.Need("condition");
  update.life = LifeOf(update.word);
  update.host = event.Host("host");
  update.version = event.Text("runSpecVersion");
  update.at = event.Stamp("timestamp");
  out.emplace_back(std::move(update));
}

void DecodeInstanceHealth(std::string_view, const JsonFields& event, std::vector<Observation>& out) {
  HealthUpdate update;
  update.instance = event.Need("instanceId");
  update.app = ReadApp(event, "runSpecId", update.instance);
  if (event.Has("healthy")) {
    update.alive = event.Bool("healthy", false);
  }
  update.whole = true;
  update.version = event.Text("runSpecVersion");
  update.at = event.Stamp("timestamp");
  out.emplace_back(std::move(update));
}

void DecodeHealthStatus(std::string_view, const JsonFields& event, std::vector<Observation>& out) {
  HealthUpdate update = ReadHealth(event);
  if (!event.Has("alive")) {
    event.Fail("alive", "is missing");
  }
  update.alive = event.Bool("alive", false);
  update.version = event.Text("version");
  out.emplace_back(std::move(update));
}

void DecodeFailedHealthCheck(std::string_view, const JsonFields& event, std::vector<Observation>& out) {
  HealthUpdate update = ReadHealth(event);
  update.alive = false;
  update.probe = true;
  out.emplace_back(std::move(update));
}

void DecodeUnhealthyKill(std::string_view, const JsonFields& event, std::vector<Observation>& out) {
  Ids ids = ReadIds(event);
  KillAnnounced kill;
  kill.app = ReadApp(event, "appId", ids.instance);
  kill.task = std::move(ids.task);
  kill.instance = std::move(ids.instance);
  kill.reason = Remark(event, "reason");
  kill.at = event.Stamp("timestamp");
  out.emplace_back(std::move(kill));
}

void DecodeStrayTerminated(std::string_view, const JsonFields& event, std::vector<Observation>& out) {
  Ids ids = ReadIds(event);
  StrayTerminated stray;
  stray.app = ReadApp(event, "runSpecId", ids.instance);
  stray.task = std::move(ids.task);
  if (stray.task.empty()) {
    stray.instance = std::move(ids.instance);
  }
  stray.at = event.Stamp("timestamp");
  out.emplace_back(std::move(stray));
}

}  // namespace dispatcher
