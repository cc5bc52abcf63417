#include "tests/world/world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "dispatcher/base/strings.h"
#include "tests/world/deploy.h"
#include "tests/world/emit.h"
#include "tests/world/health.h"
#include "tests/world/ids.h"
#include "tests/world/life.h"

namespace dispatcher::world {
namespace {

Agent ParseAgent(const std::string& text, size_t index) {
  const size_t equals = text.find('=');
  Agent agent{.name = text.substr(0, equals),
              .address = text.substr(equals == std::string::npos ? 0 : equals + 1),
              .id = "40cf614e-b392-4d31-9230-090ca3c7aa83-S" + std::to_string(index)};
  return agent;
}

void Fire(State& s, const Timer& timer) {
  if (timer.kind == TimerKind::kCommit) {
    StoreCommit(s, timer.id);
    return;
  }
  if (timer.kind == TimerKind::kLook) {
    s.dirty.insert(timer.id);
    return;
  }
  if (timer.kind == TimerKind::kOffer) {
    Offer(s, timer.id);
    return;
  }
  if (timer.kind == TimerKind::kDie) {
    End(s, timer.id, "TASK_KILLED", "Command terminated with signal Terminated");
    return;
  }
  const auto it = s.tasks.find(timer.id);
  if (it == s.tasks.end()) {
    return;
  }
  Task& task = it->second;
  switch (timer.kind) {
    case TimerKind::kStart:
      Starting(s, task);
      break;
    case TimerKind::kRun:
      if (!task.killed) {
        Running(s, task);
      }
      break;
    case TimerKind::kProbe: {
      if (task.killed) {
        break;
      }
      const bool sick = task.sick;
      RecordProbe(s, task, timer.arg, !sick, "503 Service Unavailable");
      if (sick && s.tasks.contains(timer.id)) {
        After(s, s.options.probe_ms, TimerKind::kProbe, timer.id, timer.arg);
      }
      break;
    }
    case TimerKind::kReady:
      task.ready = true;
      s.dirty.insert(task.app_id);
      break;
    case TimerKind::kInactive:
      Inactive(s, task);
      break;
    case TimerKind::kExpunge:
      if (task.unreachable_since != 0) {
        Expunge(s, timer.id);
      }
      break;
    default:
      break;
  }
}

}  // namespace

World::World(WorldOptions options) {
  const auto profile = Profile::Parse(options.profile);
  if (!profile.ok()) {
    std::fprintf(stderr, "%s\n", std::string(Message(profile.status())).c_str());
    std::abort();
  }
  state_.profile = *profile;
  state_.now = options.start;
  state_.random = options.seed;
  state_.leader = options.leader;
  state_.framework = NewUuid(state_) + "-0000";
  for (size_t i = 0; i < options.hosts.size(); ++i) {
    state_.agents.push_back(ParseAgent(options.hosts[i], i));
  }
  // Several worlds on one machine shall not take the same addresses.
  state_.next_ip = options.port_free == nullptr ? 0 : static_cast<int>(Random(state_, 62'500));
  state_.options = std::move(options);
}

void World::Advance(WallMs now) {
  while (!state_.timers.empty() && state_.timers.begin()->first <= now) {
    const WallMs due = state_.timers.begin()->first;
    state_.now = std::max(state_.now, due);
    while (!state_.timers.empty() && state_.timers.begin()->first <= due) {
      const Timer timer = std::move(state_.timers.extract(state_.timers.begin()).mapped());
      Fire(state_, timer);
    }
    Work(state_);
  }
  state_.now = std::max(state_.now, now);
  Work(state_);
}

void World::StepClock(WallMs by) {
  state_.now += by;
  std::multimap<WallMs, Timer> moved;
  for (auto& [due, timer] : state_.timers) {
    moved.emplace(due + by, std::move(timer));
  }
  state_.timers = std::move(moved);
  for (auto& [id, entry] : state_.apps) {
    entry.launch_after += entry.launch_after == 0 ? 0 : by;
  }
}

std::optional<WallMs> World::NextDue() const {
  return state_.timers.empty() ? std::nullopt : std::optional<WallMs>(state_.timers.begin()->first);
}

bool World::Settle(WallMs limit_ms) {
  const WallMs end = state_.now + limit_ms;
  Work(state_);
  while (const auto due = NextDue()) {
    if (*due > end) {
      break;
    }
    Advance(*due);
  }
  return state_.plans.empty() && state_.timers.empty() && state_.waiting.empty();
}

bool World::TaskStarting(std::string_view task) {
  const auto it = state_.tasks.find(task);
  if (it == state_.tasks.end()) {
    return false;
  }
  Starting(state_, it->second);
  return true;
}

bool World::TaskRunning(std::string_view task) {
  const auto it = state_.tasks.find(task);
  if (it == state_.tasks.end()) {
    return false;
  }
  dispatcher::world::Running(state_, it->second);
  Work(state_);
  return true;
}

bool World::TaskEnded(std::string_view task, std::string_view state, std::string_view message) {
  const std::string id(task);
  if (!state_.tasks.contains(id) && !state_.strays.contains(id)) {
    return false;
  }
  End(state_, id, state, message);
  Work(state_);
  return true;
}

bool World::Unreachable(std::string_view task) {
  if (!state_.tasks.contains(task)) {
    return false;
  }
  dispatcher::world::Unreachable(state_, std::string(task));
  Work(state_);
  return true;
}

bool World::Return(std::string_view task) {
  if (!state_.tasks.contains(task) && !state_.strays.contains(task)) {
    return false;
  }
  dispatcher::world::Return(state_, std::string(task));
  Work(state_);
  return true;
}

bool World::Probe(std::string_view task, int check, bool ok, std::string_view cause) {
  const auto it = state_.tasks.find(task);
  if (it == state_.tasks.end()) {
    return false;
  }
  RecordProbe(state_, it->second, check, ok, cause);
  Work(state_);
  return true;
}

bool World::SetSick(std::string_view task, bool sick) {
  const auto it = state_.tasks.find(task);
  if (it == state_.tasks.end()) {
    return false;
  }
  it->second.sick = sick;
  for (size_t i = 0; i < it->second.checks.size(); ++i) {
    After(state_, 0, TimerKind::kProbe, it->first, static_cast<int>(i));
  }
  Advance(state_.now);
  return true;
}

bool World::ForgetHealth(std::string_view task) {
  const auto it = state_.tasks.find(task);
  if (it == state_.tasks.end()) {
    return false;
  }
  dispatcher::world::ForgetHealth(it->second, /*mesos_too=*/true);
  return true;
}

void World::StreamAttached(std::string_view remote_address) { EmitStream(state_, true, remote_address); }
void World::StreamDetached(std::string_view remote_address) { EmitStream(state_, false, remote_address); }

std::vector<Order> World::TakeOrders() { return std::exchange(state_.orders, {}); }

const Task* World::Find(std::string_view task) const {
  if (const auto it = state_.tasks.find(task); it != state_.tasks.end()) {
    return &it->second;
  }
  const auto stray = state_.strays.find(task);
  return stray == state_.strays.end() ? nullptr : &stray->second;
}

std::vector<Event> World::TakeEvents() { return std::exchange(state_.events, {}); }

}  // namespace dispatcher::world
