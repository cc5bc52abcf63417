// One pod out of /v2/pods/::status or /v2/pods/ID::status (Marathon 1.4+), in the
// same shape as an app.
//
// The unit that lives and dies is a container's task, so one TaskSeen per
// container that has one (`containerId` is the task id; a container that is not
// active has none and is left out: it can't serve).
//
// Definition::ports are the endpoints of all containers of the spec, in declared
// order, each with the name of its container. In a pod's TaskSeen `ports` are those
// of its own container's endpoints that have a host port, in declared order, as in
// a status_update_event; the others are reached at ips.front() on their
// container_port. Marathon lists an endpoint with a health check last
// (raml/PodStatusConversion.scala), so they are joined by name, and a task of
// another version than the spec's tells its port only where there is just one: its
// own declaration is not in the answer.
//
// PortSpec::host_port is set iff the endpoint asks for one. Health: mesos_healthy
// from the container's "healthy" condition, else from its endpoints (all of them);
// not set while Mesos has not reported any. `results` stays empty.
#pragma once

#include "dispatcher/marathon/codec/app.h"

namespace dispatcher {

// Errors as DecodeApp. has_tasks is true if `instances` was there. Checks of the
// spec become CheckSpecs of their container, with port_index of the endpoint they
// name.
absl::StatusOr<AppElement> DecodePod(JsonView status);
absl::StatusOr<AppElement> DecodePodText(std::string_view text);

// A bare spec (/v2/pods/ID::versions/V).
absl::StatusOr<std::shared_ptr<const Definition>> DecodePodSpec(JsonView spec);

}  // namespace dispatcher
