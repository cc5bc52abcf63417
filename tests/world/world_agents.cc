// What befalls agents and leaders.
#include "tests/world/deploy.h"
#include "tests/world/emit.h"
#include "tests/world/health.h"
#include "tests/world/life.h"
#include "tests/world/world.h"

namespace dispatcher::world {
namespace {

std::optional<size_t> AgentIndex(const State& s, std::string_view host) {
  for (size_t i = 0; i < s.agents.size(); ++i) {
    if (s.agents[i].name == host || s.agents[i].address == host) {
      return i;
    }
  }
  return std::nullopt;
}

std::vector<std::string> TasksOn(const std::map<std::string, Task, std::less<>>& tasks, size_t agent) {
  std::vector<std::string> ids;
  for (const auto& [id, task] : tasks) {
    if (task.agent == static_cast<int>(agent)) {
      ids.push_back(id);
    }
  }
  return ids;
}

}  // namespace

bool World::AgentUnreachable(std::string_view host) {
  const auto index = AgentIndex(state_, host);
  if (!index) {
    return false;
  }
  state_.agents[*index].reachable = false;
  for (const std::string& id : TasksOn(state_.tasks, *index)) {
    dispatcher::world::Unreachable(state_, id);
  }
  Work(state_);
  return true;
}

bool World::AgentReturn(std::string_view host) {
  const auto index = AgentIndex(state_, host);
  if (!index) {
    return false;
  }
  state_.agents[*index].reachable = true;
  state_.agents[*index].gone = false;
  for (const std::string& id : TasksOn(state_.tasks, *index)) {
    dispatcher::world::Return(state_, id);
  }
  for (const std::string& id : TasksOn(state_.strays, *index)) {
    dispatcher::world::Return(state_, id);
  }
  for (const std::string& id : state_.waiting) {
    After(state_, 1, TimerKind::kOffer, id);
  }
  Work(state_);
  return true;
}

bool World::AgentGone(std::string_view host) {
  const auto index = AgentIndex(state_, host);
  if (!index) {
    return false;
  }
  state_.agents[*index].gone = true;
  for (const std::string& id : TasksOn(state_.tasks, *index)) {
    state_.orders.push_back({Order::What::kKill, id, 0});
    End(state_, id, state_.profile.instances() ? "TASK_GONE_BY_OPERATOR" : "TASK_LOST", "Agent is gone");
  }
  for (const std::string& id : TasksOn(state_.strays, *index)) {
    state_.orders.push_back({Order::What::kKill, id, 0});
    state_.strays.erase(id);
  }
  state_.agents[*index].used_ports.clear();
  Work(state_);
  return true;
}

void World::LeaderDown() { state_.down = true; }

void World::LeaderUp(bool keep_health) {
  state_.down = false;
  if (!state_.options.standbys.empty()) {
    std::vector<std::string> all = state_.options.standbys;
    all.insert(all.begin(), state_.options.leader);
    state_.leader = all[++state_.next_leader % all.size()];
  }
  if (!keep_health) {
    for (auto& [id, task] : state_.tasks) {
      dispatcher::world::ForgetHealth(task, /*mesos_too=*/false);
      if (state_.options.plays_tasks && task.condition == Condition::kRunning) {
        for (size_t i = 0; i < task.checks.size(); ++i) {
          After(state_, state_.options.probe_ms, TimerKind::kProbe, id, static_cast<int>(i));
        }
      }
    }
  }
  EmitScheduler(state_, "scheduler_registered_event");
  for (auto& [id, entry] : state_.apps) {
    if (entry.target != nullptr) {
      EmitAddChecks(state_, *entry.target);
    }
    state_.dirty.insert(id);
  }
  for (Plan& plan : state_.plans) {
    plan.step = 0;
    plan.announced = false;
    for (auto& step : plan.steps) {
      for (Action& action : step) {
        action.done = false;
      }
    }
  }
  Work(state_);
}

void World::MasterFailover() {
  EmitScheduler(state_, "scheduler_disconnected_event");
  EmitScheduler(state_, "scheduler_reregistered_event");
}

}  // namespace dispatcher::world
