// What a service is in Vulcand: one backend, a frontend for each host and path, a
// listener where that is asked for, and a server for each instance.
#pragma once

#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/publish.h"

namespace dispatcher {

struct VulcandRules {
  std::string owner;
  std::string adapter;  // its name in the configuration
  Expose expose = Expose::kLabelled;
  bool listeners = false;
  std::string listener_address;
};

// Refuses in words: no host, a path or host that is no part of a route, strip-path
// with paths, no service port for a listener.
Rendered RenderService(const VulcandRules& rules, const Service& service);
std::vector<Entry> RenderInstance(const VulcandRules& rules, const Service& service,
                                  const Instance& instance);

}  // namespace dispatcher
