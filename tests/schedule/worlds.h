// The small worlds of the search: one thing happens to an app, in one dress.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/schedule/search.h"

namespace dispatcher::schedule {

struct SmallWorld {
  std::shared_ptr<const Tale> tale;
  Limits limits;
  bool large = false;  // too many states for a build that checks every access
};
std::vector<SmallWorld> SmallWorlds();

}  // namespace dispatcher::schedule
