// Which Marathon the world plays: a version and what differs with it.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/base/status.h"

namespace dispatcher::world {

// A value. The sources of each difference stand beside the code that asks for it.
struct Profile {
  std::string name;     // "1.1", "1.3", "1.4", "1.6", "1.8" or "1.10"
  std::string version;  // what /v2/info says, such as "1.8.180"
  int minor = 8;

  bool Since(int m) const { return minor >= m; }
  // 1.4 brought instances: their events, their ids beside the tasks'.
  bool instances() const { return Since(4); }
  // Health of an instance summed over its checks (1.5.8, 1.6.486 and later).
  bool summed_health() const { return Since(8); }
  // --event_stream_max_outstanding_messages' default.
  int stream_buffer() const { return Since(5) ? 1024 : 50; }
  // 1.8 closes a stream whose buffer is full; before, events were dropped in silence.
  bool overflow_closes() const { return Since(8); }
  // event_type= is honoured since 1.3.7, plan-format=light since 1.5.9 and 1.6.322.
  bool filters_events() const { return Since(3); }
  bool light_plans_on_request() const { return Since(6); }
  bool heavy_plans() const { return minor < 8; }
  // A standby answers /v2/events with a redirect (1.7.50 and later), else it proxies.
  bool redirects_events() const { return Since(8); }

  // InvalidArgument names the profiles there are.
  static absl::StatusOr<Profile> Parse(std::string_view name);
};

}  // namespace dispatcher::world
