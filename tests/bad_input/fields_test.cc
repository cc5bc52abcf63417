// Every field of an app, a task and a pod, each with everything that it should not be.
#include <functional>

#include "dispatcher/base/json.h"
#include "dispatcher/catalog/labels.h"
#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/pod.h"
#include "tests/catalog/driver.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

constexpr const char* kApp = R"({
  "id": "/web", "version": "2019-04-10T10:00:00.000Z", "instances": 2, "requirePorts": false,
  "versionInfo": {"lastConfigChangeAt": "2019-04-10T10:00:00.000Z"},
  "ports": [10000], "portDefinitions": [{"port": 10000, "name": "http", "protocol": "tcp", "labels": {"a": "b"}}],
  "ipAddress": {"discovery": {"ports": [{"number": 80, "name": "http", "protocol": "tcp", "labels": {"a": "b"}}]}},
  "networks": [{"mode": "container/bridge"}],
  "container": {"docker": {"network": "BRIDGE", "portMappings": [{"containerPort": 80}]},
    "portMappings": [{"containerPort": 80, "hostPort": 0, "servicePort": 10000, "name": "http", "protocol": "tcp",
                      "labels": {"a": "b"}}]},
  "healthChecks": [{"protocol": "HTTP", "path": "/", "portIndex": 0, "port": 80, "command": {"value": "true"},
    "gracePeriodSeconds": 3, "intervalSeconds": 3, "timeoutSeconds": 3, "maxConsecutiveFailures": 3}],
  "readinessChecks": [{"name": "x"}], "labels": {"dispatcher.hosts": "a.test"}, "env": {"SERVICE_NAME": "x"},
  "deployments": [{"id": "d"}],
  "readinessCheckResults": [{"ready": true, "taskId": "web.instance-1._app.1"}],
  "tasks": [{"id": "web.instance-1._app.1", "host": "10.0.0.1", "ports": [31000], "state": "TASK_RUNNING",
    "startedAt": "2019-04-10T10:00:01.000Z", "version": "2019-04-10T10:00:00.000Z",
    "ipAddresses": [{"ipAddress": "10.0.0.1", "protocol": "IPv4"}],
    "healthCheckResults": [{"alive": true, "consecutiveFailures": 0, "firstSuccess": "2019-04-10T10:00:01.000Z",
      "lastSuccess": "2019-04-10T10:00:01.000Z", "lastFailure": null}]}]})";

constexpr const char* kPod = R"({
  "id": "/web", "status": "STABLE",
  "spec": {"id": "/web", "version": "2019-04-10T10:00:00.000Z", "scaling": {"kind": "fixed", "instances": 1},
    "labels": {"a": "b"}, "environment": {"SERVICE_NAME": "x"}, "networks": [{"mode": "host"}],
    "containers": [{"name": "c", "endpoints": [{"name": "http", "containerPort": 80, "hostPort": 0,
        "protocol": ["tcp"], "labels": {"a": "b"}}],
      "healthCheck": {"http": {"endpoint": "http", "path": "/", "scheme": "HTTP"}, "gracePeriodSeconds": 3,
        "intervalSeconds": 3, "timeoutSeconds": 3, "maxConsecutiveFailures": 3}}]},
  "instances": [{"id": "web.instance-1", "status": "STABLE", "agentHostname": "10.0.0.1",
    "specReference": "/v2/pods/web::versions/2019-04-10T10:00:00.000Z", "networks": [{"addresses": ["10.0.0.1"]}],
    "containers": [{"name": "c", "containerId": "web.instance-1.c", "status": "TASK_RUNNING",
      "statusSince": "2019-04-10T10:00:01.000Z", "conditions": [{"name": "healthy", "value": "true"}],
      "endpoints": [{"name": "http", "allocatedHostPort": 31000, "healthy": true}]}]}]})";

// What stands in the place of a field; "": the field is left out.
const std::vector<std::string>& Bad() {
  static const std::vector<std::string> bad = {
      "",
      "null",
      "true",
      "0",
      "-1",
      "65536",
      "2147483648",
      "-9223372036854775808",
      "18446744073709551616",
      "1e308",
      "0.5",
      R"("")",
      R"("hunter2")",
      R"("NaN")",
      R"("\u0000")",
      R"("a\r\nX-Evil: hunter2")",
      R"("\ud83d\udca9 \u202e \u0441\u0435\u0440\u0432\u0435\u0440")",
      R"("../../../etc/hunter2")",
      R"("9999-99-99T99:99:99.999Z")",
      "\"" + std::string(100'000, 'x') + "\"",
      "[]",
      "{}",
      "[null]",
      "[[]]",
      R"(["hunter2"])",
      R"({"hunter2":"hunter2"})",
      R"([{"hunter2":1}])",
  };
  return bad;
}

// Writes `value` with the `target`-th of its members and elements replaced; counts them.
void WriteWith(JsonView value, int target, const std::string& bad, int& count, JsonWriter& out) {
  const auto child = [&](JsonView part, absl::FunctionRef<void()> name) {
    if (count++ != target) {
      name();
      WriteWith(part, target, bad, count, out);
    } else if (!bad.empty()) {
      name();
      out.Raw(bad);
    }
  };
  if (value.IsObject()) {
    out.BeginObject();
    value.ForEachMember([&](std::string_view key, JsonView part) { child(part, [&] { out.Key(key); }); });
    out.EndObject();
  } else if (value.IsArray()) {
    out.BeginArray();
    value.ForEach([&](JsonView part) { child(part, [] {}); });
    out.EndArray();
  } else {
    out.Raw(value.Dump());
  }
}

using Decode = std::function<absl::StatusOr<AppElement>(std::string_view)>;

// Each field with each bad value is decoded or refused by name, and what is decoded goes
// through the catalog beside a sound app, which it leaves alone.
int TryAll(const char* text, std::string_view kind, const Decode& decode) {
  const JsonDocument document = *JsonDocument::Parse(text);
  int fields = 0, refused = 0;
  JsonWriter sound;
  WriteWith(document.root(), -1, "", fields, sound);
  REQUIRE(decode(sound.text()).ok());
  for (int target = 0; target < fields; ++target) {
    for (const std::string& bad : Bad()) {
      JsonWriter out;
      int count = 0;
      WriteWith(document.root(), target, bad, count, out);
      INFO(out.text().substr(0, 3000));
      const absl::StatusOr<AppElement> element = decode(out.text());
      if (!element.ok()) {
        ++refused;
        const std::string why(Message(element.status()));
        INFO(why);
        REQUIRE(element.status().code() == absl::StatusCode::kInvalidArgument);
        REQUIRE(why.starts_with(kind));
        REQUIRE(why.size() < 200'000);
        // An id is said, nothing else is.
        REQUIRE((why.find("hunter2") == std::string::npos || why.find("hunter2") < kind.size() + 20));
        continue;
      }
      Driver driver;
      driver.Attach();
      AppSeen seen, other;
      seen.definition = element->definition;
      seen.tasks = element->tasks;
      other.definition = App1("/other");
      other.tasks.resize(1);
      other.tasks[0].task = "other.instance-2._app.1";
      other.tasks[0].life = Life::kRunning;
      other.tasks[0].host = "10.0.0.9";
      other.tasks[0].ports = {31009};
      other.tasks[0].version = kV1;
      other.tasks[0].version_at = StampOf(kV1);
      driver.Snapshot({seen, other});
      REQUIRE(driver.Instances("/other") == Lines{"other.instance-2._app.1@10.0.0.9:31009 yes passing"});
      for (size_t port = 0; port < element->definition->ports.size(); ++port) {
        driver.Instances(element->definition->id, static_cast<int>(port));
      }
    }
  }
  CHECK(fields > 50);
  CHECK(refused > fields);
  return fields * static_cast<int>(Bad().size());
}

TEST_CASE("every field of an app and its tasks, with everything it should not be") {
  TryAll(kApp, "app", DecodeAppText);
}

TEST_CASE("every field of a pod, with everything it should not be") { TryAll(kPod, "pod", DecodePodText); }

TEST_CASE("of doubled keys the last one counts, and what is no text is refused") {
  const auto app = DecodeAppText(R"({"id":"/a","id":"/b","instances":1,"instances":2})");
  REQUIRE(app.ok());
  CHECK(app->definition->id == "/b");
  CHECK(app->definition->instances == 2);
  for (const std::string& bad : {std::string("{\"id\":\"/a\xff\"}"), std::string("{\"id\":\"/a\0\"}", 11),
                                 std::string(R"({"id":NaN})"), std::string(R"({"id":"/a","x":Infinity})"),
                                 std::string(R"({"id":"\ud800"})"), std::string("{\"id\":\"/a\"")}) {
    CHECK(DecodeAppText(bad).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace dispatcher
