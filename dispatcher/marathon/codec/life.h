// Every word for the state of a task or instance, of all versions, as one Life.
#pragma once

#include <string_view>

#include "dispatcher/model/observation.h"

namespace dispatcher {

// `word` is a Mesos task state ("TASK_RUNNING": status updates, task lists, pod
// containers) or one of Marathon's conditions ("Running": instance events, 1.4+;
// Created and Reserved until 1.7, Scheduled and Provisioned from 1.8). Blanks
// around it are passed over: Marathon's documentation has "Unreachable ".
// A word of neither kind is Life::kUnknown.
//
// Sources: Mesos include/mesos/mesos.proto (TaskState), Marathon
// core/condition/Condition.scala.
Life LifeOf(std::string_view word);

}  // namespace dispatcher
