// What other hands do to entries of ours. They find them by our mark, through the
// registry itself; an entry that goes meanwhile is let go.
#pragma once

#include "tests/e2e/frame/consul.h"
#include "tests/e2e/frame/routers.h"

namespace dispatcher::testing {

void EditConsul(Http& consul);        // every entry has another port and other tags
void DeleteInConsul(Http& consul);    // every entry is gone, and one node with all on it
void EditVulcand(Http& vulcand);      // every server has another address
void DeleteInVulcand(Http& vulcand);  // frontends, listeners, servers
void EditKong(Http& kong);            // weights of targets, hosts of services
void DeleteInKong(Http& kong);        // targets and routes

}  // namespace dispatcher::testing
