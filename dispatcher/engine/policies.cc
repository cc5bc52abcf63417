#include "dispatcher/engine/policies.h"

#include <array>
#include <utility>

#include "dispatcher/base/strings.h"
#include "dispatcher/config/values.h"
#include "dispatcher/net/http.h"

namespace dispatcher {
namespace {

constexpr std::array<std::pair<std::string_view, RouteWhen>, 4> kRouteWhen = {{
    {"running", RouteWhen::kRunning},
    {"healthy", RouteWhen::kHealthy},
    {"ready", RouteWhen::kReady},
    {"deployed", RouteWhen::kDeployed},
}};

absl::StatusOr<RouteWhen> RouteWhenOf(std::string_view word) {
  for (const auto& [name, value] : kRouteWhen) {
    if (name == word) {
      return value;
    }
  }
  return Error(absl::StatusCode::kInvalidArgument, "services.route_when: '", word,
               "' is none of running, healthy, ready, deployed");
}

}  // namespace

absl::StatusOr<CatalogPolicy> CatalogPolicyOf(const Settings& settings) {
  CatalogPolicy policy;
  policy.domain = settings.services.domain;
  ASSIGN_OR_RETURN(policy.route_when, RouteWhenOf(settings.services.route_when));
  if (settings.services.unreachable == "keep") {
    policy.unreachable_for = std::nullopt;
  } else if (settings.services.unreachable != "drop") {
    absl::StatusOr<Duration> length = ParseDuration(settings.services.unreachable);
    if (!length.ok()) {
      return Annotate(length.status(), "services.unreachable: neither drop, keep nor a duration");
    }
    policy.unreachable_for = *length;
  }
  policy.drain = settings.services.drain;
  policy.address_is_host_name = settings.services.address == "host";
  policy.group_adapters = settings.services.haproxy_groups;
  for (const AdapterSettings& adapter : settings.adapters) {
    policy.adapters.push_back(adapter.name);
    for (const std::string& url : {adapter.url, adapter.etcd_url}) {
      const absl::StatusOr<Url> api = Url::Parse(url);
      if (TypeOf(adapter) == "vulcand" && api.ok()) {
        policy.reserved_ports.push_back(api->port);
      }
    }
  }
  return policy;
}

ReconcilePolicy ReconcilePolicyOf(const Settings& settings, const AdapterSettings& adapter) {
  ReconcilePolicy policy;
  policy.adapter = adapter.name;
  policy.max_writes_per_second = adapter.max_writes_per_second;
  policy.brake = {settings.brake.max_removal_percent, settings.brake.min_instances, settings.brake.window,
                  settings.brake.confirm_after};
  policy.panic_threshold = settings.services.panic_threshold;
  return policy;
}

ReadPolicy ReadPolicyOf(const Settings& settings) {
  ReadPolicy policy;
  policy.resync_interval = settings.marathon.resync_interval;
  return policy;
}

std::vector<StaticSpec> StaticSpecsOf(const Settings& settings) {
  std::vector<StaticSpec> specs;
  for (const auto& [name, service] : settings.static_services) {
    StaticSpec spec;
    spec.name = name;
    spec.kind = service.kind == "marathon-leader" ? StaticKind::kMarathonLeader
                : service.kind == "mesos-leader"  ? StaticKind::kMesosLeader
                                                  : StaticKind::kTargets;
    spec.targets = service.targets;
    spec.hosts = service.hosts;
    if (spec.hosts.empty()) {
      spec.hosts = {name + "." + settings.services.domain};
    }
    spec.paths = service.paths;
    spec.strip_path = service.strip_path;
    spec.service_port = service.service_port;
    for (const std::string_view adapter : Split(service.adapters, ',')) {
      if (!Trim(adapter).empty()) {
        spec.adapters.emplace_back(Trim(adapter));
      }
    }
    spec.health_path = service.health_path;
    spec.interval = service.interval;
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace dispatcher
