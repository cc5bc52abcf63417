// What befalls one dispatcher of several: each a beginning and an end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/e2e/reign/contender.h"

namespace dispatcher::testing {

// Consul's least; a session ends between one and two of it after its last renewal.
constexpr std::chrono::seconds kReignTtl(10);

struct Strike {
  std::string name;
  std::chrono::milliseconds shortest, longest;
  // A leader that it befell is followed by itself, once it is over, or by another so long
  // after its beginning.
  std::chrono::milliseconds led_within;
  bool leads_on = false;  // a leader goes on to lead meanwhile
  std::function<void(Contender&)> begin;
  std::function<void(Contender&)> end;  // the process is as good as before
};

const std::vector<Strike>& Strikes();

}  // namespace dispatcher::testing
