#include "tests/world/pod.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dispatcher/base/strings.h"
#include "tests/world/emit.h"

namespace dispatcher::world {
namespace {

Network NetworkOf(JsonView spec) {
  const std::string mode(
      spec["networks"].At(0)["mode"].StringOr(spec["networks"].size() > 0 ? "container" : "host"));
  return mode == "host"               ? Network::kHost
         : mode == "container/bridge" ? Network::kBridge
                                      : Network::kContainer;
}

void ReadEndpoint(JsonView endpoint, const std::string& container, App& pod,
                  std::vector<Complaint>& complaints) {
  Port port;
  port.name = endpoint["name"].StringOr("");
  port.container = container;
  port.container_port = static_cast<int>(endpoint["containerPort"].Int().value_or(0));
  if (const auto host_port = endpoint["hostPort"].Int()) {
    port.host_port = static_cast<int>(*host_port);
  }
  port.protocol = endpoint["protocol"].At(0).StringOr("tcp");
  const bool host = pod.network == Network::kHost;
  if (host ? !port.host_port : port.container_port == 0) {
    complaints.push_back(
        {"/containers/endpoints", host ? "hostPort is required for endpoints in host networking"
                                       : "containerPort is required for endpoints"});
  }
  pod.ports.push_back(std::move(port));
}

void ReadCheck(JsonView health, const std::string& container, App& pod) {
  Check check;
  check.container = container;
  const JsonView http = health["http"], tcp = health["tcp"];
  check.protocol = http.exists() ? "MESOS_HTTP" : tcp.exists() ? "MESOS_TCP" : "COMMAND";
  check.path = http["path"].StringOr("/");
  check.command = health["exec"]["command"]["shell"].StringOr("");
  const std::string endpoint(http["endpoint"].StringOr(tcp["endpoint"].StringOr("")));
  for (size_t i = 0; i < pod.ports.size(); ++i) {
    if (pod.ports[i].container == container && pod.ports[i].name == endpoint) {
      check.port_index = static_cast<int>(i);
    }
  }
  check.grace_s = static_cast<int>(health["gracePeriodSeconds"].Int().value_or(check.grace_s));
  check.interval_s = static_cast<int>(health["intervalSeconds"].Int().value_or(check.interval_s));
  check.max_failures = static_cast<int>(health["maxConsecutiveFailures"].Int().value_or(check.max_failures));
  pod.checks.push_back(std::move(check));
}

// What Mesos reported of a check; failures in the grace period it keeps to itself.
std::optional<bool> Reported(const CheckState& state) {
  return state.first_success != 0 || state.failures > 0 ? std::optional(state.alive) : std::nullopt;
}

std::optional<bool> ReportedOf(const Task& instance, const std::string& container) {
  for (size_t i = 0; i < instance.checks.size(); ++i) {
    if (instance.app->checks[i].container == container) {
      return Reported(instance.checks[i]);
    }
  }
  return std::nullopt;
}

// Those with a host port first, and the one that is checked last
// (raml/PodStatusConversion.scala, endpointStatuses).
void WriteEndpoints(JsonWriter& out, const Task& instance, const Container& container, const Check* check) {
  struct Shown {
    size_t index;
    int host_port;  // 0: none
  };
  std::vector<Shown> with, without, checked;
  size_t cursor = 0;
  const std::vector<Port>& ports = instance.app->ports;
  for (size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].container == container.name) {
      const int port = ports[i].host_port ? container.host_ports[cursor++] : 0;
      const bool last = check != nullptr && check->port_index == static_cast<int>(i);
      (last ? checked : port != 0 ? with : without).push_back({i, port});
    }
  }
  out.Key("endpoints").BeginArray();
  for (const auto* list : {&with, &without, &checked}) {
    for (const Shown& shown : *list) {
      out.BeginObject().Field("name", ports[shown.index].name);
      if (shown.host_port != 0) {
        out.Field("allocatedHostPort", shown.host_port);
      }
      if (const auto healthy = ReportedOf(instance, container.name); list == &checked && healthy) {
        out.Field("healthy", *healthy);
      }
      out.EndObject();
    }
  }
  out.EndArray();
}

void WriteContainer(JsonWriter& out, const State& s, const Task& instance, const Container& container) {
  const std::string since = FormatTimestamp(instance.started != 0 ? instance.started : instance.staged);
  const auto& checks = instance.app->checks;
  const auto check = std::find_if(checks.begin(), checks.end(),
                                  [&](const Check& c) { return c.container == container.name; });
  out.BeginObject().Field("name", container.name).Field("status", StateName(instance, s.profile));
  out.Field("statusSince", since).Field("containerId", container.task).Key("conditions").BeginArray();
  if (check != checks.end() && instance.condition >= Condition::kRunning) {
    const std::optional<bool> healthy = ReportedOf(instance, container.name);
    out.BeginObject().Field("name", "healthy").Field("value", healthy.value_or(false) ? "true" : "false");
    out.Field("reason", healthy ? "health-reported-by-mesos" : "health-unreported-by-mesos");
    out.Field("lastChanged", since).Field("lastUpdated", since).EndObject();
  }
  out.EndArray();
  WriteEndpoints(out, instance, container, check == checks.end() ? nullptr : &*check);
  out.Field("lastUpdated", since).Field("lastChanged", since).EndObject();
}

void WriteInstance(JsonWriter& out, const State& s, const Task& instance) {
  out.BeginObject().Field("id", instance.instance);
  out.Field("status", instance.condition < Condition::kStarting   ? "PENDING"
                      : instance.condition < Condition::kRunning  ? "STAGING"
                      : instance.condition == Condition::kRunning ? "STABLE"
                                                                  : "DEGRADED");
  if (instance.agent >= 0) {
    const Agent& agent = s.agents[static_cast<size_t>(instance.agent)];
    out.Field("agentHostname", agent.name).Field("agentId", agent.id);
  }
  out.Key("networks").BeginArray();
  if (instance.started != 0) {
    out.BeginObject().Key("addresses").BeginArray();
    for (const std::string& ip : ToldAddresses(s, instance)) {
      out.String(ip);
    }
    out.EndArray().EndObject();
  }
  out.EndArray().Key("containers").BeginArray();
  if (instance.agent >= 0) {
    for (const Container& container : ContainersOf(instance, s.profile)) {
      WriteContainer(out, s, instance, container);
    }
  }
  out.EndArray();
  out.Field("specReference", "/v2/pods" + instance.app_id + "::versions/" + instance.app->version)
      .EndObject();
}

}  // namespace

App ReadPod(std::map<std::string, std::string> fields, std::vector<Complaint>& complaints) {
  App pod;
  pod.is_pod = true;
  JsonWriter joined;
  joined.BeginObject();
  for (const auto& [key, value] : fields) {
    joined.Key(key).Raw(value);
  }
  joined.EndObject();
  const auto document = JsonDocument::Parse(joined.text());
  if (!document.ok()) {
    complaints.push_back({"/", std::string(Message(document.status()))});
    return pod;
  }
  const JsonView spec = document->root();
  pod.id = AbsoluteId(spec["id"].StringOr(""));
  if (!IsLegalId(pod.id)) {
    complaints.push_back({"/id", "must be a legal path"});
  }
  pod.instances = static_cast<int>(spec["scaling"]["instances"].Int().value_or(1));
  pod.network = NetworkOf(spec);
  const JsonView upgrade = spec["scheduling"]["upgrade"];
  pod.min_health = upgrade["minimumHealthCapacity"].Double().value_or(1.0);
  pod.max_over = upgrade["maximumOverCapacity"].Double().value_or(1.0);
  spec["containers"].ForEach([&](JsonView container) {
    const std::string name(container["name"].StringOr(""));
    if (name.empty()) {
      complaints.push_back({"/containers/name", "error.path.missing"});
    }
    pod.containers.push_back(name);
    container["endpoints"].ForEach([&](JsonView endpoint) { ReadEndpoint(endpoint, name, pod, complaints); });
    if (container["healthCheck"].IsObject()) {
      ReadCheck(container["healthCheck"], name, pod);
    }
  });
  if (pod.containers.empty()) {
    complaints.push_back({"/containers", "must not be empty"});
  }
  pod.fields = std::move(fields);
  return pod;
}

std::vector<Container> ContainersOf(const Task& instance, const Profile& profile) {
  std::vector<Container> containers;
  for (const std::string& name : instance.app->containers) {
    Container container{name, instance.instance + "." + name, {}};
    if (profile.Since(8)) {
      container.task += "." + std::to_string(instance.incarnation);
    }
    size_t cursor = 0;
    for (const Port& port : instance.app->ports) {
      if (port.host_port && cursor < instance.host_ports.size()) {
        if (port.container == name) {
          container.host_ports.push_back(instance.host_ports[cursor]);
        }
        ++cursor;
      }
    }
    containers.push_back(std::move(container));
  }
  return containers;
}

void WritePodSpec(JsonWriter& out, const App& pod) {
  out.BeginObject();
  for (const auto& [key, value] : pod.fields) {
    out.Key(key).Raw(value);
  }
  out.Field("version", pod.version).EndObject();
}

void WritePodStatus(JsonWriter& out, const State& s, const App& pod) {
  const AppEntry& entry = s.apps.find(pod.id)->second;
  const auto running = std::count_if(entry.tasks.begin(), entry.tasks.end(), [&](const std::string& id) {
    return s.tasks.at(id).condition == Condition::kRunning;
  });
  out.BeginObject().Field("id", pod.id).Key("spec");
  WritePodSpec(out, pod);
  out.Field("status", running >= pod.instances ? "STABLE" : "DEGRADED").Field("statusSince", pod.version);
  out.Key("instances").BeginArray();
  for (const std::string& id : entry.tasks) {
    WriteInstance(out, s, s.tasks.at(id));
  }
  out.EndArray().Field("lastUpdated", pod.version).Field("lastChanged", pod.version).EndObject();
}

void TellPodHealth(State& s, Task& instance, const Check& check) {
  EmitContainerUpdate(s, instance, check.container, "TASK_RUNNING");
  // core/instance/Instance.scala, computeHealth: what has not reported does not count.
  std::optional<bool> sum;
  for (const CheckState& state : instance.checks) {
    if (const std::optional<bool> healthy = Reported(state)) {
      sum = sum.value_or(true) && *healthy;
    }
  }
  if (sum != instance.told_healthy) {
    instance.told_healthy = sum;
    EmitInstanceHealth(s, instance, sum, /*by_status=*/true);
  }
}

}  // namespace dispatcher::world
