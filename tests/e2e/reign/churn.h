// Tasks that come and go all the time, on a thread of its own.
#pragma once

#include <random>
#include <set>
#include <string>
#include <thread>

#include "dispatcher/base/mutex.h"
#include "tests/e2e/chaos/work.h"

namespace dispatcher::testing {

class Churn {
 public:
  // Nobody else touches `work` while this lives.
  Churn(World& world, Work& work, uint32_t seed);
  ~Churn();  // as Stop
  Churn(const Churn&) = delete;
  Churn& operator=(const Churn&) = delete;

  // Ends it, with all tasks told to be well again; how many steps there were.
  int Stop();

 private:
  void Run();
  void TurnHealth();
  void HealAll();

  World& world_;
  Work& work_;
  std::mt19937 random_;
  std::set<std::string> sick_;
  int steps_ = 0;
  Mutex mutex_;
  CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace dispatcher::testing
