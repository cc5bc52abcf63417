// What goes wrong on purpose. Switched over POST /sim/faults and by tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dispatcher/base/json.h"

namespace dispatcher::sim {

struct Faults {
  // On the event stream.
  int drop_percent = 0;
  int double_percent = 0;
  int delay_ms = 0;           // each event waits 0..n ms; order within an emitter is kept
  int reorder = 0;            // window in which emitters are shuffled
  bool split_writes = false;  // 1 to 7 bytes a write
  int cut_after_events = 0;   // close in the middle of that event's frame; once per stream
  bool stall = false;         // nothing is sent, no heartbeats either
  std::vector<std::string> drop_types;
  bool overflow = false;       // as if the buffer overflowed at the next event
  bool stream_refuse = false;  // 200, then the end
  // On GET /v2/apps... and /v2/pods/...
  int read_status = 0;
  bool read_empty = false;
  bool read_half = false;
  int read_stale_ms = 0;
  int read_delay_ms = 0;
  bool missing_health = false;
  uint64_t seed = 1;

  // Merges an object: absent and null keys are left as they are, {"reset":true}
  // switches all off first. InvalidArgument names a key that is unknown or of the
  // wrong type; nothing is changed then.
  absl::Status Merge(JsonView object);
  std::string Json() const;
};

}  // namespace dispatcher::sim
