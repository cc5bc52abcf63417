#include "tests/schedule/oracle.h"

#include <algorithm>

namespace dispatcher::schedule {
namespace {

std::string At(const std::string& ip, int port) { return ip + ":" + std::to_string(port); }

std::string Words(const Instance& instance) {
  return std::string(instance.task) + " at " + At(instance.address, instance.port) + " (" +
         std::string(instance.reason) + ")";
}

}  // namespace

std::string AddressOf(const std::string& host) {
  return host.starts_with("agent") ? "10.0.0." + host.substr(5) : host;
}

void Oracle::HearTask(const AppId& app, const TaskId& task, Life life) {
  apps_[app].insert(task);
  Told& told = tasks_[task];
  told.contested |= ended_apps_.contains(app);
  told.running |= life == Life::kRunning || life == Life::kUnreachable;
  told.ended |= life == Life::kTerminal;
  told.explained |= life == Life::kTerminal || life == Life::kKilling || life == Life::kLost;
}

// Mesos gives a host's port to one task at a time: one of the two has ended.
void Oracle::HearPlace(const TaskId& task, const std::string& host, const std::vector<int>& ports,
                       const std::vector<std::string>& ips) {
  std::set<std::string>& addresses = tasks_[task].addresses;
  addresses.insert(ips.begin(), ips.end());
  for (const int port : ports) {
    const std::string address = At(AddressOf(host), port);
    addresses.insert(address);
    for (auto& [other, told] : tasks_) {
      if (other != task && told.addresses.contains(address)) {
        told.contested = tasks_[task].contested = true;
      }
    }
  }
}

void Oracle::HearInstance(const AppId& app, const InstanceId& instance, Life life) {
  if (life != Life::kTerminal && life != Life::kKilling) {
    return;
  }
  ended_instances_.insert(instance);
  for (const TaskId& task : apps_[app]) {
    tasks_[task].explained |= task == instance || InstanceOfTask(task) == instance;
  }
}

void Oracle::HearSeen(const AppSeen& seen) {
  const AppId& app = seen.definition->id;
  std::set<TaskId> listed;
  int running = 0;
  for (const TaskSeen& task : seen.tasks) {
    listed.insert(task.task);
    Told& before = tasks_[task.task];
    if (before.ended_at != 0 && task.staged_at > before.ended_at) {
      before.ended = false;
    }
    before.staged_at = std::max(before.staged_at, task.staged_at);
    running += task.life == Life::kRunning ? 1 : 0;
    HearTask(app, task.task, task.life);
    HearPlace(task.task, task.host, task.ports, task.ips);
    Told& told = tasks_[task.task];
    if (task.life == Life::kRunning && seen.mark.begun_after >= told.given_up) {
      told.given_up = 0;
    }
  }
  for (const TaskId& task : apps_[app]) {
    tasks_[task].left_out |= running >= seen.definition->instances && !listed.contains(task);
  }
}

void Oracle::HearApp(const AppId& app) {
  ended_apps_.insert(app);
  for (const TaskId& task : apps_[app]) {
    tasks_[task].explained = true;
  }
}

void Oracle::Hear(const Observation& what, uint64_t seq) {
  if (const auto* update = std::get_if<TaskUpdate>(&what)) {
    Told& told = tasks_[update->task];
    if (!told.ended && update->at != 0 && update->at <= std::max(told.ended_at, told.staged_at - 1)) {
      told.explained |= update->life == Life::kTerminal;
      return;  // late, of the run before, or by another clock
    }
    HearTask(update->app, update->task, update->life);
    if (update->life == Life::kTerminal) {
      told.ended_at = std::max(told.ended_at, update->at);
    }
    const bool again = update->at != 0 && update->at <= told.given_up_at;
    if ((update->life == Life::kLost || update->life == Life::kUnreachable) && !again) {
      told.given_up = seq;
      told.given_up_at = update->at;
    }
    HearPlace(update->task, update->host, update->ports, update->ips);
  } else if (const auto* instance = std::get_if<InstanceUpdate>(&what)) {
    HearInstance(instance->app, instance->instance, instance->life);
  } else if (const auto* kill = std::get_if<KillAnnounced>(&what)) {
    HearInstance(kill->app, kill->instance.empty() ? kill->task : kill->instance, Life::kKilling);
    if (!kill->task.empty()) {
      tasks_[kill->task].explained = true;
    }
  } else if (const auto* stray = std::get_if<StrayTerminated>(&what)) {
    HearInstance(stray->app, stray->instance.empty() ? stray->task : stray->instance, Life::kTerminal);
  } else if (const auto* terminated = std::get_if<AppTerminated>(&what)) {
    HearApp(terminated->app);
  } else if (const auto* deployment = std::get_if<DeploymentUpdate>(&what)) {
    for (const DeploymentAction& action : deployment->all) {
      if (action.verb.starts_with("Stop")) {
        HearApp(action.app);
      }
    }
  } else if (const auto* seen = std::get_if<AppSeen>(&what)) {
    HearSeen(*seen);
  }
}

std::string Oracle::JudgeInstance(const Instance& instance, const Answers& now) const {
  static const Told nothing;
  const auto it = tasks_.find(instance.task);
  const Told& told = it == tasks_.end() ? nothing : it->second;
  // Its instance's end may be told before anybody names the task.
  const bool explained = told.explained || ended_instances_.contains(InstanceOfTask(instance.task));
  if (instance.want == Want::kYes) {
    // A task's own address goes with the container's ports, which are as declared.
    if (!told.addresses.contains(At(instance.address, instance.port)) &&
        !told.addresses.contains(instance.address)) {
      return "invented: nobody named the address of " + Words(instance);
    }
    if (!told.running) {
      return "invented: nobody said that it runs: " + Words(instance);
    }
    if (told.given_up != 0) {
      return "resurrected: it was given up, and no later read lists it: " + Words(instance);
    }
    return told.ended ? "resurrected: its end was told: " + Words(instance) : "";
  }
  if (instance.want == Want::kNo) {
    const std::optional<std::vector<TaskId>> running = now.Running();
    if (running && !explained &&
        std::find(running->begin(), running->end(), std::string(instance.task)) != running->end()) {
      return "unwanted although it runs: " + Words(instance);
    }
    if (instance.why == Why::kEvent && !explained && !told.contested) {
      return "explained by an event that never was: " + Words(instance);
    }
    if (instance.why == Why::kRead && !explained && !told.contested && !told.left_out) {
      return "explained by a read that never was: " + Words(instance);
    }
  }
  return "";
}

void Oracle::List(Inventory& to) const {
  for (const auto& [task, told] : tasks_) {
    to.Text(task);
    for (const std::string& address : told.addresses) {
      to.Text(address);
    }
    to.Number((told.running ? 1 : 0) + (told.ended ? 2 : 0) + (told.explained ? 4 : 0) +
              (told.left_out ? 8 : 0) + (told.contested ? 16 : 0));
    to.Seq(told.given_up);
    to.Number(told.given_up_at);
    to.Number(told.ended_at);
    to.Number(told.staged_at);
  }
  for (const auto* ended : {&ended_apps_, &ended_instances_}) {
    for (const std::string& id : *ended) {
      to.Text(id);
    }
  }
  for (const TaskId& task : unwanted_) {
    to.Text(task);
  }
}

std::string Oracle::Judge(const Observation& what, const Catalog& catalog, const Answers& now) {
  const auto* read = std::get_if<ReadEnded>(&what);
  const bool broken = read != nullptr && !read->status.ok() && !absl::IsNotFound(read->status);
  std::set<TaskId> unwanted;
  std::map<std::string, TaskId> holders;
  for (const ServiceKey& key : catalog.Keys()) {
    const std::shared_ptr<const Service> service = catalog.Build(key);
    for (const auto& instance : service->instances) {
      if (std::string wrong = JudgeInstance(*instance, now); !wrong.empty()) {
        return wrong;
      }
      if (instance->want == Want::kNo) {
        unwanted.insert(instance->task);
        if (broken && !unwanted_.contains(instance->task)) {
          return "unwanted by a read that broke off: " + Words(*instance);
        }
      } else if (instance->want == Want::kYes &&
                 AddressOf(instance->host) == std::string(instance->address)) {
        const auto [holder, fresh] = holders.emplace(At(instance->address, instance->port), instance->task);
        if (!fresh && holder->second != instance->task) {
          return "two at one address: " + holder->second + " and " + Words(*instance);
        }
      }
    }
  }
  unwanted_ = std::move(unwanted);
  return "";
}

}  // namespace dispatcher::schedule
