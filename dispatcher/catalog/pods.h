// What is different about pods: an instance has several tasks, one a container, each
// with endpoints and health of its own.
#pragma once

#include <string_view>

#include "dispatcher/catalog/facts.h"
#include "dispatcher/catalog/merge.h"

namespace dispatcher {

// The container that a pod's task is: "P.instance-U.web[.2]" -> "web"; "" of another
// form.
SharedString ContainerOf(std::string_view task);

// Health of one container's task. A read tells it of each container; an event tells
// it of the instance: not alive if one of its tasks is unhealthy, alive if none is
// and one is known to be healthy (Marathon 1.4+, core/instance/Instance.scala,
// computeHealth). The later of the two counts, by `seq`, since both come from the
// same memory of the leader; what is stamped before `not_before` is an earlier
// incarnation's. kOpen: an event changed the instance's health, and does not say
// whose it was.
Health PodHealth(const Definition& pod, std::string_view container, const TaskFacts& task,
                 const InstanceFacts& instance, WallMs not_before = 0);

// How many instances run as a read lists them: the running tasks of that container
// with endpoints which has the fewest.
int RunningInstances(const Definition& pod, const std::vector<TaskSeen>& tasks);

// Whether each container with endpoints has a task that is told to be `life`, or
// past it: being killed or ended.
bool AllTold(const Definition& pod, const InstanceFacts& instance, Life life);

}  // namespace dispatcher
