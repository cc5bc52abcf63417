#include "dispatcher/catalog/pods.h"

#include <algorithm>

#include "dispatcher/model/ids.h"

namespace dispatcher {

SharedString ContainerOf(std::string_view task) {
  const InstanceId instance = InstanceOfTask(task);
  if (!task.starts_with(instance) || task.size() <= instance.size() + 1) {
    return "";
  }
  const std::string_view rest = task.substr(instance.size() + 1);
  return SharedString(rest.substr(0, rest.find('.')));
}

Health PodHealth(const Definition& pod, std::string_view container, const TaskFacts& task,
                 const InstanceFacts& instance, WallMs not_before) {
  const auto own = std::count_if(pod.checks.begin(), pod.checks.end(),
                                 [&](const CheckSpec& check) { return check.container == container; });
  if (own == 0) {
    return Health::kPassing;
  }
  const auto& event = instance.health.event;
  if (!event.has_value() || event->stamp.at < not_before || event->seq <= task.mesos_seq) {
    return !task.mesos_healthy.has_value() ? Health::kUnknown
           : *task.mesos_healthy           ? Health::kPassing
                                           : Health::kFailing;
  }
  const bool alone = static_cast<size_t>(own) == pod.checks.size();
  if (event->alive) {
    // None is unhealthy; one that ever reported is healthy then.
    return alone || task.mesos_healthy.has_value() ? Health::kPassing : Health::kOpen;
  }
  return alone ? Health::kFailing : Health::kOpen;
}

int RunningInstances(const Definition& pod, const std::vector<TaskSeen>& tasks) {
  int fewest = pod.instances;
  for (const PortSpec& endpoint : pod.ports) {
    const auto running = std::count_if(tasks.begin(), tasks.end(), [&](const TaskSeen& task) {
      return task.life == Life::kRunning && ContainerOf(task.task) == endpoint.container;
    });
    fewest = std::min(fewest, static_cast<int>(running));
  }
  return fewest;
}

bool AllTold(const Definition& pod, const InstanceFacts& instance, Life life) {
  return std::all_of(pod.ports.begin(), pod.ports.end(), [&](const PortSpec& endpoint) {
    return std::any_of(instance.tasks.begin(), instance.tasks.end(), [&](const auto& entry) {
      const auto& [id, task] = entry;
      const Life told = task.facts.life;
      return !task.facts.absent && ContainerOf(id) == endpoint.container &&
             (told == life || told == Life::kKilling || told == Life::kTerminal);
    });
  });
}

}  // namespace dispatcher
