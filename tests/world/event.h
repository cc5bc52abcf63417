// What Marathon says on its stream.
#pragma once

#include <cstdint>
#include <string>

#include "dispatcher/base/clock.h"

namespace dispatcher::world {

struct Event {
  uint64_t id = 0;  // 1, 2, 3 ... in the order of publishing
  // Who speaks. Marathon keeps the order of events within one emitter and none
  // between two (docs/event-bus.md, "Event ordering guarantees"): a test may
  // interleave emitters as it likes. One of
  //   instance:<instance id>   status_update, instance_changed, stray terminations
  //   health:<instance id>     health_status_changed, failed_health_check, instance_health_changed, kills
  //   deployment:<plan id>     deployment_*; from 1.6 on app_terminated too
  //   app:<app id>             app_terminated up to 1.5
  //   checks                   add_ and remove_health_check_event
  //   groups, api, scheduler, stream
  std::string emitter;
  uint64_t seq = 0;  // 1, 2, 3 ... within the emitter
  WallMs at = 0;
  std::string type;        // "status_update_event"
  std::string app;         // whom it is about; "" if nobody or several
  std::string json;        // the data, as the profile sends it by default
  std::string light_json;  // with plan-format=light; "" if no different
};

}  // namespace dispatcher::world
