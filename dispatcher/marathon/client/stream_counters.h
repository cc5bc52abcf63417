// How the event stream has been doing since it was started.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "dispatcher/base/clock.h"

namespace dispatcher {

struct StreamCounters {
  bool connected = false;  // a 200 with the right content type is open
  bool attached = false;   // ... and proven by an event
  std::string url;         // node asked last, without credentials
  std::string leader;      // of this stream, else of the last one
  std::optional<Mono> last_byte;
  uint64_t connects = 0;   // streams opened
  uint64_t failures = 0;   // attempts and streams that ended
  uint64_t redirects = 0;  // followed
  uint64_t bytes = 0;
  uint64_t frames = 0;                      // events; heartbeats are none
  uint64_t gaps = 0;                        // frames too large or not understood
  std::map<std::string, uint64_t> ignored;  // type -> count; at most 64 types, the rest under "other"
  std::string last_error;
};

}  // namespace dispatcher
