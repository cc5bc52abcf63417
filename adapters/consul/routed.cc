#include "adapters/consul/routed.h"

#include <algorithm>
#include <utility>

namespace dispatcher {

Rendered RenderRouted(const Service& service, const ConsulOptions& options, Expose expose,
                      std::string_view framework) {
  Rendered rendered = RenderService(service, options.name, expose);
  const Profile* const profile = service.profile.get();
  if (!rendered.published || profile == nullptr) {
    return rendered;
  }
  if (Rendered routed = RoutedPublication(service, options.name, expose); !routed.published) {
    return routed;
  }
  if (profile->service_port <= 0) {
    rendered = {};
    rendered.published = false;
    rendered.refusal =
        "no service port, by which the router would listen for it: give the port a servicePort";
    return rendered;
  }
  std::string app = service.key.app;
  std::replace(app.begin(), app.end(), '/', '_');
  for (size_t i = 0; i < profile->names.size(); ++i) {
    Registration registration;
    registration.id = ServiceId(options.owner, app, service.key.port, i);
    registration.name = profile->names[i];
    registration.address = options.router_address;
    registration.port = profile->service_port;
    registration.tags = profile->tags;
    registration.owner = options.owner;
    registration.app = service.key.app;
    registration.port_index = service.key.port;
    registration.framework = framework;
    rendered.structure.push_back(EntryOf(registration));
  }
  return rendered;
}

}  // namespace dispatcher
