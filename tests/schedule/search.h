// All schedules of a small world, within limits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/schedule/schedule.h"

namespace dispatcher::schedule {

// How often what need not happen may happen in one schedule. Without limit: any
// order of the events of different emitters, any moment at which a wanted read goes
// out, is answered, and of what moment the answer is.
struct Limits {
  int cuts = 0;        // the stream is cut and attached again; what was on its way is lost
  int fails = 0;       // a read breaks off
  int foreign = 0;     // a snapshot by a node that is not the leader, of an earlier moment
  int passes = 0;      // time passes until a read that was put off is due
  size_t at_once = 1;  // reads under way
};

struct Found {
  uint64_t states = 0;  // that differ in anything that can matter later
  uint64_t steps = 0;   // from one to another, or to one known already
  uint64_t ends = 0;    // states after which nothing more happens
  std::string wrong;    // "" or the first rule broken
  Schedule schedule;    // that broke it
  bool heard = false;   // ... without having lost an event
};

// Every state is judged by the oracle, and must come to what one complete read says.
// Ends at the first that does not. `most` states at most; more are an error.
inline constexpr uint64_t kMostStates = 200'000;
Found Search(const std::shared_ptr<const Tale>& tale, const Limits& limits, uint64_t most);

}  // namespace dispatcher::schedule
