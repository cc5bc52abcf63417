// What an operator does, or what befalls a task, an agent or a leader: the
// sequences of events that Marathon is known to send for it.
#pragma once

#include <string>
#include <vector>

#include "tests/schedule/chronicle.h"

namespace dispatcher::schedule {

// The circumstances that a sequence is played in.
struct Circumstance {
  const char* name;
  int checks;         // of the app
  bool task_killing;  // --enable_features task_killing
  bool lowest_port;   // a port that was freed is given away again at once
  int store_lag_ms;   // from deployment_info to the definition being readable
};
const std::vector<Circumstance>& Circumstances();

struct Sequence {
  const char* name;
  // With what must be there before it, up to Chronicle::Begin. `app` is the body of
  // /web: two instances, with the checks of the circumstance.
  void (*play)(Chronicle& chronicle, const std::string& app);
  bool pods = false;  // 1.4+; nothing happens before
};
const std::vector<Sequence>& Sequences();

Chronicle Play(const Sequence& sequence, const Circumstance& circumstance, const std::string& profile);

}  // namespace dispatcher::schedule
