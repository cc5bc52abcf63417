#include "tests/schedule/chronicle.h"

#include <algorithm>

namespace dispatcher::schedule {
namespace {

bool IsQuiet(const world::World& w) {
  const std::vector<world::LiveTask> alive = w.Alive();
  return !w.Deploying() && std::all_of(alive.begin(), alive.end(), [](const world::LiveTask& task) {
    return task.life == "Running" && task.healthy.value_or(false);
  });
}

}  // namespace

void Chronicle::Run(WallMs ms) {
  const WallMs end = world_.now() + ms;
  Remember();
  for (auto due = world_.NextDue(); due.has_value() && *due <= end; due = world_.NextDue()) {
    world_.Advance(*due);
    Remember();
  }
  world_.Advance(end);
}

void Chronicle::RunUntilQuiet(WallMs limit_ms) {
  const WallMs end = world_.now() + limit_ms;
  while (world_.now() < end) {
    Run(10);
    if (IsQuiet(world_)) {
      return;
    }
  }
}

void Chronicle::ChangeLeader(WallMs down_ms) {
  world_.LeaderDown();
  Run(down_ms);
  breaks_.push_back(world_.LastEventId());
  world_.LeaderUp();
  Remember();
}

std::shared_ptr<const Tale> Chronicle::Tell(std::string name) const {
  return TaleOf(std::move(name), world_.Events(),
                [this](size_t n) -> const world::World& { return history_.lower_bound(n)->second; });
}

}  // namespace dispatcher::schedule
