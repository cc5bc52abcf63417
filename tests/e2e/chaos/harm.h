// What goes wrong around the dispatcher, and to it: each a beginning and an end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/e2e/chaos/place.h"

namespace dispatcher::testing {

struct Harm {
  std::string name;
  // Of two harms at once none may strike what the other does: the dispatcher, Marathon,
  // Consul, Vulcand or Kong.
  std::string victim;
  std::function<void(Place&)> begin;
  std::function<void(Place&)> end;  // all is as it should be again, as far as it depends on the victim
  std::function<bool(const Shape&)> possible = [](const Shape&) { return true; };
};

const std::vector<Harm>& Harms();

}  // namespace dispatcher::testing
