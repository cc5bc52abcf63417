// From a definition and what is known of a task to address:port, one per declared
// port (Marathon 1.10, core/task/state/NetworkInfo.scala, computePortAssignments).
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "dispatcher/base/shared_string.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/definition.h"

namespace dispatcher {

struct Endpoint {
  SharedString address;  // as Marathon gave it: an IP or the agent's host name
  uint16_t port = 0;
  bool on_host = false;  // a port of the agent, allocated by Mesos: no two tasks hold it at once
  bool operator==(const Endpoint&) const = default;
};

// Nearly always one, then without memory of its own.
using Endpoints = absl::InlinedVector<Endpoint, 1>;

// Facts of one task. Ports are those of the task's host in declared order; of a
// pod's task they are those of its own container's endpoints that have one.
struct Place {
  using Ports = absl::InlinedVector<int, 4>;
  using Ips = absl::InlinedVector<SharedString, 2>;
  SharedString host;
  Ports ports;
  Ips ips;
};

// One Endpoint per port of `definition`; port 0 where the task has none (a pod's
// other containers; with host networking, Marathon zips and the shorter list
// wins). `container`: which one of its pod the task is, "" if it is no pod's. Errors:
//   FailedPrecondition  something is not known yet, and what
//   InvalidArgument     the task's ports do not align with the declared ones:
//                       mappings are never zipped blindly
absl::StatusOr<Endpoints> ResolvePorts(const Definition& definition, const Place& place,
                                       std::string_view container);

// False for a pod's endpoint without host port that has no address of its own either:
// a bridge's addresses are the same on every agent, and mean nothing to another one.
bool IsReachable(const Definition& definition, const PortSpec& spec);

}  // namespace dispatcher
