#include "dispatcher/marathon/codec/pod.h"

#include <algorithm>

#include "dispatcher/base/strings.h"
#include "dispatcher/marathon/codec/definition.h"
#include "dispatcher/marathon/codec/json_fields.h"
#include "dispatcher/marathon/codec/life.h"

namespace dispatcher {
namespace {

NetworkMode SpecNetwork(const JsonFields& spec) {
  const JsonView networks = spec["networks"];
  const auto mode = networks.At(0)["mode"].String().value_or(networks.size() > 0 ? "container" : "host");
  return mode == "host"               ? NetworkMode::kHost
         : mode == "container/bridge" ? NetworkMode::kBridge
                                      : NetworkMode::kContainer;
}

// "protocol": ["tcp", "udp"] -> "udp,tcp", the spelling that apps use.
std::string EndpointProtocol(const JsonFields& endpoint) {
  bool tcp = false, udp = false;
  endpoint["protocol"].ForEach([&](JsonView word) {
    tcp = tcp || word.String() == "tcp";
    udp = udp || word.String() == "udp";
  });
  return udp ? (tcp ? "udp,tcp" : "udp") : "tcp";
}

PortSpec DecodeEndpoint(const JsonFields& endpoint, const std::string& container) {
  PortSpec port;
  port.name = endpoint.Text("name");
  port.container = container;
  port.container_port = endpoint.Port("containerPort");
  port.host_port = endpoint.MaybeInt("hostPort");
  port.protocol = EndpointProtocol(endpoint);
  port.labels = endpoint.Labels("labels");
  return port;
}

std::optional<int> IndexOf(const std::vector<PortSpec>& ports, std::string_view container,
                           std::string_view name) {
  for (size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].container == container && ports[i].name == name) {
      return static_cast<int>(i);
    }
  }
  return std::nullopt;
}

CheckSpec ContainerCheck(const JsonFields& check, const std::vector<PortSpec>& ports,
                         std::string_view container) {
  CheckSpec spec;
  spec.container = container;
  const JsonFields http = check.Child("http");
  const JsonFields tcp = check.Child("tcp");
  if (check.Has("http")) {
    const bool tls = http["scheme"].String() == "HTTPS";
    spec.protocol = tls ? CheckProtocol::kMesosHttps : CheckProtocol::kMesosHttp;
    spec.path = http["path"].StringOr("/");
    spec.port_index = IndexOf(ports, container, http.Text("endpoint"));
  } else if (check.Has("tcp")) {
    spec.protocol = CheckProtocol::kMesosTcp;
    spec.port_index = IndexOf(ports, container, tcp.Text("endpoint"));
  } else {
    spec.protocol = CheckProtocol::kCommand;
    spec.command = check["exec"]["command"]["shell"].StringOr("");
  }
  spec.grace_seconds = check.Int("gracePeriodSeconds", spec.grace_seconds);
  spec.interval_seconds = check.Int("intervalSeconds", spec.interval_seconds);
  spec.timeout_seconds = check.Int("timeoutSeconds", spec.timeout_seconds);
  spec.max_failures = check.Int("maxConsecutiveFailures", spec.max_failures);
  return spec;
}

Definition DecodeSpec(const JsonFields& spec, std::string_view id) {
  Definition definition;
  definition.is_pod = true;
  definition.id = NormalAppId(id);
  definition.version = spec.Text("version");
  definition.version_at = spec.Stamp("version");
  definition.config_changed_at = definition.version_at;
  definition.instances = spec.Child("scaling").Int("instances", 1);
  definition.network = SpecNetwork(spec);
  definition.labels = spec.Labels("labels");
  definition.env = spec.Variables("environment");
  spec.Each("containers", [&](const JsonFields& container) {
    const std::string name = container.Need("name");
    if (definition.ports.size() + container["endpoints"].size() > kMaxPorts) {
      spec.Fail("containers", "have more than " + std::to_string(kMaxPorts) + " endpoints");
      return;
    }
    container.Each("endpoints", [&](const JsonFields& endpoint) {
      definition.ports.push_back(DecodeEndpoint(endpoint, name));
    });
    if (container.Has("healthCheck")) {
      definition.checks.push_back(ContainerCheck(container.Child("healthCheck"), definition.ports, name));
    }
  });
  definition.has_mappings = definition.network != NetworkMode::kHost && !definition.ports.empty();
  return definition;
}

// The version in "/v2/pods/my-pod::versions/2018-01-01T00:00:00.000Z".
std::string VersionOf(std::string_view reference) {
  constexpr std::string_view kMark = "::versions/";
  const size_t at = reference.find(kMark);
  return at == std::string_view::npos ? "" : std::string(reference.substr(at + kMark.size()));
}

std::optional<bool> DecodeHealth(const JsonFields& container) {
  std::optional<bool> healthy;
  container.Each("conditions", [&](const JsonFields& condition) {
    if (condition["name"].String() == "healthy" &&
        condition["reason"].String() != "health-unreported-by-mesos") {
      healthy = condition["value"].String() == "true";
    }
  });
  if (!healthy) {
    container.Each("endpoints", [&](const JsonFields& endpoint) {
      if (endpoint.Has("healthy")) {
        healthy = healthy.value_or(true) && endpoint.Bool("healthy", false);
      }
    });
  }
  return healthy;
}

TaskSeen DecodeContainer(const JsonFields& container) {
  TaskSeen seen;
  seen.task = container.Text("containerId");
  seen.word = container.Text("status");
  seen.life = LifeOf(seen.word);
  if (seen.life == Life::kRunning) {
    seen.started_at = container.Stamp("statusSince");
  }
  seen.mesos_healthy = DecodeHealth(container);
  return seen;
}

// Of the spec's own version: those of the endpoints that ask for one, none of them
// told before all are. Of another version: see pod.h.
std::vector<int> HostPorts(const JsonFields& container, const Definition& definition, bool of_spec) {
  const std::string name = container.Text("name");
  std::vector<int> by_endpoint(definition.ports.size());
  std::vector<int> allocated;
  container.Each("endpoints", [&](const JsonFields& endpoint) {
    const int port = endpoint.Port("allocatedHostPort");
    if (port == 0) {
      return;
    }
    allocated.push_back(port);
    if (const auto index = IndexOf(definition.ports, name, endpoint.Text("name"))) {
      by_endpoint[static_cast<size_t>(*index)] = port;
    }
  });
  if (!of_spec) {
    return allocated.size() == 1 ? allocated : std::vector<int>{};
  }
  std::vector<int> ports;
  for (size_t i = 0; i < definition.ports.size(); ++i) {
    const PortSpec& spec = definition.ports[i];
    if (spec.container != name || !spec.host_port.has_value()) {
      continue;
    }
    if (by_endpoint[i] == 0) {
      return {};
    }
    ports.push_back(by_endpoint[i]);
  }
  return ports;
}

void DecodeInstance(const JsonFields& instance, const Definition& definition, std::vector<TaskSeen>& tasks) {
  std::vector<std::string> ips;
  instance.Each("networks", [&](const JsonFields& network) {
    network["addresses"].ForEach([&](JsonView address) {
      if (const auto text = address.String()) {
        ips.emplace_back(*text);
      }
    });
  });
  const std::string host = instance.Host("agentHostname");
  const std::string reference = VersionOf(instance.Text("specReference"));
  const std::string version = reference.empty() ? std::string(definition.version) : reference;
  instance.Each("containers", [&](const JsonFields& container) {
    if (!container.Has("containerId")) {
      return;
    }
    TaskSeen seen = DecodeContainer(container);
    seen.ports =
        HostPorts(container, definition, definition.version.empty() || version == definition.version);
    seen.host = host;
    seen.ips = ips;
    seen.version = version;
    seen.version_at = ParseTimestamp(version).value_or(0);
    tasks.push_back(std::move(seen));
  });
}

}  // namespace

absl::StatusOr<AppElement> DecodePod(JsonView status) {
  absl::Status error;
  const JsonFields fields("pod", status["id"].String().value_or("without id"), status, error);
  AppElement element;
  const auto definition =
      std::make_shared<const Definition>(DecodeSpec(fields.Child("spec"), fields.Need("id")));
  element.definition = definition;
  element.has_tasks = status["instances"].IsArray();
  fields.Each("instances",
              [&](const JsonFields& instance) { DecodeInstance(instance, *definition, element.tasks); });
  RETURN_IF_ERROR(error);
  return element;
}

absl::StatusOr<AppElement> DecodePodText(std::string_view text) {
  ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::Parse(text));
  return DecodePod(document.root());
}

absl::StatusOr<std::shared_ptr<const Definition>> DecodePodSpec(JsonView spec) {
  absl::Status error;
  const JsonFields fields("pod", spec["id"].String().value_or("without id"), spec, error);
  auto definition = std::make_shared<const Definition>(DecodeSpec(fields, fields.Need("id")));
  RETURN_IF_ERROR(error);
  return definition;
}

}  // namespace dispatcher
