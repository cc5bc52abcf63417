#include "tests/world/health.h"

#include <algorithm>

#include "tests/world/emit.h"
#include "tests/world/life.h"
#include "tests/world/pod.h"

namespace dispatcher::world {
namespace {

// Since 1.5.8 and 1.6.486 only transitions of the sum are told, and a failure
// inside the grace period makes the sum false without any other event
// (core/health/impl/AppHealthCheckActor.scala).
void TellSum(State& s, Task& task) {
  std::optional<bool> sum = true;
  for (const CheckState& check : task.checks) {
    if (!check.reported) {
      sum = std::nullopt;
      break;
    }
    sum = *sum && check.alive;
  }
  if (sum != task.told_healthy) {
    task.told_healthy = sum;
    EmitInstanceHealth(s, task, sum);
  }
}

void TellChange(State& s, Task& task, const Check& check, bool alive) {
  if (check.ByMesos() && s.profile.Since(3)) {
    EmitStatusUpdate(s, task, "TASK_RUNNING");
    EmitInstanceHealth(s, task, alive, /*by_status=*/true);
  }
  EmitHealthStatusChanged(s, task, alive);
  if (!s.profile.summed_health()) {
    EmitInstanceHealth(s, task, alive);
  }
}

}  // namespace

void RecordProbe(State& s, Task& task, int index, bool ok, std::string_view cause) {
  if (task.condition != Condition::kRunning || index < 0 || index >= static_cast<int>(task.checks.size())) {
    return;
  }
  // What follows from a result is published, and stamped, a little later
  // (core/health/impl/HealthCheckActor.scala).
  CheckState& state = task.checks[static_cast<size_t>(index)];
  const Check& check = task.app->checks[static_cast<size_t>(index)];
  const bool was_alive = state.alive, was_told = state.first_success != 0 || state.failures > 0;
  state.reported = true;
  if (ok) {
    state.alive = true;
    state.failures = 0;
    state.last_success = s.now - 1;
    state.first_success = state.first_success == 0 ? s.now - 1 : state.first_success;
  } else {
    const bool ignored = state.first_success == 0 && s.now < task.started + check.grace_s * 1000LL;
    if (!ignored) {
      state.alive = false;
      state.last_failure = s.now - 1;
      state.cause = std::string(cause);
      ++state.failures;
      if (!check.ByMesos()) {
        EmitFailedCheck(s, task, check);
      }
    }
  }
  if (task.app->is_pod) {
    if (was_alive != state.alive || was_told != (state.first_success != 0 || state.failures > 0)) {
      TellPodHealth(s, task, check);
    }
  } else if (was_alive != state.alive) {
    TellChange(s, task, check, state.alive);
  }
  if (s.profile.summed_health() && !task.app->is_pod) {
    TellSum(s, task);
  }
  s.dirty.insert(task.app_id);
  if (!ok && check.max_failures > 0 && state.failures >= check.max_failures && !task.killed) {
    if (!check.ByMesos()) {
      EmitUnhealthyKill(s, task, cause);
    }
    Kill(s, std::string(task.id));
  }
}

std::optional<bool> HealthOf(const Task& task) {
  std::optional<bool> health = true;
  for (const CheckState& check : task.checks) {
    if (check.failures > 0) {
      return false;
    }
    if (!check.alive) {
      health = std::nullopt;
    }
  }
  return health;
}

bool IsServing(const Task& task) {
  return task.condition == Condition::kRunning && task.ready && HealthOf(task) == true;
}

void ForgetHealth(Task& task, bool mesos_too) {
  task.told_healthy = std::nullopt;
  for (size_t i = 0; i < task.checks.size(); ++i) {
    if (mesos_too || !task.app->checks[i].ByMesos()) {
      task.checks[i] = {};
    }
  }
}

}  // namespace dispatcher::world
