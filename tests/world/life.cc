#include "tests/world/life.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "tests/world/emit.h"
#include "tests/world/ids.h"

namespace dispatcher::world {
namespace {

bool PortFree(State& s, const Agent& agent, int port) {
  return !agent.used_ports.contains(port) &&
         (s.options.port_free == nullptr || s.options.port_free(agent.address, port));
}

// A host port in the agent's range; 0: none left.
int AnyPort(State& s, const Agent& agent) {
  const int count = s.options.port_last - s.options.port_first + 1;
  const int start = s.options.lowest_port ? 0 : static_cast<int>(Random(s, static_cast<uint64_t>(count)));
  for (int i = 0; i < count; ++i) {
    const int port = s.options.port_first + (start + i) % count;
    if (PortFree(s, agent, port)) {
      return port;
    }
  }
  return 0;
}

// The host ports the app needs, in order; 0 = any. Container ports without one need none.
std::vector<int> NeededPorts(const App& app) {
  std::vector<int> needed;
  for (const Port& port : app.ports) {
    if (app.network == Network::kHost && !app.is_pod) {
      needed.push_back(app.require_ports ? port.service_port : 0);
    } else if (app.network != Network::kIpPerTask && port.host_port) {
      needed.push_back(*port.host_port);
    }
  }
  return needed;
}

bool TakePorts(State& s, Agent& agent, Task& task) {
  std::vector<int> taken;
  for (int wanted : NeededPorts(*task.app)) {
    const int port = wanted == 0 ? AnyPort(s, agent) : PortFree(s, agent, wanted) ? wanted : 0;
    if (port == 0) {
      for (int back : taken) {
        agent.used_ports.erase(back);
      }
      return false;
    }
    agent.used_ports.insert(port);
    taken.push_back(port);
  }
  task.host_ports = std::move(taken);
  return true;
}

// The n-th address of one of options.own_networks.
std::string AddressOf(const std::string& network, int n) {
  if (network.ends_with("::")) {
    std::array<char, 8> hex{};
    const auto end = std::to_chars(hex.begin(), hex.end(), n + 1, 16).ptr;
    return network + std::string(hex.data(), end);
  }
  return network + "." + std::to_string(n / 250) + "." + std::to_string(n % 250 + 1);
}

std::vector<std::string> OwnAddresses(State& s, const App& app) {
  while (true) {
    const int n = s.next_ip++ % 62'500;
    std::vector<std::string> ips;
    bool free = true;
    for (const std::string& network : s.options.own_networks) {
      ips.push_back(AddressOf(network, n));
      free = free && std::all_of(app.ports.begin(), app.ports.end(), [&](const Port& port) {
               return port.host_port || s.options.port_free == nullptr ||
                      s.options.port_free(ips.back(), port.container_port);
             });
    }
    if (free) {
      return ips;
    }
  }
}

void GiveAddresses(State& s, Agent& agent, Task& task) {
  switch (task.app->network) {
    case Network::kHost:
      if (s.profile.instances()) {  // none up to 1.3
        task.ips = {agent.address};
      }
      break;
    case Network::kBridge:
      task.ips = {"172.17.0." + std::to_string(2 + agent.bridge_ips++ % 250)};
      break;
    case Network::kContainer:
    case Network::kIpPerTask:
      task.ips = OwnAddresses(s, *task.app);
      break;
  }
}

Task* FindTask(State& s, const std::string& id) {
  const auto it = s.tasks.find(id);
  return it == s.tasks.end() ? nullptr : &it->second;
}

void FreePorts(State& s, const Task& task) {
  if (task.agent < 0) {
    return;
  }
  for (int port : task.host_ports) {
    s.agents[static_cast<size_t>(task.agent)].used_ports.erase(port);
  }
  for (const std::string& waiting : s.waiting) {
    After(s, 1, TimerKind::kOffer, waiting);
  }
  s.waiting.clear();
}

// Takes it off the books. Returns what was on them.
Task Forget(State& s, const std::string& id) {
  Task task = std::move(s.tasks.extract(id).mapped());
  s.waiting.erase(id);
  AppEntry& entry = s.apps[task.app_id];
  entry.tasks.erase(id);
  s.dirty.insert(task.app_id);
  return task;
}

void OrderKill(State& s, const Task& task, int grace_ms) {
  s.orders.push_back({Order::What::kKill, task.id, grace_ms});
  if (s.options.plays_tasks) {
    const auto ms = static_cast<uint64_t>(s.options.kill_ms);
    After(s, static_cast<WallMs>(ms / 2 + Random(s, ms + 1)), TimerKind::kDie, task.id);
  }
}

int GraceMs(const Task& task) { return task.app->kill_grace_s ? *task.app->kill_grace_s * 1000 : -1; }

Condition ConditionOf(std::string_view state) {
  if (state == "TASK_FINISHED") {
    return Condition::kFinished;
  }
  if (state == "TASK_KILLED") {
    return Condition::kKilled;
  }
  if (state == "TASK_ERROR") {
    return Condition::kError;
  }
  return state == "TASK_FAILED" ? Condition::kFailed : Condition::kGone;
}

void NoteFailure(State& s, AppEntry& entry, const Task& task, std::string_view state,
                 std::string_view message) {
  const Agent& agent = s.agents[static_cast<size_t>(task.agent)];
  entry.last_failure = LastFailure{
      task.id, std::string(state), std::string(message), agent.name, task.app->version, agent.id, s.now};
  double delay = task.app->backoff_s * 1000;
  for (int i = 0; i < entry.failures; ++i) {
    delay *= task.app->backoff_factor;
  }
  ++entry.failures;
  const WallMs wait = std::min(static_cast<WallMs>(delay), static_cast<WallMs>(s.options.backoff_cap_ms));
  entry.launch_after = s.now + wait;
}

// What begins with a task's running: readiness, probes.
void LookAtIt(State& s, Task& task) {
  task.ready = task.app->readiness.empty();
  if (!task.ready) {
    After(s, s.options.ready_ms, TimerKind::kReady, task.id);
  }
  if (s.options.plays_tasks) {
    for (size_t i = 0; i < task.checks.size(); ++i) {
      const auto ms = static_cast<uint64_t>(s.options.probe_ms);
      After(s, static_cast<WallMs>(ms / 2 + Random(s, ms + 1)), TimerKind::kProbe, task.id,
            static_cast<int>(i));
    }
  }
  s.dirty.insert(task.app_id);
}

}  // namespace

void After(State& s, WallMs ms, TimerKind kind, std::string id, int arg) {
  s.timers.emplace(s.now + ms, Timer{kind, std::move(id), arg});
}

void Enlist(State& s, const std::shared_ptr<const App>& app, const std::string& instance, int incarnation) {
  Task task;
  task.app_id = app->id;
  task.app = app;
  task.instance = instance;
  task.incarnation = incarnation;
  task.created = s.now;
  task.checks.resize(app->checks.size());
  NameTask(s, task);
  if (s.profile.Since(8)) {
    EmitInstanceChanged(s, task, Condition::kScheduled);
  }
  // What it had reserved must be offered again, which takes longer than the words about its end.
  const WallMs again = incarnation > 1 ? 20 : 0;
  After(s, again + static_cast<WallMs>(Random(s, 3)), TimerKind::kOffer, task.id);
  s.apps[app->id].tasks.insert(task.id);
  s.tasks.emplace(task.id, std::move(task));
}

void Offer(State& s, const std::string& id) {
  Task* task = FindTask(s, id);
  if (task == nullptr || task->condition != Condition::kScheduled) {
    return;
  }
  for (size_t i = 0; i < s.agents.size(); ++i) {
    const size_t index = s.next_agent++ % s.agents.size();
    Agent& agent = s.agents[index];
    if (!agent.reachable || agent.gone || !TakePorts(s, agent, *task)) {
      continue;
    }
    task->agent = static_cast<int>(index);
    task->staged = s.now;
    GiveAddresses(s, agent, *task);
    task->condition = Condition::kProvisioned;
    if (s.profile.minor == 3) {
      EmitStatusUpdate(s, *task, "TASK_STAGING");
    }
    EmitInstanceChanged(s, *task, Condition::kProvisioned);
    s.orders.push_back({Order::What::kLaunch, id, 0});
    if (s.options.plays_tasks) {
      const auto ms = static_cast<uint64_t>(s.options.launch_ms);
      const auto run = static_cast<WallMs>(ms / 2 + Random(s, ms + 1));
      After(s, run / 2, TimerKind::kStart, id);
      After(s, run, TimerKind::kRun, id);
    }
    return;
  }
  s.waiting.insert(id);
}

void Starting(State& s, Task& task) {
  if (task.condition != Condition::kProvisioned) {
    return;
  }
  task.condition = Condition::kStarting;
  task.mesos_state = "TASK_STARTING";
  if (s.profile.Since(8)) {
    EmitStatusUpdate(s, task, "TASK_STARTING");
    EmitInstanceChanged(s, task, Condition::kStarting);
  }
}

void Running(State& s, Task& task) {
  if (task.condition != Condition::kProvisioned && task.condition != Condition::kStarting) {
    return;
  }
  task.condition = Condition::kRunning;
  task.mesos_state = "TASK_RUNNING";
  task.started = s.now;
  EmitStatusUpdate(s, task, "TASK_RUNNING");
  EmitInstanceChanged(s, task, Condition::kRunning);
  LookAtIt(s, task);
}

void Kill(State& s, const std::string& id) {
  Task* task = FindTask(s, id);
  if (task == nullptr || task->killed) {
    return;
  }
  task->stopping = true;
  s.dirty.insert(task->app_id);
  if (task->condition == Condition::kScheduled) {
    const Task gone = Forget(s, id);
    if (s.profile.Since(8)) {
      EmitInstanceChanged(s, gone, Condition::kKilled);
    }
    return;
  }
  if (task->condition == Condition::kUnreachable || task->condition == Condition::kUnreachableInactive) {
    Expunge(s, id);
    return;
  }
  task->killed = true;
  if (s.profile.Since(8)) {
    // A changed goal is announced with the old condition.
    EmitInstanceChanged(s, *task, task->condition);
  }
  if (s.options.task_killing && s.profile.Since(3)) {
    task->condition = Condition::kKilling;
    task->mesos_state = "TASK_KILLING";
    EmitStatusUpdate(s, *task, "TASK_KILLING");
    EmitInstanceChanged(s, *task, Condition::kKilling);
  }
  OrderKill(s, *task, GraceMs(*task));
}

void End(State& s, const std::string& id, std::string_view state, std::string_view message) {
  if (const auto stray = s.strays.find(id); stray != s.strays.end()) {
    FreePorts(s, stray->second);
    EmitStrayTerminated(s, stray->second);
    s.strays.erase(stray);
    return;
  }
  const Task* there = FindTask(s, id);
  if (there == nullptr || there->agent < 0) {
    return;
  }
  Task task = Forget(s, id);
  FreePorts(s, task);
  task.condition = ConditionOf(state);
  task.mesos_state = std::string(state);
  AppEntry& entry = s.apps[task.app_id];
  if (state == "TASK_KILLED" || state == "TASK_FINISHED") {
    entry.launch_after = std::min(entry.launch_after, s.now);
  } else {
    NoteFailure(s, entry, task, state, message);
  }
  EmitStatusUpdate(s, task, state, message);
  EmitInstanceChanged(s, task, task.condition);
  if (task.app->resident && !task.stopping) {
    Enlist(s, task.app, task.instance, task.incarnation + 1);
  }
}

void Expunge(State& s, const std::string& id) {
  if (FindTask(s, id) == nullptr) {
    return;
  }
  const Task task = Forget(s, id);
  EmitInstanceChanged(s, task, Condition::kKilled);
  if (s.profile.minor == 3) {
    EmitStatusUpdate(s, task, "TASK_KILLED");
  }
  s.strays.emplace(id, task);
}

void Unreachable(State& s, const std::string& id) {
  Task* task = FindTask(s, id);
  if (task == nullptr || task->agent < 0 || task->unreachable_since != 0) {
    return;
  }
  task->unreachable_since = s.now;
  task->condition = Condition::kUnreachable;
  task->mesos_state = s.profile.instances() ? "TASK_UNREACHABLE" : "TASK_LOST";
  EmitStatusUpdate(s, *task, task->mesos_state, "Slave became unreachable");
  EmitInstanceChanged(s, *task, Condition::kUnreachable);
  if (s.profile.minor < 3) {
    // LOST was the end: forgotten at once, though it may live on.
    s.strays.emplace(id, Forget(s, id));
    return;
  }
  s.dirty.insert(task->app_id);
  const std::optional<int> inactive = s.profile.instances() ? task->app->inactive_after_s : 0;
  const std::optional<int> expunge = s.profile.instances() ? task->app->expunge_after_s : 75;
  if (task->killed) {
    return;
  }
  if (inactive) {
    After(s, *inactive * 1000, TimerKind::kInactive, id);
  }
  if (expunge) {
    const WallMs ms =
        s.options.expunge_ms >= 0 ? s.options.expunge_ms : *expunge * 1000 + s.options.expunge_tick_ms;
    After(s, ms, TimerKind::kExpunge, id);
  }
}

void Inactive(State& s, Task& task) {
  if (task.condition == Condition::kUnreachable) {
    task.condition = Condition::kUnreachableInactive;
    EmitInstanceChanged(s, task, Condition::kUnreachableInactive);
    s.dirty.insert(task.app_id);
  }
}

void Return(State& s, const std::string& id) {
  if (const auto stray = s.strays.find(id); stray != s.strays.end()) {
    OrderKill(s, stray->second, 0);
    return;
  }
  Task* task = FindTask(s, id);
  if (task == nullptr || task->unreachable_since == 0) {
    return;
  }
  task->unreachable_since = 0;
  task->condition = Condition::kRunning;
  task->mesos_state = "TASK_RUNNING";
  const bool first = task->started == 0;
  task->started = first ? s.now : task->started;
  EmitStatusUpdate(s, *task, "TASK_RUNNING");
  EmitInstanceChanged(s, *task, Condition::kRunning);
  if (first) {
    LookAtIt(s, *task);
  }
  s.dirty.insert(task->app_id);
}

}  // namespace dispatcher::world
