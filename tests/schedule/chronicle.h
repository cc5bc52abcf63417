// A reference Marathon with its whole history: what it said, what was true at each
// event, and where its streams ended.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/schedule/schedule.h"
#include "tests/world/world.h"

namespace dispatcher::schedule {

class Chronicle {
 public:
  explicit Chronicle(const world::WorldOptions& options) : world_(options) { Remember(); }

  // For an operator's call, or for what befalls a task; then let time pass.
  world::World& world() { return world_; }
  void Run(WallMs ms);
  // Until no deployment runs and all tasks have told their health.
  void RunUntilQuiet(WallMs limit_ms = 3'000);
  // What was until now is known to who attaches here, and not told again.
  void Begin() { begin_ = world_.LastEventId(); }
  // The leader goes and, after so long, another leads: a stream ends in between.
  void ChangeLeader(WallMs down_ms);

  size_t begin() const { return begin_; }
  size_t end() const { return world_.LastEventId(); }
  // Numbers of events after which the stream ended.
  const std::vector<size_t>& breaks() const { return breaks_; }
  std::shared_ptr<const Tale> Tell(std::string name) const;

 private:
  void Remember() { history_.insert_or_assign(world_.LastEventId(), world_); }

  world::World world_;
  std::map<uint64_t, world::World> history_;  // by number of events published
  size_t begin_ = 0;
  std::vector<size_t> breaks_;
};

}  // namespace dispatcher::schedule
