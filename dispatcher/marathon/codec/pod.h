// One pod out of /v2/pods/::status or /v2/pods/ID::status (Marathon 1.4+), in the
// same shape as an app.
//
// The unit that lives and dies is a container's task, so one TaskSeen per
// container that has one (`containerId` is the task id; a container that is not
// active has none and is left out: it can't serve).
//
// Definition::ports are the endpoints of all containers of the spec, in declared
// order, each with the name of its container. In a pod's TaskSeen, unlike an
// app's, `ports` has as many elements as Definition::ports and ports[i] belongs to
// endpoint i: it is 0 for endpoints of the other containers, and for those without
// a host port, which are reached at ips.front() on their container_port.
// PortSpec::container says whether an endpoint is this task's. Tasks of another
// version than the spec's have no ports at all ("not told"), since their own
// declaration is not in the answer.
// (A status_update_event of a pod's task is different: its ports are those of its
// own container's endpoints that have host ports, in a row.)
//
// PortSpec::host_port is set iff the endpoint asks for one. Health: mesos_healthy
// from the container's "healthy" condition, else from its endpoints (all of them);
// not set while Mesos has not reported any. `results` stays empty.
#pragma once

#include "dispatcher/marathon/codec/app.h"

namespace dispatcher {

// Errors as DecodeApp. has_tasks is true if `instances` was there. Checks of the
// spec become CheckSpecs with port_index of the endpoint they name.
absl::StatusOr<AppElement> DecodePod(JsonView status);
absl::StatusOr<AppElement> DecodePodText(std::string_view text);

}  // namespace dispatcher
