// Hints that an instance is about to leave.
//
// Since 1.8 Marathon tells a changed goal (about to be killed) with the condition as
// it was: instance_changed Running of what runs already, before the kill goes out
// (core/instance/update/InstanceChangedEventsGenerator.scala). At each change of a
// Mesos health check it repeats Running as well, but then with a status_update
// TASK_RUNNING beside it. So only a lone one is a hint, and no more than that.
#include "dispatcher/catalog/app.h"

namespace dispatcher {
namespace {

// The two of one change are published 2 to 11 ms apart, nearly always the
// status_update first.
constexpr Duration kPairWithin = std::chrono::seconds(1);

}  // namespace

void App::HintOnLoneRunning(InstanceFacts& instance, WallMs at, Context& context) {
  const Stamp told{context.generation, at};
  if (at == 0 || told <= instance.running_told) {
    return;  // the same one again, or one from before it
  }
  instance.running_told = told;
  const Mono update = std::exchange(instance.running_update, Mono{});
  if (update != Mono{} && context.received - update <= kPairWithin) {
    return;
  }
  for (auto& [id, task] : instance.tasks) {
    if (task.facts.life == Life::kRunning && !task.facts.absent) {
      task.facts.leaving.Edit().hinted_since = task.facts.last_received = context.received;
      JudgeTask(id, task, instance, context);
    }
  }
}

void App::PairRunning(InstanceFacts& instance, Context& context) {
  bool was_hint = false;
  for (auto& [id, task] : instance.tasks) {
    const Mono since = task.facts.leaving->hinted_since;
    if (since != Mono{} && context.received - since <= kPairWithin) {
      task.facts.leaving.Edit().hinted_since = {};
      was_hint = true;
    }
  }
  instance.running_update = was_hint ? Mono{} : context.received;
  if (was_hint) {
    JudgeInstance(instance, context);
  }
}

}  // namespace dispatcher
