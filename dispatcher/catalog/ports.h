// From a definition and what is known of a task to address:port, one per declared
// port (Marathon 1.10, core/task/state/NetworkInfo.scala, computePortAssignments).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

// Facts of one task. Ports are those of the task's host in declared order; of a
// pod's task they are those of its own container's endpoints that have one.
struct Place {
  SharedString host;
  std::vector<int> ports;
  std::vector<SharedString> ips;
  SharedString container;  // pods: which container of the pod this task is
};

// One Endpoint per port of `definition`; port 0 where the task has none (a pod's
// other containers; with host networking, Marathon zips and the shorter list
// wins). Errors:
//   FailedPrecondition  something is not known yet, and what
//   InvalidArgument     the task's ports do not align with the declared ones:
//                       mappings are never zipped blindly
absl::StatusOr<std::vector<Endpoint>> ResolvePorts(const Definition& definition, const Place& place);

// False for a pod's endpoint without host port that has no address of its own either:
// a bridge's addresses are the same on every agent, and mean nothing to another one.
bool IsReachable(const Definition& definition, const PortSpec& spec);

}  // namespace dispatcher
