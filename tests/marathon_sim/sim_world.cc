// Between the world and its processes.
#include <algorithm>
#include <csignal>
#include <cstring>

#include "dispatcher/base/log.h"
#include "dispatcher/base/strings.h"
#include "tests/marathon_sim/sim.h"

namespace dispatcher::sim {
namespace {

constexpr size_t kHistory = 200'000;

std::string Upper(std::string text) {
  for (char& c : text) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32)
                             : (std::isalnum(static_cast<uint8_t>(c)) != 0 ? c : '_');
  }
  return text;
}

// What Marathon puts into a task's environment (core/launcher, TaskBuilder).
std::vector<std::pair<std::string, std::string>> Environment(const world::Task& task,
                                                             const world::Agent& agent) {
  std::vector<std::pair<std::string, std::string>> all(task.app->env.begin(), task.app->env.end());
  all.emplace_back("HOST", agent.name);
  all.emplace_back("MARATHON_APP_ID", task.app_id);
  all.emplace_back("MARATHON_APP_VERSION", task.app->version);
  all.emplace_back("MESOS_TASK_ID", task.id);
  std::string ports;
  for (size_t i = 0; i < task.host_ports.size(); ++i) {
    const std::string port = std::to_string(task.host_ports[i]);
    all.emplace_back("PORT" + std::to_string(i), port);
    if (i == 0) {
      all.emplace_back("PORT", port);
    }
    if (i < task.app->ports.size() && !task.app->ports[i].name.empty()) {
      all.emplace_back("PORT_" + Upper(task.app->ports[i].name), port);
    }
    ports += (i == 0 ? "" : ",") + port;
  }
  all.emplace_back("PORTS", ports);
  return all;
}

}  // namespace

void MarathonSim::Pump() {
  for (const world::Order& order : world_->TakeOrders()) {
    if (options_.real_tasks) {
      CarryOut(order);
    }
  }
  std::vector<EventPtr> published;
  for (world::Event& event : world_->TakeEvents()) {
    published.push_back(std::make_shared<const world::Event>(std::move(event)));
    history_.push_back(published.back());
  }
  while (history_.size() > kHistory) {
    history_.pop_front();
  }
  if (!published.empty()) {
    streams_->Publish(published);
  }
}

void MarathonSim::CarryOut(const world::Order& order) {
  if (order.what == world::Order::What::kKill) {
    const int grace = order.grace_ms >= 0 ? order.grace_ms : options_.kill_grace_ms;
    launcher_.Kill(order.task, std::chrono::milliseconds(grace), MonoClock::now());
  } else if (const world::Task* task = world_->Find(order.task)) {
    LaunchTask(*task);
  }
}

void MarathonSim::LaunchTask(const world::Task& task) {
  const world::Agent& agent = world_->AgentOf(task);
  Launch launch{.task = task.id,
                .app = task.app_id,
                .host = agent.name,
                .sockets = {},
                .command = task.app->image.empty() ? task.app->cmd : "",
                .environment = Environment(task, agent)};
  for (const world::Endpoint& endpoint : world_->EndpointsOf(task)) {
    // A port of its own is open at all addresses of its own.
    const bool own = std::find(task.ips.begin(), task.ips.end(), endpoint.ip) != task.ips.end();
    for (const std::string& ip : own ? task.ips : std::vector<std::string>{endpoint.ip}) {
      for (std::string_view protocol : Split(endpoint.protocol, ',')) {
        launch.sockets.push_back(std::string(protocol) + ":" + ip + ":" + std::to_string(endpoint.port));
      }
    }
  }
  LogInfo("task launched", {{"task", task.id},
                            {"host", agent.name},
                            {"runs", launch.command.empty() ? "the stand-in's own HTTP server" : "/bin/sh"}});
  if (const absl::Status status = launcher_.Start(launch, MonoClock::now()); !status.ok()) {
    LogError("task not launched", {{"task", task.id}, {"error", status}});
    world_->TaskEnded(std::string(task.id), "TASK_FAILED", Message(status));
  }
}

void MarathonSim::TellStarted(Mono now) {
  const int launch_ms = options_.launch_ms >= 0 ? options_.launch_ms : 50;
  for (const std::string& id : launcher_.Started(now, std::chrono::milliseconds(launch_ms))) {
    world_->TaskStarting(id);
    world_->TaskRunning(id);
    if (const world::Task* task = world_->Find(id); task != nullptr && !task->checks.empty()) {
      watches_[id] = {std::vector<Mono>(task->checks.size(), now), std::vector<bool>(task->checks.size())};
    }
  }
}

void MarathonSim::TellEnded(Mono now) {
  std::vector<Ended> all = std::exchange(unheard_, {});
  for (Ended& ended : launcher_.Reap(now)) {
    all.push_back(std::move(ended));
  }
  for (const Ended& ended : all) {
    const world::Task* task = world_->Find(ended.task);
    if (task != nullptr && task->unreachable_since != 0) {
      unheard_.push_back(ended);  // nobody there to say so
      continue;
    }
    watches_.erase(ended.task);
    sick_.erase(ended.task);
    if (ended.killed) {
      world_->TaskEnded(ended.task, "TASK_KILLED", "Command terminated with signal Terminated");
    } else if (ended.signal != 0) {
      world_->TaskEnded(ended.task, "TASK_FAILED",
                        std::string("Command terminated with signal ") + strsignal(ended.signal));
    } else {
      world_->TaskEnded(ended.task, ended.exit_code == 0 ? "TASK_FINISHED" : "TASK_FAILED",
                        "Command exited with status " + std::to_string(ended.exit_code));
    }
  }
}

void MarathonSim::AskProbes(Mono now) {
  if (world_->IsDown()) {
    return;
  }
  for (auto& [id, watch] : watches_) {
    const world::Task* task = world_->Find(id);
    if (task == nullptr || task->condition != world::Condition::kRunning || task->killed) {
      continue;
    }
    const std::vector<world::Endpoint> endpoints = world_->EndpointsOf(*task);
    for (size_t i = 0; i < watch.due.size(); ++i) {
      if (watch.busy[i] || now < watch.due[i]) {
        continue;
      }
      const world::Check& check = task->app->checks[i];
      const auto interval = std::chrono::milliseconds(
          std::min<int64_t>(check.interval_s * 1000LL, options_.health_interval_cap_ms));
      watch.due[i] = now + interval;
      const int index = task->app->CheckPort(check);
      ProbeJob job{.task = id,
                   .check = static_cast<int>(i),
                   .address = "",
                   .port = check.port.value_or(0),
                   .http = check.protocol.ends_with("HTTP"),
                   .path = check.path,
                   .timeout = std::chrono::milliseconds(std::min<int64_t>(check.timeout_s * 1000LL, 2000))};
      for (const world::Endpoint& endpoint : endpoints) {
        // A check with a port of its own goes to the task's address whatever the endpoint.
        if (endpoint.index == std::max(index, 0)) {
          job.address = endpoint.ip;
          job.port = index < 0 ? job.port : endpoint.port;
        }
      }
      if (check.protocol == "COMMAND") {
        world_->Probe(id, job.check, !sick_.contains(id), "command failed");
      } else if (!job.address.empty()) {
        watch.busy[i] = true;
        prober_->Ask(std::move(job));
      }
    }
  }
}

void MarathonSim::OnProbe(const ProbeJob& job, bool ok, const std::string& cause) {
  MutexLock lock(mutex_);
  const auto watch = watches_.find(job.task);
  if (watch == watches_.end() || stopping_) {
    return;
  }
  watch->second.busy[static_cast<size_t>(job.check)] = false;
  const bool sick = sick_.contains(job.task);
  if (world_->IsDown()) {
    return;
  }
  world_->Advance(WorldNow());
  world_->Probe(job.task, job.check, ok && !sick, ok ? "503 Service Unavailable" : cause);
  Pump();
  changed_.NotifyAll();
}

void MarathonSim::KeepSnapshot() {
  if (faults_.read_stale_ms == 0) {
    return;
  }
  const WallMs now = world_->now();
  if (snapshots_.empty() || now - snapshots_.back().first >= std::max(faults_.read_stale_ms / 4, 10)) {
    snapshots_.emplace_back(now, *world_);
  }
  while (snapshots_.size() > 1 && snapshots_[1].first <= now - faults_.read_stale_ms) {
    snapshots_.pop_front();
  }
}

}  // namespace dispatcher::sim
