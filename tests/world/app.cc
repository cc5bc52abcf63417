#include "tests/world/app.h"

#include <algorithm>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher::world {
namespace {

// Members of one object, read with complaints about those of a wrong type.
class Members {
 public:
  Members(JsonView object, std::string path, std::vector<Complaint>& complaints)
      : object_(object), path_(std::move(path)), complaints_(complaints) {
    if (object.exists() && !object.IsNull() && !object.IsObject()) {
      Complain("", "error.expected.jsobject");
    }
  }

  void Complain(std::string_view key, std::string error) const {
    complaints_.push_back({key.empty() ? path_ : path_ + "/" + std::string(key), std::move(error)});
  }
  std::string Path(std::string_view key) const { return path_ + "/" + std::string(key); }
  JsonView operator[](std::string_view key) const { return object_[key]; }

  std::string Text(std::string_view key, std::string_view fallback = "") const {
    const JsonView v = object_[key];
    if (v.IsNull()) {
      return std::string(fallback);
    }
    if (!v.String()) {
      Complain(key, "error.expected.jsstring");
      return std::string(fallback);
    }
    return std::string(*v.String());
  }
  std::optional<int> MaybeInt(std::string_view key, int low, int high) const {
    const JsonView v = object_[key];
    if (v.IsNull()) {
      return std::nullopt;
    }
    if (!v.Int()) {
      Complain(key, "error.expected.jsnumber");
      return std::nullopt;
    }
    if (*v.Int() < low || *v.Int() > high) {
      Complain(key, "must be between " + std::to_string(low) + " and " + std::to_string(high));
      return std::nullopt;
    }
    return static_cast<int>(*v.Int());
  }
  int Int(std::string_view key, int fallback, int low = 0, int high = 1'000'000'000) const {
    return MaybeInt(key, low, high).value_or(fallback);
  }
  double Number(std::string_view key, double fallback, double low = 0, double high = 1e12) const {
    const JsonView v = object_[key];
    if (v.IsNull()) {
      return fallback;
    }
    if (!v.Double() && !v.Int()) {
      Complain(key, "error.expected.jsnumber");
      return fallback;
    }
    const double number = v.Double() ? *v.Double() : static_cast<double>(*v.Int());
    if (number < low || number > high) {
      Complain(key, "must be greater than or equal to " + std::to_string(low));
      return fallback;
    }
    return number;
  }
  bool Flag(std::string_view key) const {
    const JsonView v = object_[key];
    if (!v.IsNull() && !v.Bool()) {
      Complain(key, "error.expected.jsboolean");
    }
    return v.BoolOr(false);
  }
  // Visits the elements of an array member with their own Members.
  void Each(std::string_view key, absl::FunctionRef<void(const Members&)> visit) const {
    const JsonView list = object_[key];
    if (list.IsNull()) {
      return;
    }
    if (!list.IsArray()) {
      Complain(key, "error.expected.jsarray");
      return;
    }
    for (size_t i = 0; i < list.size(); ++i) {
      visit(Members(list.At(i), Path(key) + "(" + std::to_string(i) + ")", complaints_));
    }
  }
  std::map<std::string, std::string> Texts(std::string_view key) const {
    std::map<std::string, std::string> texts;
    const JsonView object = object_[key];
    if (!object.IsNull() && !object.IsObject()) {
      Complain(key, "error.expected.jsobject");
    }
    object.ForEachMember([&](std::string_view name, JsonView value) {
      if (value.String()) {
        texts.emplace(name, *value.String());
      } else if (!value.IsObject()) {  // {"secret": ...} in env is fine and has no text
        Complain(std::string(key) + "/" + std::string(name), "error.expected.jsstring");
      }
    });
    return texts;
  }
  Members In(std::string_view key) const { return Members(object_[key], Path(key), complaints_); }

 private:
  JsonView object_;
  std::string path_;
  std::vector<Complaint>& complaints_;
};

void CheckProtocol(const Members& m, const std::string& protocol) {
  if (protocol != "tcp" && protocol != "udp" && protocol != "udp,tcp" && protocol != "tcp,udp") {
    m.Complain("protocol", "protocol must be one of: tcp, udp, udp,tcp");
  }
}

void ReadMappings(const Members& owner, App& app) {
  owner.Each("portMappings", [&](const Members& m) {
    Port port;
    port.container_port = m.Int("containerPort", 0, 0, 65535);
    port.host_port = m.MaybeInt("hostPort", 0, 65535);
    port.service_port = m.Int("servicePort", 0, 0, 65535);
    port.protocol = m.Text("protocol", "tcp");
    CheckProtocol(m, port.protocol);
    port.name = m.Text("name");
    port.labels = m.Texts("labels");
    m["networkNames"].ForEach([&](JsonView name) { port.network_names.push_back(name.StringOr("")); });
    app.ports.push_back(std::move(port));
  });
}

void ReadContainer(const Members& root, App& app) {
  const Members container = root.In("container");
  app.has_container =
      container["type"].exists() || container["docker"].IsObject() || container["appc"].IsObject();
  app.container_type = container.Text("type", container["docker"].IsObject() ? "DOCKER" : "MESOS");
  if (app.container_type != "DOCKER" && app.container_type != "MESOS") {
    container.Complain("type", "container type must be DOCKER or MESOS");
  }
  const Members docker = container.In("docker");
  app.image = docker.Text("image");
  if (container["docker"].IsObject() && app.image.empty()) {
    docker.Complain("image", "must not be empty");
  }
  const std::string network = docker.Text("network");
  if (network == "BRIDGE") {
    app.network = Network::kBridge;
  } else if (network == "USER") {
    app.network = Network::kContainer;
  } else if (!network.empty() && network != "HOST" && network != "NONE") {
    docker.Complain("network", "network must be one of: HOST, BRIDGE, USER, NONE");
  }
  root.Each("networks", [&](const Members& m) {
    const std::string mode = m.Text("mode", "container");
    if (mode == "container/bridge") {
      app.network = Network::kBridge;
    } else if (mode == "container") {
      app.network = Network::kContainer;
      if (app.network_name.empty()) {
        app.network_name = m.Text("name");
      }
    } else if (mode != "host") {
      m.Complain("mode", "mode must be one of: container, container/bridge, host");
    }
  });
  if (root["ipAddress"].IsObject()) {
    const Members ip = root.In("ipAddress");
    app.network_name = ip.Text("networkName");
    if (app.network != Network::kContainer) {
      app.network = Network::kIpPerTask;
      ip.In("discovery").Each("ports", [&](const Members& m) {
        Port port;
        port.container_port = m.Int("number", 0, 0, 65535);
        port.name = m.Text("name");
        port.protocol = m.Text("protocol", "tcp");
        CheckProtocol(m, port.protocol);
        port.labels = m.Texts("labels");
        app.ports.push_back(std::move(port));
      });
      return;
    }
  }
  if (app.network == Network::kBridge || app.network == Network::kContainer) {
    ReadMappings(container, app);
    ReadMappings(docker, app);
  }
}

void ReadHostPorts(const Members& root, App& app) {
  root.Each("portDefinitions", [&](const Members& m) {
    Port port;
    port.service_port = m.Int("port", 0, 0, 65535);
    port.protocol = m.Text("protocol", "tcp");
    CheckProtocol(m, port.protocol);
    port.name = m.Text("name");
    port.labels = m.Texts("labels");
    app.ports.push_back(std::move(port));
  });
  const JsonView ports = root["ports"];
  if (root["portDefinitions"].IsNull()) {
    for (size_t i = 0; i < ports.size(); ++i) {
      const auto number = ports.At(i).Int();
      if (!number || *number < 0 || *number > 65535) {
        root.Complain("ports(" + std::to_string(i) + ")", "must be between 0 and 65535");
        continue;
      }
      app.ports.push_back({.service_port = static_cast<int>(*number)});
    }
    app.implicit_ports = ports.IsNull();
  }
  app.require_ports = root.Flag("requirePorts");
}

void FillPorts(App& app) {
  if (app.implicit_ports || (app.network == Network::kBridge && app.ports.empty())) {
    app.implicit_ports = true;
    app.ports.push_back({.name = "default"});
  }
  if (app.network == Network::kBridge) {
    for (Port& port : app.ports) {
      port.host_port = port.host_port.value_or(0);
    }
  }
}

void ReadChecks(const Members& root, App& app) {
  static const std::vector<std::string> protocols = {"HTTP",       "HTTPS",       "TCP",      "COMMAND",
                                                     "MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP"};
  root.Each("healthChecks", [&](const Members& m) {
    Check check;
    check.protocol = m.Text("protocol", "HTTP");
    if (std::find(protocols.begin(), protocols.end(), check.protocol) == protocols.end()) {
      m.Complain("protocol",
                 "protocol must be one of: HTTP, HTTPS, TCP, COMMAND, MESOS_HTTP, MESOS_HTTPS, MESOS_TCP");
    }
    check.path = m.Text("path", "/");
    check.port = m.MaybeInt("port", 1, 65535);
    check.port_index = m.MaybeInt("portIndex", 0, 65535);
    if (check.protocol == "COMMAND") {
      check.command = m.In("command").Text("value");
      if (check.command.empty()) {
        m.Complain("command", "must be defined for protocol COMMAND");
      }
    } else {
      if (!check.port && !check.port_index) {
        check.port_index = 0;
      }
      if (!check.port && *check.port_index >= static_cast<int>(app.ports.size())) {
        m.Complain("portIndex",
                   "Health check port indices must address an element of the ports array or "
                   "container port mappings.");
      }
    }
    check.grace_s = m.Int("gracePeriodSeconds", 300);
    check.interval_s = m.Int("intervalSeconds", 60);
    check.timeout_s = m.Int("timeoutSeconds", 20);
    check.max_failures = m.Int("maxConsecutiveFailures", 3);
    check.delay_s = m.Int("delaySeconds", 15);
    check.ignore_1xx = m.Flag("ignoreHttp1xx");
    app.checks.push_back(std::move(check));
  });
  root.Each("readinessChecks",
            [&](const Members& m) { app.readiness.push_back(m.Text("name", "readinessCheck")); });
}

void ReadPolicies(const Members& root, App& app) {
  app.resident = root["residency"].IsObject();
  const Members upgrade = root.In("upgradeStrategy");
  app.min_health = upgrade.Number("minimumHealthCapacity", app.resident ? 0.5 : 1.0, 0, 1);
  app.max_over = upgrade.Number("maximumOverCapacity", app.resident ? 0.0 : 1.0, 0, 1);
  const std::string selection = root.Text("killSelection", "YOUNGEST_FIRST");
  if (selection != "YOUNGEST_FIRST" && selection != "OLDEST_FIRST") {
    root.Complain("killSelection", "killSelection must be one of: YOUNGEST_FIRST, OLDEST_FIRST");
  }
  app.oldest_first = selection == "OLDEST_FIRST";
  app.backoff_s = root.Number("backoffSeconds", 1.0);
  app.backoff_factor = root.Number("backoffFactor", 1.15, 1.0);
  app.kill_grace_s = root.MaybeInt("taskKillGracePeriodSeconds", 0, 1'000'000);
  // Both 0 by default since 1.4.9 and 1.5.1; residents are never replaced.
  if (!app.resident) {
    app.inactive_after_s = app.expunge_after_s = 0;
  }
  const JsonView unreachable = root["unreachableStrategy"];
  if (unreachable.IsObject()) {
    app.inactive_after_s = root.In("unreachableStrategy").Int("inactiveAfterSeconds", 0);
    app.expunge_after_s = root.In("unreachableStrategy").Int("expungeAfterSeconds", 0);
  } else if (unreachable.String() == "disabled") {
    app.inactive_after_s = app.expunge_after_s = std::nullopt;
  } else if (!unreachable.IsNull()) {
    root.Complain("unreachableStrategy", "must be an object or \"disabled\"");
  }
}

}  // namespace

int App::CheckPort(const Check& check) const { return check.port ? -1 : check.port_index.value_or(0); }

std::string AbsoluteId(std::string_view id) {
  std::string absolute = "/";
  for (std::string_view part : Split(id, '/')) {
    if (!part.empty()) {
      absolute.append(absolute.size() > 1 ? "/" : "").append(part);
    }
  }
  return absolute;
}

bool IsLegalId(std::string_view absolute) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (absolute.size() < 2 || absolute.front() != '/') {
    return false;
  }
  for (std::string_view segment : Split(absolute.substr(1), '/')) {
    for (std::string_view part : Split(segment, '.')) {
      if (part.empty() || !alphanumeric(part.front()) || !alphanumeric(part.back())) {
        return false;
      }
      for (char c : part) {
        if (!alphanumeric(c) && c != '-') {
          return false;
        }
      }
    }
  }
  return true;
}

std::map<std::string, std::string> FieldsOf(JsonView object) {
  std::map<std::string, std::string> fields;
  object.ForEachMember([&](std::string_view key, JsonView value) {
    if (!value.IsNull()) {
      fields.emplace(key, value.Dump());
    }
  });
  return fields;
}

App ReadApp(std::map<std::string, std::string> fields, std::vector<Complaint>& complaints) {
  App app;
  JsonWriter joined;
  joined.BeginObject();
  for (const auto& [key, value] : fields) {
    joined.Key(key).Raw(value);
  }
  joined.EndObject();
  const auto document = JsonDocument::Parse(joined.text());
  if (!document.ok()) {
    complaints.push_back({"/", std::string(Message(document.status()))});
    return app;
  }
  const Members root(document->root(), "", complaints);
  app.id = AbsoluteId(root.Text("id"));
  if (!IsLegalId(app.id)) {
    root.Complain("id",
                  "must fully match regular expression '^(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*"
                  "([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])|(\\.|\\.\\.)$'");
  }
  app.cmd = root.Text("cmd");
  app.instances = root.Int("instances", 1);
  root.Number("cpus", 1);
  root.Number("mem", 128);
  root.Number("disk", 0);
  app.env = root.Texts("env");
  app.labels = root.Texts("labels");
  ReadContainer(root, app);
  if (app.network == Network::kHost) {
    ReadHostPorts(root, app);
  }
  FillPorts(app);
  ReadChecks(root, app);
  ReadPolicies(root, app);
  if (app.cmd.empty() && root["args"].size() == 0 && !app.has_container) {
    root.Complain("", "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.");
  }
  app.fields = std::move(fields);
  return app;
}

}  // namespace dispatcher::world
