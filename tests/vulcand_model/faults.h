// What goes wrong on purpose. Switched by tests and over POST /sim/faults.
#pragma once

#include <string>

#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"

namespace dispatcher::testing {

// A count is of calls of the API yet to come; -1 never ends.
struct VulcandFaults {
  int slow_ms = 0;                   // every answer of the API takes that long
  int fail_reads = 0;                // etcd is down: 500
  int fail_writes = 0;               // etcd is down: nothing is done
  int lose_answers = 0;              // done, but answered as if etcd had not answered in time
  int lose_writes = 0;               // answered 200, and not done
  int cut_reads = 0;                 // half of the body
  int odd_reads = 0;                 // 200 with an object that is no list
  bool lose_half_of_writes = false;  // the same; which, is left to chance
  bool hold_writes = false;          // a write does not come back until this ends
  int late_ms = 0;                   // the proxy takes changes up that much later

  // Merges an object: absent keys are left as they are, {"reset":true} switches all off
  // first. InvalidArgument names a key that is unknown or of the wrong type; nothing is
  // changed then.
  absl::Status Merge(JsonView object);
};

}  // namespace dispatcher::testing
