// What events say to one app.
#include <algorithm>

#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/app.h"
#include "dispatcher/catalog/pods.h"

namespace dispatcher {

void App::Doom(Task& task, const Context& context) {
  if (task.facts.leaving->doomed_since == Mono{}) {
    task.facts.leaving.Edit().doomed_since = context.received;
  }
}

bool App::IsLate(const TaskFacts& facts, Life life, WallMs at, Context& context) {
  if (!OfEarlierRun(facts, at)) {
    return false;
  }
  Need(kOfWhichRun, context);
  return VoidIfEarlier(facts, life);
}

void App::On(const TaskUpdate& update, Context& context) {
  const bool ends = update.life == Life::kTerminal;
  if (Buried(update.task, context)) {
    if (!context.graves.AllEndedBefore(update.at)) {
      return;
    }
    if (!ends) {
      Need(kOfWhichRun, context);
      return;
    }
  }
  auto& [id, task] = TaskOf(update.task, context);
  const InstanceId instance_id = InstanceOfTask(update.task);
  InstanceFacts& instance = InstanceOf(instance_id.empty() ? update.task : instance_id);
  TaskFacts& facts = task.facts;
  if (IsLate(facts, update.life, update.at, context)) {
    return;
  }
  if (ends ? MergeEnd(facts, update.at) : OfLaterRun(facts, update.at)) {
    Need(kOfWhichRun, context);
  }
  if (instance.ended && Incarnation(update.task) <= 1) {
    if (facts.leaving->ended_at == 0) {
      MergeEnd(facts, update.at);
    }
    MergeLife(facts, Life::kTerminal, "its instance ended", Source::kInstanceChanged, context.seq);
  }
  const Life before = facts.life;
  const WallMs version_at = ParseTimestamp(update.version).value_or(0);
  facts.last_received = context.received;
  MergeVersion(facts, context.strings.Get(update.version), version_at);
  MergePlace(facts, context.strings.Get(update.host), update.ports, context.Shared(update.ips));
  if (update.life == Life::kUnreachable || update.life == Life::kLost) {
    const bool again = update.at != 0 && update.at <= facts.leaving->given_up_at;
    if (again && facts.life == Life::kRunning) {
      return;  // it was given up by this very word, and a read has brought it back since
    }
    WallMs& given_up_at = facts.leaving.Edit().given_up_at;
    given_up_at = std::max(given_up_at, update.at);
  }
  const bool news =
      MergeLife(facts, update.life, context.strings.Get(update.word), Source::kStatusUpdate, context.seq);
  if (IsAlive(update.life)) {
    facts.last_seq = context.seq;
    facts_.last_seq = context.seq;
    NeedIfNewer(version_at, context);
  }
  if (update.life == Life::kUnknown) {
    Need("a word that is not known: " + update.word, context);
  }
  if (update.life == Life::kRunning) {
    MergeRunningAt(facts, update.at);
    // It may have come back, or this is an old word that arrives late.
    if (before == Life::kUnreachable || before == Life::kLost || facts.absent) {
      Need("RUNNING of a task that was given up", context);
    }
  }
  if (news && update.life == Life::kKilling) {
    Doom(task, context);
  }
  if (news && update.life == Life::kUnreachable) {
    facts.leaving.Edit().unreachable_since = context.received;
  }
  if (update.life == Life::kRunning) {
    PairRunning(instance, context);
  }
  JudgeTask(id, task, instance, context);
  UpdateDoubt(context);
}

// An instance's end names no incarnation. Ids of 1.8+ count them: after the first,
// a late word may mean the one before, and only a read can tell.
void App::EndInstance(const InstanceId& id, Life life, std::string_view word, WallMs at, Context& context) {
  InstanceFacts& instance = InstanceOf(id);
  instance.last_seq = context.seq;
  // Tasks of it that are not known yet have ended too: see On(TaskUpdate).
  instance.ended |= life == Life::kTerminal && (instance.tasks.empty() || IsPod());
  if (instance.tasks.empty()) {
    // Up to 1.7 the task's id follows from the instance's: "a.marathon-UUID" is
    // "a.UUID". Remembering its end stops a RUNNING that arrives late.
    constexpr std::string_view kMarathon = ".marathon-";
    const size_t mark = id.rfind(kMarathon);
    if (mark == std::string::npos) {
      return;
    }
    instance.tasks.Get(id.substr(0, mark) + "." + id.substr(mark + kMarathon.size()));
  }
  const bool reused = std::any_of(instance.tasks.begin(), instance.tasks.end(),
                                  [](const auto& task) { return Incarnation(task.first) > 1; });
  const bool some_alive = std::any_of(instance.tasks.begin(), instance.tasks.end(), [](const auto& task) {
    return task.second.facts.life != Life::kTerminal && !task.second.facts.absent;
  });
  if (reused) {
    instance.ended |= life == Life::kTerminal;
    if (some_alive) {
      Need("an instance ended and it is not said which incarnation", context);
    }
    return;
  }
  for (auto& [task_id, task] : instance.tasks) {
    if (IsLate(task.facts, life, at, context)) {
      continue;
    }
    if (life == Life::kTerminal) {
      MergeEnd(task.facts, at);
    }
    if (MergeLife(task.facts, life, word, Source::kInstanceChanged, context.seq)) {
      task.facts.last_received = context.received;
      Doom(task, context);
      JudgeTask(task_id, task, instance, context);
    }
  }
}

void App::On(const InstanceUpdate& update, Context& context) {
  const WallMs version_at = ParseTimestamp(update.version).value_or(0);
  if (update.life == Life::kTerminal || update.life == Life::kKilling) {
    EndInstance(update.instance, update.life, update.word, update.at, context);
    return;
  }
  facts_.last_seq = context.seq;
  NeedIfNewer(version_at, context);
  if (LifeRank(update.life) > 0 && LifeRank(update.life) < LifeRank(Life::kRunning)) {
    return;
  }
  // The status_update beside it carries id, host and ports. Where it was not seen,
  // a read has to stand in for it.
  const auto it = facts_.instances.find(update.instance);
  const bool seen =
      it == facts_.instances.end() ? false
      : IsPod()                    ? AllTold(*facts_.Current()->definition, it->second, update.life)
                : std::any_of(it->second.tasks.begin(), it->second.tasks.end(), [&](const auto& task) {
                    const Life life = task.second.facts.life;
                    return !task.second.facts.absent && (life == update.life || life == Life::kKilling);
                  });
  if (!seen) {
    Need("instance_changed " + update.word + " without its status_update", context);
  }
  if (it != facts_.instances.end() && update.life == Life::kRunning) {
    HintOnLoneRunning(it->second, update.at, context);
  }
  UpdateDoubt(context);
}

void App::On(const HealthUpdate& update, Context& context) {
  InstanceFacts& instance = InstanceOf(update.instance);
  instance.last_seq = context.seq;
  const bool changed = MergeHealthEvent(instance.health, update, context.generation, context.seq);
  if (instance.tasks.empty()) {
    Need("health of an instance whose tasks were not seen", context);
  }
  if (changed) {
    for (auto& [id, task] : instance.tasks) {
      task.facts.last_received = context.received;
    }
    JudgeInstance(instance, context);
  }
  // One of several checks came alive: which, and whether it was the last, is not
  // said. Two such words may carry the same stamp.
  for (const auto& [id, task] : instance.tasks) {
    const Versioned* versioned = VersionOf(task);
    if (update.alive.value_or(false) && task.verdict.condition == Condition::kCritical &&
        versioned != nullptr && versioned->definition->checks.size() > 1) {
      Need("one of several health checks came alive", context);
    }
  }
  UpdateDoubt(context);
}

void App::On(const KillAnnounced& kill, Context& context) {
  const auto announce = [&](const SharedString& id, Task& task, InstanceFacts& instance) {
    if (kill.at != 0 && (task.facts.running_at > kill.at || OfEarlierRun(task.facts, kill.at))) {
      return;  // of an incarnation before this one
    }
    task.facts.kill_announced = true;
    task.facts.leaving.Edit().kill_generation = context.generation;
    task.facts.last_received = context.received;
    Doom(task, context);
    JudgeTask(id, task, instance, context);
  };
  if (Buried(kill.task, context)) {
    return;
  }
  if (!kill.task.empty() && !IsInstanceId(kill.task)) {
    auto& [id, task] = TaskOf(kill.task, context);
    const InstanceId instance = InstanceOfTask(kill.task);
    announce(id, task, InstanceOf(instance.empty() ? kill.task : instance));
    return;
  }
  const auto it = facts_.instances.find(kill.instance.empty() ? kill.task : kill.instance);
  if (it != facts_.instances.end()) {
    for (auto& [id, task] : it->second.tasks) {
      announce(id, task, it->second);
    }
  }
}

void App::On(const StrayTerminated& stray, Context& context) {
  if (stray.task.empty()) {
    EndInstance(stray.instance, Life::kTerminal, "terminated", stray.at, context);
    return;
  }
  On(TaskUpdate{id_, stray.task, Life::kTerminal, "terminated", "", {}, {}, "", stray.at, ""}, context);
}

void App::On(const AppTerminated& terminated, Context& context) {
  const Versioned* current = facts_.Current();
  if (current != nullptr && terminated.at != 0 && current->definition->version_at >= terminated.at) {
    return;  // of an app of this name that was there before
  }
  facts_.terminated = true;
  // Without a stamp it is about what is known by now.
  const WallMs at = terminated.at != 0   ? terminated.at
                    : current != nullptr ? current->definition->version_at + 1
                                         : 1;
  facts_.terminated_at = std::max(facts_.terminated_at, at);
  facts_.terminated_seq = context.seq;
  facts_.gone_since = context.now;
  if (HasLiveTasks()) {
    Need("terminated, yet some of its tasks were not seen to end", context);
  }
  JudgeAll(context);
  DirtyAll(context);
  WakeAt(context.now + context.policy.tombstone);
  context.Say(NoteKind::kApp, id_, "", "terminated: app_terminated_event");
}

void App::On(const AppTouched& touched, Context& context) {
  // Health checks are announced for every app whenever a leader starts, and at each
  // step of a deployment: the definition has not changed by that.
  if (touched.event.find("health_check") == std::string::npos) {
    facts_.last_seq = context.seq;
    Need(touched.event, context);
  }
}

void App::NeedIfNewer(WallMs version_at, Context& context) {
  const Versioned* current = facts_.Current();
  if (current == nullptr || version_at > current->definition->version_at) {
    // Until then a 404 may come of a store that lags behind the tasks.
    facts_.expect_version = std::max(facts_.expect_version, version_at);
    Need("a version that is not known yet", context);
  }
}

void App::Displace(const TaskId& id, Context& context) {
  InstanceId instance = InstanceOfTask(id);
  const auto it = facts_.instances.find(instance.empty() ? id : instance);
  if (it == facts_.instances.end()) {
    return;
  }
  const auto task = it->second.tasks.find(id);
  if (task != it->second.tasks.end() &&
      MergeLife(task->second.facts, Life::kLost, "its address is taken", Source::kAddress, context.seq)) {
    task->second.facts.last_received = context.received;
    JudgeTask(task->first, task->second, it->second, context);
  }
}

}  // namespace dispatcher
