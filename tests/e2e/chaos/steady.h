// An app to which nothing ever happens: whatever strikes Marathon or the dispatcher, its
// entries stay. Seen afterwards, by what a registry gives to a new entry alone.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/e2e/frame/routers.h"
#include "tests/e2e/frame/world.h"

namespace dispatcher::testing {

// Not thread-safe.
class Steady {
 public:
  // Deploys it.
  Steady(World& world, Routers& routers);

  const AppSpec& app() const { return app_; }
  // "", or which of its entries were gone at some time since the last call, in registries
  // other than those that were struck ("consul", "kong"). All registries answer, and hold
  // what they should. Nothing is said after a task of it ended or failed a health check,
  // as on a busy machine one may.
  std::string Differs(const std::set<std::string>& struck);

 private:
  std::map<std::string, std::string> Marks();
  std::string Tasks();
  // Whether a task of it failed a health check since the last call.
  bool WasUnwell();

  World& world_;
  Routers& routers_;
  AppSpec app_;
  std::map<std::string, std::string> marks_;  // by registry
  std::string tasks_;
  int64_t last_event_ = 0;
};

}  // namespace dispatcher::testing
