#include "tests/world/deploy.h"

#include <algorithm>
#include <cmath>

#include "tests/world/emit.h"
#include "tests/world/health.h"
#include "tests/world/ids.h"
#include "tests/world/life.h"
#include "tests/world/reads.h"

namespace dispatcher::world {
namespace {

bool Counts(const Task& task) { return !task.stopping && task.condition != Condition::kUnreachableInactive; }

// Of those that may go: not serving first, then by the app's killSelection.
void SortForKill(const State& s, std::vector<std::string>& ids, bool oldest_first) {
  std::stable_sort(ids.begin(), ids.end(), [&](const std::string& a, const std::string& b) {
    const Task &x = s.tasks.at(a), &y = s.tasks.at(b);
    if (IsServing(x) != IsServing(y)) {
      return !IsServing(x);
    }
    return oldest_first ? x.created < y.created : x.created > y.created;
  });
}

void Launch(State& s, AppEntry& entry, int count) {
  if (count <= 0) {
    return;
  }
  if (entry.launch_after > s.now) {
    After(s, entry.launch_after - s.now, TimerKind::kLook, entry.target->id);
    return;
  }
  for (int i = 0; i < count; ++i) {
    Enlist(s, entry.target);
  }
}

// Between deployments and in Start, Scale and Stop: as many as the quota says.
void KeepCount(State& s, AppEntry& entry) {
  std::vector<std::string> counted;
  for (const std::string& id : entry.tasks) {
    if (Counts(s.tasks.at(id))) {
      counted.push_back(id);
    }
  }
  const int surplus = static_cast<int>(counted.size()) - entry.quota;
  if (surplus < 0 && entry.target != nullptr) {
    Launch(s, entry, -surplus);
  } else if (surplus > 0) {
    SortForKill(s, counted, entry.target != nullptr && entry.target->oldest_first);
    for (int i = 0; i < surplus; ++i) {
      Kill(s, counted[static_cast<size_t>(i)]);
    }
  }
  if (entry.target == nullptr) {
    // Deleted: those that are unreachable are forgotten.
    for (const std::string& id : std::set<std::string>(entry.tasks)) {
      Kill(s, id);
    }
  }
}

bool IsOld(const AppEntry& entry, const Task& task) {
  return task.app->version < entry.target->last_config_change_at;
}

// A rolling replacement (core/deployment/impl/TaskReplaceActor.scala,
// computeRestartStrategy): never less than minimumHealthCapacity serving, never
// more than maximumOverCapacity beyond the target alive.
void Replace(State& s, AppEntry& entry) {
  const App& app = *entry.target;
  const int n = app.instances;
  int total = 0, fresh = 0, serving = 0, fresh_serving = 0;
  std::vector<std::string> old, young;
  for (const std::string& id : entry.tasks) {
    const Task& task = s.tasks.at(id);
    if (task.condition == Condition::kUnreachableInactive) {
      continue;
    }
    ++total;
    if (task.stopping) {
      continue;
    }
    serving += IsServing(task) ? 1 : 0;
    if (IsOld(entry, task)) {
      old.push_back(id);
    } else {
      ++fresh;
      fresh_serving += IsServing(task) ? 1 : 0;
      young.push_back(id);
    }
  }
  const int min_healthy = static_cast<int>(std::ceil(n * app.min_health));
  int most = static_cast<int>(n * (1 + app.max_over));
  int may_kill = serving - min_healthy;
  if (most == min_healthy && serving >= min_healthy) {
    // Nothing could move: one more is launched, of a resident app one more is killed.
    if (app.resident) {
      may_kill += total == serving ? 1 : 0;
    } else {
      ++most;
    }
  }
  if (fresh_serving >= n) {
    may_kill = static_cast<int>(old.size());
  }
  SortForKill(s, old, false);
  for (const std::string& id : old) {
    if (may_kill > 0) {
      --may_kill;
      Kill(s, id);
    }
  }
  if (fresh > n) {
    SortForKill(s, young, app.oldest_first);
    for (int i = 0; i < fresh - n; ++i) {
      Kill(s, young[static_cast<size_t>(i)]);
    }
  }
  Launch(s, entry, std::min(n - fresh, most - total));
}

bool IsDone(const State& s, const Action& action) {
  const AppEntry& entry = s.apps.at(action.app);
  if (action.type == ActionType::kStart) {
    return true;
  }
  int serving = 0, others = 0;
  for (const std::string& id : entry.tasks) {
    const Task& task = s.tasks.at(id);
    if (task.condition == Condition::kUnreachableInactive) {
      continue;
    }
    (IsServing(task) && !task.stopping && (!entry.replacing || !IsOld(entry, task)) ? serving : others) += 1;
  }
  const int wanted = action.type == ActionType::kStop ? 0 : entry.quota;
  return action.type == ActionType::kStop ? entry.tasks.empty() : serving >= wanted && others == 0;
}

void BeginAction(State& s, const Action& action) {
  AppEntry& entry = s.apps[action.app];
  entry.replacing = action.type == ActionType::kRestart;
  if (action.type == ActionType::kStop) {
    entry.quota = 0;
  } else if (action.type != ActionType::kStart) {  // that one launches nothing
    entry.quota = entry.target->instances;
  }
  if (entry.target != nullptr && entry.checks_version != entry.target->version) {
    entry.checks_version = entry.target->version;
    EmitAddChecks(s, *entry.target);
  }
  s.dirty.insert(action.app);
}

void EndAction(State& s, const Plan& plan, const Action& action) {
  AppEntry& entry = s.apps[action.app];
  entry.replacing = false;
  if (action.type == ActionType::kStop && s.profile.Since(6)) {
    EmitAppTerminated(s, plan, action.app);
  }
}

// What was deleted is forgotten; up to 1.5 its end is told only now.
void ForgetApps(State& s, const Plan& plan) {
  for (const std::vector<Action>& step : plan.steps) {
    for (const Action& action : step) {
      const auto it = s.apps.find(action.app);
      if (action.type != ActionType::kStop || it == s.apps.end() || it->second.target != nullptr) {
        continue;
      }
      if (!s.profile.Since(6)) {
        if (const auto before = plan.before.find(action.app); before != plan.before.end() && before->second) {
          EmitRemoveChecks(s, *before->second);
        }
        EmitAppTerminated(s, plan, action.app);
      }
      s.apps.erase(it);
    }
  }
}

// One step on, if it is time. True: the plan changed or ended.
bool StepOn(State& s, Plan& plan) {
  if (plan.step == plan.steps.size()) {
    EmitDeployment(s, plan, "deployment_success");
    const Plan ended = plan;
    std::erase_if(s.plans, [&](const Plan& p) { return p.id == ended.id; });
    ForgetApps(s, ended);
    return true;
  }
  if (!plan.announced) {
    plan.announced = true;
    EmitDeployment(s, plan, "deployment_info");
    for (const Action& action : plan.steps[plan.step]) {
      if (action.type == ActionType::kStop && s.profile.Since(6) && plan.before[action.app]) {
        EmitRemoveChecks(s, *plan.before[action.app]);
      }
      BeginAction(s, action);
    }
    return true;
  }
  bool done = true;
  for (Action& action : plan.steps[plan.step]) {
    if (!action.done && IsDone(s, action)) {
      action.done = true;
      EndAction(s, plan, action);
    }
    done = done && action.done;
  }
  if (done) {
    EmitDeployment(s, plan, "deployment_step_success");
    ++plan.step;
    plan.announced = false;
  }
  return done;
}

bool Touches(const Plan& plan, const std::set<std::string>& apps) {
  if (plan.step == plan.steps.size() || !plan.announced) {
    return true;
  }
  const auto& actions = plan.steps[plan.step];
  return std::any_of(actions.begin(), actions.end(), [&](const Action& a) { return apps.contains(a.app); });
}

bool ScaleOnly(const App& from, const App& to) {
  return from.last_config_change_at == to.last_config_change_at;
}

std::vector<std::vector<Action>> Steps(const std::map<std::string, std::shared_ptr<const App>>& before,
                                       const std::map<std::string, std::shared_ptr<const App>>& changes) {
  std::vector<Action> first, second;
  for (const auto& [id, to] : changes) {
    const auto& from = before.at(id);
    if (to == nullptr) {
      first.push_back({ActionType::kStop, id, false, from != nullptr && from->is_pod});
    } else if (from == nullptr) {
      first.push_back({ActionType::kStart, id, false, to->is_pod});
      second.push_back({ActionType::kScale, id, false, to->is_pod});
    } else if (ScaleOnly(*from, *to)) {
      second.push_back({ActionType::kScale, id, false, to->is_pod});
    } else {
      second.push_back({ActionType::kRestart, id, false, to->is_pod});
    }
  }
  std::vector<std::vector<Action>> steps;
  for (auto* actions : {&first, &second}) {
    if (!actions->empty()) {
      steps.push_back(std::move(*actions));
    }
  }
  return steps;
}

}  // namespace

std::string StartPlan(State& s, const std::map<std::string, std::shared_ptr<const App>>& changes,
                      const std::string& version, const std::string& group, const std::string& api_uri) {
  Plan plan;
  plan.id = NewUuid(s);
  plan.version = version;
  for (const auto& [id, to] : changes) {
    plan.before[id] = s.apps[id].target;
  }
  plan.steps = Steps(plan.before, changes);
  const bool heavy = s.profile.heavy_plans() && s.options.heavy_plans;
  if (heavy) {
    plan.original = GroupTree(s, "/", Tree::kTargets).value_or("{}");
  }
  for (const auto& [id, to] : changes) {
    AppEntry& entry = s.apps[id];
    entry.target = to;
    if (to != nullptr) {
      entry.versions[to->version] = to;
    }
  }
  if (heavy) {
    plan.target = GroupTree(s, "/", Tree::kTargets).value_or("{}");
  }
  const std::string id = plan.id;
  s.commits[id] = {changes, group, version, api_uri};
  s.plans.push_back(std::move(plan));
  // 1.5 and later announce the plan before the store has it; recordings of older
  // ones show the other order.
  if (s.options.store_lag_ms > 0) {
    After(s, s.options.store_lag_ms, TimerKind::kCommit, id);
  } else if (!s.profile.Since(5)) {
    StoreCommit(s, id);
  }
  Work(s);
  if (s.options.store_lag_ms == 0 && s.profile.Since(5)) {
    StoreCommit(s, id);
  }
  return id;
}

void StoreCommit(State& s, const std::string& plan) {
  const auto it = s.commits.find(plan);
  if (it == s.commits.end()) {
    return;
  }
  const Commit commit = std::move(s.commits.extract(it).mapped());
  for (const auto& [id, to] : commit.changes) {
    // An empty plan may have ended, and what it deleted may be forgotten.
    if (const auto entry = s.apps.find(id); entry != s.apps.end()) {
      entry->second.shown = to;
    }
  }
  s.groups[commit.group] = commit.version;
  EmitGroupChange(s, commit.group, commit.version);
  for (const auto& [id, to] : commit.changes) {
    if (commit.api_uri.starts_with("/v2/pods")) {
      EmitPodChange(s,
                    to == nullptr                  ? "pod_deleted_event"
                    : commit.api_uri == "/v2/pods" ? "pod_created_event"
                                                   : "pod_updated_event",
                    id, commit.api_uri);
    } else if (!commit.api_uri.empty() && to != nullptr) {
      EmitApiPost(s, *to, commit.api_uri);
    }
  }
}

std::vector<std::string> PlansOn(const State& s, const std::vector<std::string>& apps) {
  std::vector<std::string> found;
  for (const Plan& plan : s.plans) {
    if (std::any_of(apps.begin(), apps.end(),
                    [&](const std::string& app) { return plan.before.contains(app); })) {
      found.push_back(plan.id);
    }
  }
  return found;
}

void FailPlan(State& s, const std::string& id, const std::string& reason) {
  const auto it = std::find_if(s.plans.begin(), s.plans.end(), [&](const Plan& p) { return p.id == id; });
  if (it == s.plans.end()) {
    return;
  }
  StoreCommit(s, id);
  const Plan plan = *it;
  s.plans.erase(it);
  EmitDeployment(s, plan, "deployment_failed", reason);
}

void Work(State& s) {
  if (s.down) {
    return;
  }
  while (true) {
    const std::set<std::string> dirty = std::exchange(s.dirty, {});
    for (const std::string& id : dirty) {
      if (const auto it = s.apps.find(id); it != s.apps.end()) {
        if (it->second.replacing && it->second.target != nullptr) {
          Replace(s, it->second);
        } else {
          KeepCount(s, it->second);
        }
      }
    }
    bool moved = false;
    for (size_t i = 0; i < s.plans.size(); ++i) {
      if (Touches(s.plans[i], dirty)) {
        const size_t before = s.plans.size();
        moved = StepOn(s, s.plans[i]) || moved;
        i -= before - s.plans.size();
      }
    }
    if (!moved && s.dirty.empty()) {
      return;
    }
  }
}

}  // namespace dispatcher::world
