// Labels to publication: ours (dispatcher.*) and those that people bring along
// from allegro/marathon-consul, marathon-lb, registrator and traefik 1.7.
//
// Ours win over a peer's; a port's own labels win over `dispatcher.<i>.x`, and
// those over the app's `dispatcher.x`. A label that can't be used, or is none of ours, costs
// itself: it is left out and named in Profile::problems. One whose `dispatcher.adapters` names
// none that there is would go everywhere without it: it is refused.
#pragma once

#include <memory>
#include <vector>

#include "dispatcher/catalog/policy.h"
#include "dispatcher/model/definition.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

// One profile per declared port, in order.
std::vector<std::shared_ptr<const Profile>> MakeProfiles(const Definition& definition,
                                                         const CatalogPolicy& policy);

// `dispatcher.route-when`, or the policy's; ready and deployed are values too.
RouteWhen RouteWhenOf(const Definition& definition, const CatalogPolicy& policy);

// A DNS name, or one with a first label of "*".
bool IsHostName(std::string_view text);

}  // namespace dispatcher
