// What Marathon of a version says and lists, as JSON: fields, ids and nulls as that
// version has them.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "tests/schedule/script.h"

namespace dispatcher::irregularities {

using schedule::Lines;
using schedule::Script;

constexpr WallMs kTenOClock = 1'554'890'400'000;  // 2019-04-10T10:00:00Z
// The time so long after ten o'clock, as Marathon writes it.
inline std::string At(WallMs ms) { return FormatTimestamp(kTenOClock + ms); }

// A task of /web: id and port follow from its number.
struct Who {
  int number = 1;
  std::string app = "/web";
  std::string host = "10.0.0.1";
  std::vector<int> ports = {31000 + number};
  std::vector<std::string> ips = {};
  WallMs version = 0;
  int incarnation = 1;  // 1.8+
  WallMs staged = version + 100;
};

inline const Who kOne{.number = 1}, kTwo{.number = 2}, kThree{.number = 3};

struct AppText {
  std::string id = "/web";
  WallMs version = 0;
  int instances = 1;
  int checks = 0;
  std::string more{};                 // further members, each with a comma before it
  std::vector<std::string> listed{};  // tasks
  std::string deployment{};           // that runs on it
};

// How a version of Marathon talks. Each event is a tenth of a second later than the
// one before.
class Words {
 public:
  explicit Words(int minor) : minor_(minor) {}  // 1.minor

  WallMs now = 10'000;  // of the next event, after ten o'clock

  std::string Prefix(const Who& who) const {
    std::string safe = who.app.substr(1);
    std::replace(safe.begin(), safe.end(), '/', '_');
    return safe + ".";
  }
  std::string Uuid(const Who& who) const {
    return "5dd78972-6771-11e5-94e1-0000000000" + std::to_string(10 + who.number);
  }
  std::string Instance(const Who& who) const {
    return Prefix(who) + (minor_ >= 8 ? "instance-" : "marathon-") + Uuid(who);
  }
  std::string Task(const Who& who) const {
    return minor_ >= 8 ? Instance(who) + "._app." + std::to_string(who.incarnation) : Prefix(who) + Uuid(who);
  }
  // "TASK 10.0.0.1:31001 ", as Script::Sees begins its lines.
  std::string Line(const Who& who, const std::string& rest) const {
    return Task(who) + " " + who.host + ":" + std::to_string(who.ports.at(0)) + " " + rest;
  }

  std::string Status(const Who& who, const std::string& state) {
    JsonWriter out = Begin("status_update_event");
    out.Field("slaveId", "S0").Field("taskId", Task(who)).Field("taskStatus", state).Field("message", "");
    out.Field("appId", who.app).Field("host", who.host);
    if (minor_ >= 4 || !who.ips.empty()) {
      Addresses(out, who);
    }
    Ports(out, who);
    out.Field("version", At(who.version));
    return End(out);
  }
  std::string Changed(const Who& who, const std::string& condition) {
    JsonWriter out = Begin("instance_changed_event");
    out.Field("instanceId", Instance(who)).Field("condition", condition).Field("runSpecId", who.app);
    if (condition == "Scheduled") {
      out.Key("agentId").Null().Key("host").Null();
    } else {
      out.Field("agentId", "S0").Field("host", who.host);
    }
    out.Field("runSpecVersion", At(who.version));
    return End(out);
  }
  // health_status_changed_event: of one check.
  std::string Alive(const Who& who, bool alive) {
    JsonWriter out = Begin("health_status_changed_event");
    out.Field("appId", who.app).Field(minor_ >= 4 ? "instanceId" : "taskId", IdOfHealth(who));
    out.Field("version", At(who.version)).Field("alive", alive);
    return End(out);
  }
  // instance_health_changed_event (1.4+).
  std::string Healthy(const Who& who, std::optional<bool> healthy) {
    JsonWriter out = Begin("instance_health_changed_event");
    out.Field("instanceId", Instance(who)).Field("runSpecId", who.app);
    if (healthy.has_value()) {
      out.Field("healthy", *healthy);
    } else {
      out.Key("healthy").Null();
    }
    out.Field("runSpecVersion", At(who.version));
    return End(out);
  }
  std::string Failed(const Who& who) {
    JsonWriter out = Begin("failed_health_check_event");
    out.Field("appId", who.app).Field(minor_ == 4 ? "instanceId" : "taskId", IdOfHealth(who));
    out.Key("healthCheck").BeginObject().Field("protocol", "HTTP").EndObject();
    return End(out);
  }
  std::string Kill(const Who& who) {
    JsonWriter out = Begin(minor_ >= 4 ? "unhealthy_instance_kill_event" : "unhealthy_task_kill_event");
    out.Field("appId", who.app).Field("taskId", Task(who)).Field("version", At(who.version));
    if (minor_ >= 4) {
      out.Field("instanceId", Instance(who));
    }
    out.Field("reason", "500").Field("host", who.host).Field("slaveId", "S0");
    return End(out);
  }
  // deployment_info, _step_success, _success or _failed of a plan of one step.
  std::string Deployment(const std::string& what, const std::string& verb, WallMs version,
                         const std::string& app = "/web") {
    JsonWriter actions;
    actions.BeginObject().Key("actions").BeginArray().BeginObject();
    actions.Field(minor_ >= 3 ? "action" : "type", verb).Field("app", app).EndObject().EndArray().EndObject();
    const std::string step = actions.Take();
    JsonWriter out = Begin("deployment_" + what);
    const std::string plan = "plan-" + std::to_string(version);
    const bool over = what == "success" || what == "failed";
    if (over) {
      out.Field("id", plan);
    }
    out.Key("plan").BeginObject().Field("id", plan).Key("steps").BeginArray().Raw(step).EndArray();
    out.Field("version", At(version)).EndObject();
    if (!over) {
      out.Key("currentStep").Raw(step);
    }
    return End(out);
  }
  // Of an app alone: app_terminated_event, add_health_check_event ...
  std::string Of(const std::string& type, const std::string& app = "/web") {
    JsonWriter out = Begin(type);
    out.Field("appId", app);
    return End(out);
  }
  // With members as they stand.
  std::string Raw(const std::string& type, const std::string& members) {
    now += 100;
    return R"({"eventType":")" + type + R"(","timestamp":")" + At(now) + "\"," + members + "}";
  }

  // An element of /v2/apps.
  std::string App(const AppText& app) const {
    std::string text = R"({"id":")" + app.id + R"(","version":")" + At(app.version) + R"(","instances":)";
    text.append(std::to_string(app.instances));
    text.append(minor_ >= 5 ? R"(,"networks":[{"mode":"host"}])" : R"(,"ipAddress":null,"container":null)");
    if (app.more.find("container") == std::string::npos) {
      text.append(R"(,"portDefinitions":[{"port":10000,"protocol":"tcp","labels":{}}])");
    }
    text.append(R"(,"healthChecks":[)");
    for (int i = 0; i < app.checks; ++i) {
      text.append(i == 0 ? "" : ",").append(R"({"protocol":"HTTP","path":"/h)" + std::to_string(i));
      text.append(R"(","portIndex":0})");
    }
    text.append("]").append(app.more).append(R"(,"deployments":[)");
    text.append(app.deployment.empty() ? "" : R"({"id":")" + app.deployment + "\"}").append(R"(],"tasks":[)");
    for (const std::string& task : app.listed) {
      text.append(text.back() == '[' ? "" : ",").append(task);
    }
    return text + "]}";
  }
  // An element of its tasks. `results` as in healthCheckResults, "" where the key is
  // left out.
  std::string Listed(const Who& who, const std::string& state, const std::string& results = "") const {
    JsonWriter out;
    out.BeginObject().Field("id", Task(who)).Field("appId", who.app).Field("host", who.host);
    Ports(out, who);
    if (!who.ips.empty()) {
      Addresses(out, who);
    }
    if (minor_ >= 3) {
      out.Field("state", state);
    }
    out.Field("slaveId", "S0").Field("stagedAt", At(who.staged));
    if (state == "TASK_RUNNING") {
      out.Field("startedAt", At(who.staged + 100));
    }
    out.Field("version", At(who.version));
    if (!results.empty()) {
      out.Key("healthCheckResults").Raw(results);
    }
    out.EndObject();
    return out.Take();
  }
  // One result, as of so long after ten o'clock.
  static std::string Result(bool alive, WallMs at) {
    return std::string(R"({"alive":)") + (alive ? "true" : "false") + R"(,"consecutiveFailures":)" +
           (alive ? "0" : "1") + R"(,"firstSuccess":")" + At(at) + R"(","lastSuccess":)" +
           (alive ? "\"" + At(at) + "\"" : "null") + R"(,"lastFailure":)" +
           (alive ? "null" : "\"" + At(at) + "\"") + "}";
  }

 private:
  std::string IdOfHealth(const Who& who) const { return minor_ >= 4 ? Instance(who) : Task(who); }
  static void Addresses(JsonWriter& out, const Who& who) {
    out.Key("ipAddresses").BeginArray();
    for (const std::string& ip : who.ips) {
      out.BeginObject().Field("ipAddress", ip).Field("protocol", "IPv4").EndObject();
    }
    out.EndArray();
  }
  static void Ports(JsonWriter& out, const Who& who) {
    out.Key("ports").BeginArray();
    for (const int port : who.ports) {
      out.Int(port);
    }
    out.EndArray();
  }
  JsonWriter Begin(const std::string& type) {
    now += 100;
    JsonWriter out;
    out.BeginObject().Field("eventType", type).Field("timestamp", At(now));
    return out;
  }
  static std::string End(JsonWriter& out) {
    out.EndObject();
    return out.Take();
  }

  int minor_;
};

// A listener that is attached and has read what there is.
inline Script& Listens(Script& s) { return s.Attach().Settle(); }

}  // namespace dispatcher::irregularities
