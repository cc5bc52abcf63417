#include "tests/e2e/frame/app.h"

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"

namespace dispatcher::testing {
namespace {

constexpr int kContainerPort = 8080;

// Marathon 1.5 replaced container.docker.network and ipAddress by `networks`.
bool HasNetworks(const std::string& profile) {
  return ParseInt(profile.substr(profile.find('.') + 1)).value_or(0) >= 5;
}

void WriteMap(JsonWriter& json, std::string_view key, const std::map<std::string, std::string>& values) {
  json.Key(key).BeginObject();
  for (const auto& [name, value] : values) {
    json.Field(name, value);
  }
  json.EndObject();
}

void WritePort(JsonWriter& json, const AppPort& port) {
  json.Field("protocol", port.protocol);
  if (!port.name.empty()) {
    json.Field("name", port.name);
  }
  if (!port.labels.empty()) {
    WriteMap(json, "labels", port.labels);
  }
}

void WriteMappings(JsonWriter& json, const AppSpec& app) {
  json.Key("portMappings").BeginArray();
  int container_port = kContainerPort;
  for (const AppPort& port : app.ports) {
    json.BeginObject().Field("containerPort", container_port++);
    if (app.network == "bridge" || port.on_host) {
      json.Field("hostPort", port.host_port);
    }
    if (port.service_port != 0) {
      json.Field("servicePort", port.service_port);
    }
    WritePort(json, port);
    json.EndObject();
  }
  json.EndArray();
}

void WriteDocker(JsonWriter& json, const AppSpec& app, bool networks) {
  json.Key("container").BeginObject().Field("type", "DOCKER");
  if (networks) {
    WriteMappings(json, app);
  }
  json.Key("docker").BeginObject().Field("image", "example/web");
  if (!networks) {
    json.Field("network", app.network == "bridge" ? "BRIDGE" : "USER");
    WriteMappings(json, app);
  }
  json.EndObject().EndObject();
  if (networks) {
    json.Key("networks").BeginArray().BeginObject();
    json.Field("mode", app.network == "bridge" ? "container/bridge" : "container");
    if (app.network == "container") {
      json.Field("name", "overlay");
    }
    json.EndObject().EndArray();
  } else if (app.network == "container") {
    json.Key("ipAddress").BeginObject().Field("networkName", "overlay").EndObject();
  }
}

void WriteHostPorts(JsonWriter& json, const AppSpec& app, bool networks) {
  json.Key("container").BeginObject().Field("type", "DOCKER").Key("docker").BeginObject();
  json.Field("image", "example/web");
  if (!networks) {
    json.Field("network", "HOST");
  }
  json.EndObject().EndObject();
  json.Field("requirePorts", app.require_ports).Key("portDefinitions").BeginArray();
  for (const AppPort& port : app.ports) {
    json.BeginObject().Field("port", port.host_port);
    WritePort(json, port);
    json.EndObject();
  }
  json.EndArray();
}

// The stand-in runs the command; nothing has to answer on a discovery port.
void WriteDiscovery(JsonWriter& json, const AppSpec& app) {
  json.Field("cmd", "exec tail -f /dev/null").Key("ipAddress").BeginObject().Key("discovery").BeginObject();
  json.Key("ports").BeginArray();
  int number = kContainerPort;
  for (const AppPort& port : app.ports) {
    json.BeginObject().Field("number", number++).Field("name", port.name.empty() ? "http" : port.name);
    json.Field("protocol", port.protocol).EndObject();
  }
  json.EndArray().EndObject().EndObject();
}

void WriteCheck(JsonWriter& json) {
  json.Key("healthChecks").BeginArray().BeginObject().Field("protocol", "HTTP").Field("path", "/health");
  json.Field("portIndex", 0).Field("gracePeriodSeconds", 5).Field("intervalSeconds", 1);
  json.Field("timeoutSeconds", 1).Field("maxConsecutiveFailures", 0).EndObject().EndArray();
}

}  // namespace

std::string Json(const AppSpec& app, const std::string& profile) {
  JsonWriter json;
  json.BeginObject().Field("id", app.id).Field("instances", app.instances);
  json.Field("cpus", 0.1).Field("mem", 32.0);
  if (app.network == "host") {
    WriteHostPorts(json, app, HasNetworks(profile));
  } else if (app.network == "ip-per-task") {
    WriteDiscovery(json, app);
  } else {
    WriteDocker(json, app, HasNetworks(profile));
  }
  if (app.checks) {
    WriteCheck(json);
  }
  WriteMap(json, "labels", app.labels);
  WriteMap(json, "env", app.env);
  json.Key("upgradeStrategy").BeginObject().Field("minimumHealthCapacity", app.minimum_health);
  json.Field("maximumOverCapacity", app.maximum_over).EndObject();
  return json.EndObject().text();
}

}  // namespace dispatcher::testing
