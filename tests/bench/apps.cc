#include "tests/bench/apps.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"

namespace dispatcher::bench {
namespace {

constexpr int kHosts = 10;
constexpr int kFirstPort = 10000, kPorts = 50000;

// The numbers' width keeps Marathon's order and that of the numbers the same.
std::string Padded(int number, int width) {
  char text[32];
  std::snprintf(text, sizeof(text), "%0*d", width, number);
  return text;
}

std::string VersionOf(int upgrades) { return "2020-01-01T00:00:" + Padded(upgrades % 60, 2) + ".000Z"; }

AppsShape WithHosts(AppsShape shape) {
  if (shape.hosts.empty()) {
    for (int host = 1; host <= kHosts; ++host) {
      shape.hosts.push_back("10.0.0." + std::to_string(host));
    }
  }
  return shape;
}

std::string Deployment(const std::string& type, const std::string& app, const std::string& version) {
  JsonWriter json;
  const auto step = [&] {
    json.BeginObject().Key("actions").BeginArray().BeginObject();
    json.Field("action", "RestartApplication").Field("app", app).EndObject().EndArray().EndObject();
  };
  json.BeginObject().Field("id", "upgrade").Key("plan").BeginObject().Field("id", "upgrade");
  json.Key("steps").BeginArray();
  step();
  json.EndArray().Field("version", version).EndObject();
  if (type == "deployment_info") {
    json.Key("currentStep");
    step();
  }
  json.Field("eventType", type).Field("timestamp", version).EndObject();
  return "event: " + type + "\r\ndata: " + json.Take() + "\r\n\r\n";
}

void WriteIpAddresses(JsonWriter& json, const Task& task) {
  json.Key("ipAddresses").BeginArray().BeginObject();
  json.Field("ipAddress", task.host).Field("protocol", "IPv4").EndObject().EndArray();
}

std::string Frame(const std::string& app, const Task& task, const char* state) {
  JsonWriter json;
  json.BeginObject().Field("slaveId", "a8b8e5a4-0000-4c5b-9f2e-7b3a1d2c3e4f-S1").Field("taskId", task.id);
  json.Field("taskStatus", state).Field("message", "").Field("appId", app).Field("host", task.host);
  WriteIpAddresses(json, task);
  json.Key("ports").BeginArray().Int(task.port).EndArray().Field("version", task.version);
  json.Field("eventType", "status_update_event").Field("timestamp", "2020-01-01T00:00:02.000Z").EndObject();
  return "event: status_update_event\r\ndata: " + json.Take() + "\r\n\r\n";
}

}  // namespace

Apps::Apps(const std::string& family, int apps, int tasks, AppsShape shape)
    : family_(family),
      size_(apps),
      shape_(WithHosts(std::move(shape))),
      tasks_(static_cast<size_t>(apps)),
      upgrades_(static_cast<size_t>(apps)) {
  MutexLock lock(mutex_);
  for (int app = 0; app < apps; ++app) {
    for (int i = 0; i < tasks; ++i) {
      tasks_[static_cast<size_t>(app)].push_back(NewTask(app));
    }
  }
}

std::string Apps::Id(int app) const { return "/" + family_ + "/app-" + Padded(app, 5); }
std::string Apps::Service(int app) const { return family_ + "-app-" + Padded(app, 5); }

std::vector<Task> Apps::Tasks(int app) const {
  MutexLock lock(mutex_);
  return tasks_[static_cast<size_t>(app)];
}

uint64_t Apps::changes() const {
  MutexLock lock(mutex_);
  return changes_;
}

Task Apps::NewTask(int app) {
  const int number = made_++, hosts = static_cast<int>(shape_.hosts.size());
  return {family_ + "_app-" + Padded(app, 5) + ".instance-c7c311a4-b669-11e6-a48f-" + Padded(number, 12) +
              "._app.1",
          shape_.hosts[static_cast<size_t>(number % hosts)], kFirstPort + number / hosts % kPorts, number,
          VersionOf(upgrades_[static_cast<size_t>(app)])};
}

std::string Apps::Body(int app) const {
  const std::vector<Task>& tasks = tasks_[static_cast<size_t>(app)];
  const std::string version = VersionOf(upgrades_[static_cast<size_t>(app)]);
  JsonWriter json;
  json.BeginObject().Field("id", Id(app)).Field("version", version);
  json.Field("cmd", "exec /opt/service/bin/server --port $PORT0 --config /etc/service/production.yaml");
  json.Field("instances", static_cast<int64_t>(tasks.size())).Field("cpus", 0.5).Field("mem", 512);
  json.Field("disk", 0).Field("gpus", 0).Field("backoffSeconds", 1).Field("backoffFactor", 1.15);
  json.Field("maxLaunchDelaySeconds", 3600).Field("requirePorts", false).Field("executor", "");
  json.Key("env").BeginObject().Field("JAVA_OPTS", "-Xmx384m -XX:+UseG1GC");
  json.Field("DATABASE_URL", "postgres://db.service.consul:5432/app")
      .Field("REGION", "eu-west-1")
      .EndObject();
  json.Key("labels").BeginObject().Field("team", "checkout").Field("cost-centre", "4711");
  if (shape_.routed) {
    json.Field("dispatcher.hosts", Service(app) + ".example.com");
  }
  json.EndObject();
  json.Key("networks").BeginArray().BeginObject().Field("mode", "host").EndObject().EndArray();
  json.Key("container").BeginObject().Field("type", "DOCKER").Key("docker").BeginObject();
  json.Field("image", "registry.example.com/checkout/service:1.27.3").Field("forcePullImage", false);
  json.Field("privileged", false).Key("parameters").BeginArray().EndArray().EndObject();
  json.Key("volumes").BeginArray().EndArray().EndObject();
  json.Key("portDefinitions").BeginArray().BeginObject().Field("port", 10000 + app).Field("protocol", "tcp");
  json.Key("labels").BeginObject().EndObject().EndObject().EndArray();
  json.Key("upgradeStrategy").BeginObject().Field("minimumHealthCapacity", 1);
  json.Field("maximumOverCapacity", 1).EndObject();
  json.Key("unreachableStrategy").BeginObject().Field("inactiveAfterSeconds", 300);
  json.Field("expungeAfterSeconds", 600).EndObject().Field("killSelection", "YOUNGEST_FIRST");
  json.Key("constraints").BeginArray().EndArray().Key("fetch").BeginArray().EndArray();
  json.Key("dependencies").BeginArray().EndArray().Key("healthChecks").BeginArray().EndArray();
  json.Key("versionInfo").BeginObject().Field("lastScalingAt", version);
  json.Field("lastConfigChangeAt", version).EndObject();
  json.Field("tasksStaged", 0).Field("tasksRunning", static_cast<int64_t>(tasks.size()));
  json.Field("tasksHealthy", 0).Field("tasksUnhealthy", 0).Key("deployments").BeginArray().EndArray();
  json.Key("tasks").BeginArray();
  for (const Task& task : tasks) {
    json.BeginObject().Field("id", task.id).Field("appId", Id(app)).Field("host", task.host);
    WriteIpAddresses(json, task);
    json.Key("ports").BeginArray().Int(task.port).EndArray().Key("servicePorts").BeginArray().EndArray();
    json.Field("slaveId", "a8b8e5a4-0000-4c5b-9f2e-7b3a1d2c3e4f-S1").Field("state", "TASK_RUNNING");
    json.Field("stagedAt", task.version)
        .Field("startedAt", task.version)
        .Field("version", task.version)
        .EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

std::string Apps::Snapshot() const {
  std::string body = R"({"apps":[)";
  MutexLock lock(mutex_);
  for (int app = 0; app < size_; ++app) {
    body.append(app > 0 ? "," : "").append(Body(app));
  }
  return body + "]}";
}

std::string Apps::One(const std::string& id) const {
  const int app = static_cast<int>(ParseInt(id.substr(std::min(id.size(), id.rfind('-') + 1))).value_or(-1));
  if (app < 0 || app >= size_ || Id(app) != id) {
    return "";
  }
  MutexLock lock(mutex_);
  return R"({"app":)" + Body(app) + "}";
}

Replacement Apps::Replace(int app) {
  MutexLock lock(mutex_);
  std::vector<Task>& tasks = tasks_[static_cast<size_t>(app)];
  Replacement made{Id(app), Service(app), NewTask(app), tasks.front(), ""};
  ++changes_;
  tasks.erase(tasks.begin());
  tasks.push_back(made.born);
  made.frames = Frame(made.app, made.born, "TASK_STAGING") + Frame(made.app, made.born, "TASK_RUNNING") +
                Frame(made.app, made.dead, "TASK_KILLED");
  return made;
}

std::string Apps::BeginUpgrade(int app) {
  MutexLock lock(mutex_);
  ++changes_;
  return Deployment("deployment_info", Id(app), VersionOf(++upgrades_[static_cast<size_t>(app)]));
}

std::string Apps::EndUpgrade(int app) {
  MutexLock lock(mutex_);
  return Deployment("deployment_success", Id(app), VersionOf(upgrades_[static_cast<size_t>(app)]));
}

}  // namespace dispatcher::bench
