// publish: router. A name stands for the internal router, which listens for each
// service at that service's port: one entry a service, whatever its instances do.
#pragma once

#include <string_view>

#include "adapters/consul/consul.h"
#include "adapters/consul/registration.h"

namespace dispatcher {

// Adapter::Render of a service: an entry of structure for each of its names, with
// id.id the service id and lane and node still to be put before it. Only what a
// router can carry is published. "<owner>:<app, "/" as "_">:<port index>~": no task's
// id begins with "_", and no task's is that of a static service.
Rendered RenderRouted(const Service& service, const ConsulOptions& options, Expose expose,
                      std::string_view framework);

}  // namespace dispatcher
