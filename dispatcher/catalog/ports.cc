#include "dispatcher/catalog/ports.h"

#include <algorithm>

namespace dispatcher {
namespace {

absl::Status Waiting(std::string_view what) {
  return Error(absl::StatusCode::kFailedPrecondition, "waiting for ", what);
}

// Marathon lists a task's addresses in Mesos's order; IPv6 may come first.
SharedString OwnAddress(const Place::Ips& ips) {
  const auto v4 = std::find_if(ips.begin(), ips.end(),
                               [](std::string_view ip) { return ip.find(':') == std::string_view::npos; });
  if (v4 != ips.end()) {
    return *v4;
  }
  return ips.empty() ? SharedString() : ips.front();
}

absl::StatusOr<Endpoint> OwnEndpoint(const PortSpec& spec, const Place& place) {
  const SharedString ip = OwnAddress(place.ips);
  if (ip.empty()) {
    return Waiting("the task's own address");
  }
  if (spec.container_port <= 0 || spec.container_port > 65535) {
    return Error(absl::StatusCode::kInvalidArgument, "container port ", std::to_string(spec.container_port),
                 " can't be published");
  }
  return Endpoint{ip, static_cast<uint16_t>(spec.container_port), false};
}

absl::StatusOr<Endpoint> HostEndpoint(int port, const Place& place) {
  if (place.host.empty()) {
    return Waiting("the agent's host");
  }
  if (port < 0 || port > 65535) {
    return Error(absl::StatusCode::kInvalidArgument, "host port ", std::to_string(port), " is out of range");
  }
  return Endpoint{place.host, static_cast<uint16_t>(port), true};
}

absl::Status Misaligned(size_t declared, size_t given) {
  return Error(absl::StatusCode::kInvalidArgument, "the task has ", std::to_string(given),
               " ports, its definition ", std::to_string(declared), "; none is published until they align");
}

absl::StatusOr<Endpoints> PodPorts(const Definition& definition, const Place& place,
                                   std::string_view container) {
  Endpoints endpoints(definition.ports.size());
  const auto on_host = [container](const PortSpec& spec) {
    return spec.container == container && spec.host_port.has_value();
  };
  const auto declared =
      static_cast<size_t>(std::count_if(definition.ports.begin(), definition.ports.end(), on_host));
  if (place.ports.size() != declared) {
    return place.ports.empty() ? Waiting("ports: from status_update or a read")
                               : Misaligned(declared, place.ports.size());
  }
  size_t cursor = 0;
  for (size_t i = 0; i < endpoints.size(); ++i) {
    const PortSpec& spec = definition.ports[i];
    if (on_host(spec)) {
      ASSIGN_OR_RETURN(endpoints[i], HostEndpoint(place.ports[cursor++], place));
    } else if (spec.container == container && IsReachable(definition, spec)) {
      ASSIGN_OR_RETURN(endpoints[i], OwnEndpoint(spec, place));
    }
  }
  return endpoints;
}

}  // namespace

bool IsReachable(const Definition& definition, const PortSpec& spec) {
  return !definition.is_pod || spec.host_port.has_value() || definition.network == NetworkMode::kContainer;
}

absl::StatusOr<Endpoints> ResolvePorts(const Definition& definition, const Place& place,
                                       std::string_view container) {
  const std::vector<PortSpec>& specs = definition.ports;
  if (definition.is_pod) {
    return PodPorts(definition, place, container);
  }
  Endpoints endpoints;
  endpoints.reserve(specs.size());
  const bool mapped = definition.has_mappings && definition.network != NetworkMode::kHost;
  if (!mapped && (definition.ip_per_task || definition.network == NetworkMode::kContainer)) {
    for (const PortSpec& spec : specs) {
      ASSIGN_OR_RETURN(Endpoint endpoint, OwnEndpoint(spec, place));
      endpoints.push_back(std::move(endpoint));
    }
    return endpoints;
  }
  const size_t on_host =
      mapped ? static_cast<size_t>(std::count_if(specs.begin(), specs.end(),
                                                 [](const PortSpec& s) { return s.host_port.has_value(); }))
             : specs.size();
  if (place.ports.empty() && on_host > 0) {
    // Marathon lists no ports before a task is launched, and some versions none
    // while it is staged or being killed.
    return Waiting("ports: from status_update or a read");
  }
  if (mapped && place.ports.size() != on_host) {
    return Misaligned(on_host, place.ports.size());
  }
  size_t cursor = 0;
  for (const PortSpec& spec : specs) {
    if (mapped && !spec.host_port.has_value()) {
      ASSIGN_OR_RETURN(Endpoint endpoint, OwnEndpoint(spec, place));
      endpoints.push_back(std::move(endpoint));
    } else if (cursor < place.ports.size()) {
      ASSIGN_OR_RETURN(Endpoint endpoint, HostEndpoint(place.ports[cursor++], place));
      endpoints.push_back(std::move(endpoint));
    } else {
      endpoints.emplace_back();
    }
  }
  return endpoints;
}

}  // namespace dispatcher
