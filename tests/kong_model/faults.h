// What goes wrong on purpose. Switched over POST /sim/faults on the Admin API's
// port, and by tests.
#pragma once

#include <string>

#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"

namespace dispatcher::kong_model {

struct Faults {
  int slow_ms = 0;      // each admin answer comes so late
  int fail_writes = 0;  // so many writes are answered with `status` and not done; -1: all
  int fail_reads = 0;   // so many reads are answered with `status`; -1: all
  int status = 500;
  int cut_reads = 0;                 // so many reads end in the middle of the body
  int bad_reads = 0;                 // so many reads are answered with {}
  int lose_answers = 0;              // so many writes are done and answered with 500
  int lose_writes = 0;               // so many writes are answered as done, and are not
  bool lose_half_of_writes = false;  // answered as done; which, is left to chance
  bool deny = false;                 // 403 to everything
  bool hold = false;                 // nothing is answered until let go
  int routes_late_ms = 0;            // changes of routes reach the proxy so late (3.9: up to 5,000)

  // Merges an object: absent keys are left as they are. InvalidArgument names a key
  // that is unknown; {"lose_data":true} and {"restart":true} are commands.
  absl::Status Merge(JsonView object, bool& lose_data, bool& restart);
};

}  // namespace dispatcher::kong_model
