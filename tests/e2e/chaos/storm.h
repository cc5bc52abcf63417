// One storm: work, two harms in the midst of it, and how long until all is well again.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/e2e/chaos/harm.h"
#include "tests/e2e/chaos/work.h"

namespace dispatcher::testing {

struct Weather {
  std::string script;                     // each step, a line each
  std::vector<std::string> harms;         // by name
  std::string differs;                    // "" or what is not as it should be
  std::chrono::milliseconds recovery{0};  // from all harms gone and all deployed
};

// The same seed, the same steps, as far as the same tasks are there.
Weather Storm(Place& place, Work& work, uint32_t seed);

// What many storms were like.
class StormTally {
 public:
  void Add(const Weather& weather, std::chrono::milliseconds took);
  int storms() const { return storms_; }
  // A line a harm: how many storms had it, and the slowest recovery among them.
  std::string Table() const;

 private:
  struct Row {
    int storms = 0;
    std::chrono::milliseconds slowest{0};
  };
  int storms_ = 0;
  std::chrono::milliseconds slowest_{0}, longest_{0};
  std::map<std::string, Row> rows_;
};

}  // namespace dispatcher::testing
