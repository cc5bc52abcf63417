#include "dispatcher/marathon/codec/definition.h"

#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

NetworkMode DecodeNetwork(const JsonFields& app, const JsonFields& docker, bool has_mappings) {
  // 1.5+: several networks are possible in container mode only.
  if (const JsonView networks = app["networks"]; networks.size() > 0) {
    const auto mode = networks.At(0)["mode"].String().value_or("container");
    return mode == "host"               ? NetworkMode::kHost
           : mode == "container/bridge" ? NetworkMode::kBridge
                                        : NetworkMode::kContainer;
  }
  const std::string docker_network = docker.Text("network");
  if (EqualsIgnoreCase(docker_network, "HOST")) {
    return NetworkMode::kHost;
  }
  if (EqualsIgnoreCase(docker_network, "USER") || app.Has("ipAddress")) {
    return NetworkMode::kContainer;
  }
  return has_mappings || EqualsIgnoreCase(docker_network, "BRIDGE") ? NetworkMode::kBridge
                                                                    : NetworkMode::kHost;
}

// Of ports or checks; else the error is noted.
bool SoundCount(const JsonFields& holder, std::string_view key) {
  const bool sound = holder[key].size() <= kMaxPorts;
  if (!sound) {
    holder.Fail(key, "are more than " + std::to_string(kMaxPorts));
  }
  return sound;
}

std::string Protocol(const JsonFields& port) {
  std::string protocol = port.Text("protocol");
  return protocol.empty() ? "tcp" : protocol;
}

// The fields that definitions, mappings and discovery ports have in common.
PortSpec NamedPort(const JsonFields& port) {
  PortSpec spec;
  spec.name = port.Text("name");
  spec.protocol = Protocol(port);
  spec.labels = port.Labels("labels");
  return spec;
}

std::vector<PortSpec> MappedPorts(const JsonFields& holder, NetworkMode network,
                                  const std::vector<int>& service_ports) {
  std::vector<PortSpec> ports;
  if (!SoundCount(holder, "portMappings")) {
    return ports;
  }
  holder.Each("portMappings", [&](const JsonFields& mapping) {
    PortSpec spec = NamedPort(mapping);
    spec.container_port = mapping.Port("containerPort");
    spec.host_port = mapping.MaybeInt("hostPort");
    if (!spec.host_port && network == NetworkMode::kBridge) {
      spec.host_port = 0;
    }
    spec.service_port = mapping.Port("servicePort");
    if (spec.service_port == 0 && ports.size() < service_ports.size()) {
      spec.service_port = service_ports[ports.size()];
    }
    ports.push_back(std::move(spec));
  });
  return ports;
}

std::vector<PortSpec> DiscoveryPorts(const JsonFields& app) {
  std::vector<PortSpec> ports;
  const JsonFields address = app.Child("ipAddress");
  const JsonFields discovery = address.Child("discovery");
  if (!SoundCount(discovery, "ports")) {
    return ports;
  }
  discovery.Each("ports", [&](const JsonFields& port) {
    PortSpec spec = NamedPort(port);
    spec.container_port = port.Port("number");
    ports.push_back(std::move(spec));
  });
  return ports;
}

std::vector<PortSpec> DeclaredPorts(const JsonFields& app, bool require_ports,
                                    const std::vector<int>& service_ports) {
  std::vector<PortSpec> ports;
  const auto add = [&](PortSpec spec, int port) {
    spec.service_port = port;
    spec.host_port = require_ports ? port : 0;
    ports.push_back(std::move(spec));
  };
  if (!SoundCount(app, "portDefinitions")) {
    return ports;
  }
  if (app.Has("portDefinitions")) {
    app.Each("portDefinitions", [&](const JsonFields& port) { add(NamedPort(port), port.Port("port")); });
  } else {
    for (const int port : service_ports) {
      add({}, port);
    }
  }
  return ports;
}

CheckProtocol ProtocolOf(std::string_view word) {
  constexpr std::pair<std::string_view, CheckProtocol> kWords[] = {
      {"HTTP", CheckProtocol::kHttp},
      {"HTTPS", CheckProtocol::kHttps},
      {"TCP", CheckProtocol::kTcp},
      {"COMMAND", CheckProtocol::kCommand},
      {"MESOS_HTTP", CheckProtocol::kMesosHttp},
      {"MESOS_HTTPS", CheckProtocol::kMesosHttps},
      {"MESOS_TCP", CheckProtocol::kMesosTcp},
      {"", CheckProtocol::kHttp},  // Marathon's default
  };
  for (const auto& [name, protocol] : kWords) {
    if (EqualsIgnoreCase(name, word)) {
      return protocol;
    }
  }
  return CheckProtocol::kOther;
}

bool IsHttp(CheckProtocol protocol) {
  return protocol == CheckProtocol::kHttp || protocol == CheckProtocol::kHttps ||
         protocol == CheckProtocol::kMesosHttp || protocol == CheckProtocol::kMesosHttps;
}

CheckSpec DecodeCheck(const JsonFields& check) {
  CheckSpec spec;
  spec.protocol = ProtocolOf(check.Text("protocol"));
  spec.path = check.Text("path");
  if (spec.path.empty() && IsHttp(spec.protocol)) {
    spec.path = "/";
  }
  spec.port_index = check.MaybeInt("portIndex");
  spec.port = check.MaybeInt("port");
  spec.command = check.Child("command").Text("value");
  spec.grace_seconds = check.Int("gracePeriodSeconds", spec.grace_seconds);
  spec.interval_seconds = check.Int("intervalSeconds", spec.interval_seconds);
  spec.timeout_seconds = check.Int("timeoutSeconds", spec.timeout_seconds);
  spec.max_failures = check.Int("maxConsecutiveFailures", spec.max_failures);
  return spec;
}

void DecodePorts(const JsonFields& app, Definition& definition) {
  const JsonFields container = app.Child("container");
  const JsonFields docker = container.Child("docker");
  const bool new_mappings = container["portMappings"].size() > 0;
  const bool mappings = new_mappings || docker["portMappings"].size() > 0;
  definition.network = DecodeNetwork(app, docker, mappings);
  definition.has_mappings = mappings && definition.network != NetworkMode::kHost;
  definition.ip_per_task = app.Has("ipAddress") && !definition.has_mappings;
  definition.require_ports = app.Bool("requirePorts", false);

  const std::vector<int> service_ports = SoundCount(app, "ports") ? app.Ports("ports") : std::vector<int>();
  if (definition.has_mappings) {
    definition.ports = MappedPorts(new_mappings ? container : docker, definition.network, service_ports);
  } else if (definition.ip_per_task) {
    definition.ports = DiscoveryPorts(app);
  } else {
    definition.ports = DeclaredPorts(app, definition.require_ports, service_ports);
  }
}

}  // namespace

Definition DecodeDefinition(const JsonFields& app) {
  Definition definition;
  definition.id = NormalAppId(app.Need("id"));
  definition.version = app.Text("version");
  definition.version_at = app.Stamp("version");
  definition.config_changed_at = app.Child("versionInfo").Stamp("lastConfigChangeAt");
  if (definition.config_changed_at == 0) {
    definition.config_changed_at = definition.version_at;
  }
  definition.instances = app.Int("instances", 1);
  DecodePorts(app, definition);
  if (SoundCount(app, "healthChecks")) {
    app.Each("healthChecks",
             [&](const JsonFields& check) { definition.checks.push_back(DecodeCheck(check)); });
  }
  definition.has_readiness_checks = app["readinessChecks"].size() > 0;
  definition.labels = app.Labels("labels");
  definition.env = app.Variables("env");
  return definition;
}

}  // namespace dispatcher
