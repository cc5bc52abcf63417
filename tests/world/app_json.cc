#include "tests/world/app_json.h"

namespace dispatcher::world {
namespace {

void Labels(JsonWriter& out, const std::map<std::string, std::string>& labels) {
  out.BeginObject();
  for (const auto& [key, value] : labels) {
    out.Field(key, value);
  }
  out.EndObject();
}

// The member as posted, or `fallback`, which is JSON; "" writes nothing.
void Posted(JsonWriter& out, const App& app, const std::string& key, std::string_view fallback) {
  const auto it = app.fields.find(key);
  if (it != app.fields.end()) {
    out.Key(key).Raw(it->second);
  } else if (!fallback.empty()) {
    out.Key(key).Raw(fallback);
  }
}

bool HasMappings(const App& app) {
  return app.network == Network::kBridge || app.network == Network::kContainer ||
         app.network == Network::kIpPerTask;
}

void Mappings(JsonWriter& out, const App& app, const Profile& profile) {
  out.Key("portMappings").BeginArray();
  for (const Port& port : app.ports) {
    out.BeginObject().Field("containerPort", port.container_port);
    if (port.host_port) {
      out.Field("hostPort", *port.host_port);
    } else if (!profile.Since(5)) {
      out.Key("hostPort").Null();
    }
    out.Key("labels");
    Labels(out, port.labels);
    if (!port.name.empty()) {
      out.Field("name", port.name);
    }
    out.Field("protocol", port.protocol).Field("servicePort", port.service_port);
    if (profile.Since(5) && !port.network_names.empty()) {
      out.Key("networkNames").BeginArray();
      for (const std::string& name : port.network_names) {
        out.String(name);
      }
      out.EndArray();
    }
    out.EndObject();
  }
  out.EndArray();
}

// The part of container that was posted and that we do not read ourselves.
void PostedMembers(JsonWriter& out, JsonView object, std::initializer_list<std::string_view> without) {
  object.ForEachMember([&](std::string_view key, JsonView value) {
    for (std::string_view skipped : without) {
      if (key == skipped) {
        return;
      }
    }
    if (!value.IsNull()) {
      out.Key(key).Raw(value.Dump());
    }
  });
}

void WriteContainer(JsonWriter& out, const App& app, const Profile& profile) {
  const auto it = app.fields.find("container");
  const auto posted = JsonDocument::Parse(it == app.fields.end() ? "{}" : it->second);
  const JsonView container = posted->root();
  out.Key("container").BeginObject().Field("type", app.container_type);
  if (container["docker"].IsObject()) {
    out.Key("docker").BeginObject();
    PostedMembers(out, container["docker"],
                  {"network", "portMappings", "forcePullImage", "privileged", "parameters"});
    if (!profile.Since(5)) {
      if (app.network == Network::kIpPerTask || app.container_type != "DOCKER") {
        out.Key("network").Null();
      } else {
        out.Field("network", app.network == Network::kBridge      ? "BRIDGE"
                             : app.network == Network::kContainer ? "USER"
                                                                  : "HOST");
      }
      if (app.network == Network::kBridge || app.network == Network::kContainer) {
        Mappings(out, app, profile);
      }
    }
    out.Field("forcePullImage", container["docker"]["forcePullImage"].BoolOr(false));
    out.Field("privileged", container["docker"]["privileged"].BoolOr(false));
    const JsonView parameters = container["docker"]["parameters"];
    out.Key("parameters").Raw(parameters.IsArray() ? parameters.Dump() : "[]");
    out.EndObject();
  }
  out.Key("volumes").Raw(container["volumes"].IsArray() ? container["volumes"].Dump() : "[]");
  if (profile.Since(5) && HasMappings(app)) {
    Mappings(out, app, profile);
  }
  out.EndObject();
}

void PortDefinitions(JsonWriter& out, const App& app) {
  out.Key("portDefinitions").BeginArray();
  for (const Port& port : app.ports) {
    out.BeginObject().Key("labels");
    Labels(out, port.labels);
    if (!port.name.empty()) {
      out.Field("name", port.name);
    }
    out.Field("port", port.service_port).Field("protocol", port.protocol).EndObject();
  }
  out.EndArray();
}

void OldNetworking(JsonWriter& out, const App& app) {
  if (app.network == Network::kIpPerTask ||
      (app.network == Network::kContainer && !app.network_name.empty())) {
    out.Key("ipAddress")
        .BeginObject()
        .Key("groups")
        .BeginArray()
        .EndArray()
        .Key("labels")
        .BeginObject()
        .EndObject();
    out.Key("discovery").BeginObject().Key("ports").BeginArray();
    if (app.network == Network::kIpPerTask) {
      for (const Port& port : app.ports) {
        out.BeginObject().Field("number", port.container_port).Field("name", port.name);
        out.Field("protocol", port.protocol).Key("labels");
        Labels(out, port.labels);
        out.EndObject();
      }
    }
    out.EndArray().EndObject();
    if (!app.network_name.empty()) {
      out.Field("networkName", app.network_name);
    }
    out.EndObject();
  } else {
    out.Key("ipAddress").Null();
  }
  out.Key("ports").BeginArray();
  if (app.network != Network::kIpPerTask) {
    for (const Port& port : app.ports) {
      out.Int(port.service_port);
    }
  }
  out.EndArray();
  if (app.network == Network::kIpPerTask) {
    out.Key("portDefinitions").BeginArray().EndArray();
  } else {
    PortDefinitions(out, app);
  }
}

void NewNetworking(JsonWriter& out, const App& app) {
  out.Key("networks").BeginArray().BeginObject();
  if (app.network == Network::kHost) {
    out.Field("mode", "host").EndObject().EndArray();
    PortDefinitions(out, app);
    return;
  }
  if (app.network == Network::kBridge) {
    out.Field("mode", "container/bridge");
  } else {
    out.Field("mode", "container").Field("name", app.network_name.empty() ? "default-net" : app.network_name);
  }
  out.EndObject().EndArray();
}

void Checks(JsonWriter& out, const App& app, const Profile& profile) {
  out.Key("healthChecks").BeginArray();
  for (const Check& check : app.checks) {
    WriteCheck(out, check, profile);
  }
  out.EndArray();
}

void Strategies(JsonWriter& out, const App& app, const Profile& profile) {
  out.Key("upgradeStrategy").BeginObject().Field("minimumHealthCapacity", app.min_health);
  out.Field("maximumOverCapacity", app.max_over).EndObject();
  if (!profile.instances()) {
    return;
  }
  out.Field("killSelection", app.oldest_first ? "OLDEST_FIRST" : "YOUNGEST_FIRST");
  if (app.inactive_after_s) {
    out.Key("unreachableStrategy").BeginObject().Field("inactiveAfterSeconds", *app.inactive_after_s);
    out.Field("expungeAfterSeconds", app.expunge_after_s.value_or(0)).EndObject();
  } else {
    out.Field("unreachableStrategy", "disabled");
  }
}

void VersionInfo(JsonWriter& out, const App& app) {
  out.Field("version", app.version).Key("versionInfo").BeginObject();
  out.Field("lastScalingAt", app.last_scaling_at)
      .Field("lastConfigChangeAt", app.last_config_change_at)
      .EndObject();
}

void OldDress(JsonWriter& out, const App& app, const Profile& profile) {
  out.Field("id", app.id);
  for (const char* key : {"cmd", "args", "user"}) {
    Posted(out, app, key, "null");
  }
  Posted(out, app, "env", "{}");
  out.Field("instances", app.instances);
  Posted(out, app, "cpus", "1");
  Posted(out, app, "mem", "128");
  Posted(out, app, "disk", "0");
  if (profile.Since(3)) {
    Posted(out, app, "gpus", "0");
  }
  Posted(out, app, "executor", "\"\"");
  for (const char* key : {"constraints", "uris", "fetch", "storeUrls"}) {
    Posted(out, app, key, "[]");
  }
  OldNetworking(out, app);
  out.Field("requirePorts", app.require_ports);
  Posted(out, app, "backoffSeconds", "1");
  Posted(out, app, "backoffFactor", "1.15");
  Posted(out, app, "maxLaunchDelaySeconds", "3600");
  if (app.has_container) {
    WriteContainer(out, app, profile);
  } else {
    out.Key("container").Null();
  }
  Checks(out, app, profile);
  Posted(out, app, "readinessChecks", "[]");
  Posted(out, app, "dependencies", "[]");
  Strategies(out, app, profile);
  out.Key("labels");
  Labels(out, app.labels);
  Posted(out, app, "acceptedResourceRoles", "null");
  Posted(out, app, "residency", "null");
  if (profile.Since(3)) {
    Posted(out, app, "secrets", "{}");
    Posted(out, app, "taskKillGracePeriodSeconds", "null");
  }
  VersionInfo(out, app);
}

void NewDress(JsonWriter& out, const App& app, const Profile& profile) {
  out.Field("id", app.id);
  for (const char* key : {"acceptedResourceRoles", "args", "cmd"}) {
    Posted(out, app, key, "");
  }
  Posted(out, app, "backoffFactor", "1.15");
  Posted(out, app, "backoffSeconds", "1");
  if (app.has_container || (HasMappings(app) && !app.ports.empty())) {
    WriteContainer(out, app, profile);
  }
  Posted(out, app, "constraints", "");
  Posted(out, app, "cpus", "1");
  Posted(out, app, "dependencies", "");
  Posted(out, app, "disk", "0");
  Posted(out, app, "env", "");
  Posted(out, app, "executor", "\"\"");
  Posted(out, app, "fetch", "");
  if (!app.checks.empty()) {
    Checks(out, app, profile);
  }
  out.Field("instances", app.instances).Key("labels");
  Labels(out, app.labels);
  Posted(out, app, "maxLaunchDelaySeconds", profile.Since(8) ? "300" : "3600");
  Posted(out, app, "mem", "128");
  Posted(out, app, "gpus", "0");
  NewNetworking(out, app);
  Posted(out, app, "readinessChecks", "");
  Posted(out, app, "residency", "");
  out.Field("requirePorts", app.require_ports);
  Posted(out, app, "secrets", "");
  Posted(out, app, "taskKillGracePeriodSeconds", "");
  Strategies(out, app, profile);
  Posted(out, app, "user", "");
  if (profile.Since(9)) {
    Posted(out, app, "role", "\"*\"");
  }
  VersionInfo(out, app);
}

}  // namespace

void WriteAppMembers(JsonWriter& out, const App& app, const Profile& profile) {
  if (profile.Since(5)) {
    NewDress(out, app, profile);
  } else {
    OldDress(out, app, profile);
  }
}

std::string AppDefinitionJson(const App& app, const Profile& profile) {
  JsonWriter out;
  out.BeginObject();
  WriteAppMembers(out, app, profile);
  out.EndObject();
  return out.Take();
}

void WriteCheck(JsonWriter& out, const Check& check, const Profile& profile) {
  out.BeginObject().Field("gracePeriodSeconds", check.grace_s).Field("intervalSeconds", check.interval_s);
  out.Field("timeoutSeconds", check.timeout_s).Field("maxConsecutiveFailures", check.max_failures);
  if (profile.Since(5)) {
    out.Field("delaySeconds", check.delay_s);
  }
  if (check.protocol == "COMMAND") {
    out.Key("command").BeginObject().Field("value", check.command).EndObject();
  } else {
    if (!check.protocol.ends_with("TCP")) {
      out.Field("path", check.path);
    }
    if (check.port) {
      out.Field("port", *check.port);
    } else {
      out.Field("portIndex", check.port_index.value_or(0));
    }
  }
  out.Field("protocol", check.protocol);
  if (check.protocol == "HTTP" || check.protocol == "HTTPS") {
    out.Field("ignoreHttp1xx", check.ignore_1xx);
  }
  if (profile.Since(5) && check.protocol.starts_with("MESOS_")) {
    out.Field("ipProtocol", "IPv4");
  }
  out.EndObject();
}

}  // namespace dispatcher::world
