// What an operator and fate do to apps: deploys, scales, upgrades, restarts, deletions,
// tasks that die.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/e2e/frame/world.h"

namespace dispatcher::testing {

class Work {
 public:
  explicit Work(World& world);

  // One thing at random, and what it was. It is ordered, not waited for.
  std::string Step(std::mt19937& random);
  // Apps that are there, as they were ordered last.
  std::vector<AppSpec> Apps() const;

 private:
  // Lets a task of that app end, one of those that run. What was done.
  std::string EndOne(const std::string& app, size_t victim, const std::string& how);

  World& world_;
  std::vector<AppSpec> all_;              // whether or not they are there
  std::map<std::string, AppSpec> there_;  // by id
  int releases_ = 0;
};

}  // namespace dispatcher::testing
