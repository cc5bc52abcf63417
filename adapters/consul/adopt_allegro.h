// publish: instances takes over the entries that allegro/marathon-consul made: one for
// each task and name, at the agent of the task's host. As of 1.5.3 (consul/consul.go):
//   ID       "<task>_<name>_<port>"; in early versions the task id alone
//   Tags     its `consul-tag` ("marathon" unless configured), those that labels with the
//            value `tag` ask for, "marathon-task:<task id>"
//   Address  the IPv4 address of the task's host; no Meta
#pragma once

#include <vector>

#include "adapters/consul/adopt.h"

namespace dispatcher {

// `request.whose` is that `consul-tag`. Theirs goes when ours for the same task stands
// under the same name at the same address, has the same tags, and passes.
std::vector<Adoption> AdoptAllegroEntries(const ConsulSite& site, const AdoptionRequest& request,
                                          const Cancel& cancel);

}  // namespace dispatcher
