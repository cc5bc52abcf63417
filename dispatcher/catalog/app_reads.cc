// What reads say to one app, and which reads it asks for.
#include <algorithm>
#include <array>

#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/app.h"
#include "dispatcher/catalog/pods.h"

namespace dispatcher {

void App::SeeTask(const TaskSeen& seen, const AppSeen& read, bool authority, Context& context) {
  Task& task = TaskOf(seen.task, context).second;
  TaskFacts& facts = task.facts;
  const uint64_t begun = read.mark.begun_after;
  const InstanceId instance_id = InstanceOfTask(seen.task);
  InstanceFacts& instance = InstanceOf(instance_id.empty() ? seen.task : instance_id);
  if (const WhichRun run = RunOf(facts, seen); run != WhichRun::kSame) {
    const bool told_since = facts.life != Life::kTerminal && begun < facts.life_seq;
    if (run == WhichRun::kEarlier || !authority || told_since) {
      facts.seen_in_read = std::max(facts.seen_in_read, read.read);
      if (authority && told_since) {
        Need(kOfWhichRun, context);
      }
      return;
    }
    BeginAnew(facts, seen.staged_at);
    ForgetHealth(instance.health, seen.staged_at);  // such an instance has this one task
  }
  MergeVersion(facts, context.strings.Get(seen.version), seen.version_at);
  MergePlace(facts, context.strings.Get(seen.host), seen.ports, context.Shared(seen.ips));
  if (authority) {
    if (ReturnFromRead(facts, seen.life, begun) && facts.life == Life::kUnreachable) {
      facts.leaving.Edit().unreachable_since = context.received;
    }
    if (IsAlive(seen.life)) {
      facts.listed_seq = std::max(facts.listed_seq, begun);
    }
    if (facts.absent && begun >= facts.leaving->absent_seq && IsAlive(seen.life)) {
      facts.absent = false;
    }
    if (facts.kill_announced && seen.life == Life::kRunning &&
        read.mark.generation > facts.leaving->kill_generation) {
      facts.kill_announced = false;  // the leader that announced it is gone, and the task is not
    }
  }
  const Life before = facts.life;
  const bool stale = before == Life::kRunning && seen.life == Life::kUnreachable && begun < facts.life_seq;
  if (stale) {
    Need("told running after a read that shows it unreachable began", context);
  } else if (MergeLife(facts, seen.life, context.strings.Get(seen.word), Source::kRead, begun) &&
             before != facts.life) {
    if (facts.life == Life::kUnreachable) {
      facts.leaving.Edit().unreachable_since = context.received;
    }
    if (facts.life == Life::kKilling) {
      Doom(task, context);
    }
  }
  if (seen.life == Life::kTerminal) {
    MergeEnd(facts, seen.staged_at);
  }
  if (IsAlive(seen.life)) {
    facts.last_seq = std::max(facts.last_seq, begun);
  }
  facts.staged_at = std::max(facts.staged_at, seen.staged_at);
  if (seen.life == Life::kRunning || seen.life == Life::kUnreachable) {
    MergeRunningAt(facts, seen.started_at);
  }
  const bool latest = read.read >= facts.seen_in_read;
  facts.seen_in_read = std::max(facts.seen_in_read, read.read);
  const auto& ready = read.ready_tasks;
  const bool is_ready = std::find(ready.begin(), ready.end(), seen.task) != ready.end();
  facts.ready = authority && latest ? is_ready : facts.ready || is_ready;
  if ((authority && latest) || !facts.mesos_healthy.has_value()) {
    facts.mesos_healthy = seen.mesos_healthy;
    facts.mesos_seq = authority ? begun : 0;
  }

  if (authority && IsAlive(seen.life)) {
    instance.ended = false;
  }
  const Versioned* versioned = VersionOf(task);
  MergeHealthRead(
      instance.health, seen.results,
      versioned == nullptr ? std::nullopt : std::optional<size_t>(versioned->definition->checks.size()),
      read.mark.generation, begun);
}

void App::Seen(const AppSeen& seen, bool leaders, Context& context) {
  // Of two reads under way the one that began first may end last: what the other has
  // told since is newer.
  const bool outdated = seen.read < facts_.told_in_read;
  const bool authority = leaders && !outdated;
  if (authority) {
    facts_.told_in_read = seen.read;
  }
  const Definition& definition = *seen.definition;
  const SharedString old_version = facts_.current;
  const auto old_profiles = facts_.Current() == nullptr ? nullptr : facts_.Current()->profiles;
  ports_ever_ = PortsEver();  // also those that it declares no more
  Learn(seen.definition, context);
  const Versioned* current = facts_.Current();
  const bool newer = current == nullptr || definition.version_at >= current->definition->version_at;
  const bool reset = authority && seen.mark.begun_after > facts_.current_seq;
  if (newer || reset) {
    facts_.current = definition.version;
    facts_.current_seq = seen.mark.begun_after;
  }
  if (facts_.current != old_version || facts_.Current()->profiles != old_profiles) {
    DirtyAll(context);
  }
  facts_.tasks_read = seen.read >= facts_.seen_in_read ? seen.has_tasks : facts_.tasks_read;
  facts_.seen_in_read = std::max(facts_.seen_in_read, seen.read);
  const auto runs = [](const TaskSeen& task) { return task.life == Life::kRunning; };
  facts_.listed_running = definition.is_pod
                              ? RunningInstances(definition, seen.tasks)
                              : static_cast<int>(std::count_if(seen.tasks.begin(), seen.tasks.end(), runs));
  facts_.undecodable = false;
  if (facts_.absent && authority) {
    facts_.absent = false;
    facts_.gone_since = {};
    DirtyAll(context);
  }
  // After its deletion Marathon lists it no more: what a later read lists is the next.
  const bool later = authority && seen.mark.begun_after >= facts_.terminated_seq;
  if (facts_.terminated && (later || definition.version_at >= facts_.terminated_at)) {
    facts_.terminated = false;
    if (definition.version_at < facts_.terminated_at) {
      facts_.terminated_at = definition.config_changed_at;
    }
    facts_.gone_since = {};
    DirtyAll(context);
  }
  if (!facts_.stopping.empty() && definition.version_at > facts_.stopping_version) {
    facts_.stopping.clear();
    DirtyAll(context);
  }
  if (authority) {
    ReadDeployments(seen, context);
  }
  for (const TaskSeen& task : seen.tasks) {
    const bool dead =
        Buried(task.task, context) && !(authority && context.graves.AllEndedBefore(task.staged_at));
    if ((!outdated || Knows(task.task)) && !dead) {
      SeeTask(task, seen, authority, context);
    }
  }
  JudgeAll(context);
  UpdateDoubt(context);
  DropUnusedVersions();
}

void App::Finish(const ReadMark& mark, uint64_t read, Context& context) {
  if (!facts_.tasks_read) {
    return;  // no tasks were asked for, or none told: nothing is absent
  }
  const Versioned* current = facts_.Current();
  const bool full = current != nullptr && facts_.listed_running >= current->definition->instances;
  if (full != facts_.full || !facts_.whole) {
    facts_.full = full;
    facts_.whole = true;
    DirtyAll(context);
  }
  for (auto it = facts_.instances.begin(); it != facts_.instances.end();) {
    InstanceFacts& instance = it->second;
    for (auto& [id, task] : instance.tasks) {
      TaskFacts& facts = task.facts;
      if (facts.seen_in_read >= read || facts.last_seq > mark.begun_after || facts.life == Life::kTerminal) {
        continue;
      }
      if (!facts.absent) {
        facts.absent = true;
        facts.absent_why = Why::kAbsent;
      }
      uint64_t& absent_seq = facts.leaving.Edit().absent_seq;
      absent_seq = std::max(absent_seq, mark.begun_after);
      facts.absent_why = instance.ended ? Why::kEvent : full ? Why::kRead : facts.absent_why;
      JudgeTask(id, task, instance, context);
    }
    // Health of an instance whose task nobody ever named.
    const bool orphan = instance.tasks.empty() && instance.last_seq <= mark.begun_after;
    it = orphan ? facts_.instances.erase(it) : std::next(it);
  }
}

void App::NotThere(const ReadMark& mark, uint64_t read, bool authority, Context& context) {
  // An app may be announced, and 201 answered, before it can be read.
  const bool ended =
      ExplainedGone() && facts_.expect_version <= std::max(facts_.terminated_at, facts_.stopping_version);
  const bool early =
      StillLearning() && !ended && context.now < facts_.learning_since + context.policy.learn_for;
  if (authority && !early && facts_.last_seq <= mark.begun_after) {
    facts_.told_in_read = std::max(facts_.told_in_read, read);
    facts_.listed_running = 0;
    if (!facts_.absent) {
      facts_.absent = true;
      facts_.gone_since = context.now;
      context.Say(NoteKind::kApp, id_, "", "not in a complete read");
    }
    facts_.full = false;
    facts_.whole = true;
    facts_.undecodable = false;
    for (auto& [instance_id, instance] : facts_.instances) {
      for (auto& [id, task] : instance.tasks) {
        if (!task.facts.absent && task.facts.last_seq <= mark.begun_after &&
            task.facts.life != Life::kTerminal) {
          task.facts.absent = true;
          task.facts.leaving.Edit().absent_seq = mark.begun_after;
          task.facts.absent_why = ExplainedGone() ? Why::kEvent : Why::kAbsent;
          JudgeTask(id, task, instance, context);
        }
      }
    }
    DirtyAll(context);
    WakeAt(context.now + context.policy.tombstone);
    if (facts_.need_seq <= mark.begun_after) {
      facts_.need_seq = 0;
      facts_.learning_since = {};
      facts_.expect_version = 0;
    }
  }
  ReadAnswered(mark, authority, context);
  UpdateDoubt(context);
}

void App::On(const VersionSeen& version, Context& context) {
  const bool answered = version.definition != nullptr || absl::IsNotFound(version.status);
  if (!answered) {
    return;  // whoever reads tries again, and not at once
  }
  if (facts_.other_versions->asked.contains(version.version)) {
    facts_.other_versions.Edit().asked.erase(version.version);
  }
  if (version.definition != nullptr) {
    Learn(version.definition, context);
  } else {
    // Marathon keeps a limited number of versions. What stands under this one,
    // stays; nothing new can be told apart.
    facts_.other_versions.Edit().unavailable.insert(version.version);
    context.Say(NoteKind::kRefused, id_, "", "Marathon has version " + version.version + " no more");
  }
  JudgeAll(context);
  NeedIfOpen(context);
  UpdateDoubt(context);
}

void App::HostResolved(Context& context) {
  JudgeAll(context);
  NeedIfOpen(context);
}

// What was not known may have hidden that something else is open.
void App::NeedIfOpen(Context& context) {
  if (SomethingOpen()) {
    Need("what an event left open", context);
  }
}

void App::Need(std::string_view reason, Context& context) {
  facts_.need_seq = context.seq;
  facts_.need_reason = reason;
  if (facts_.learning_since == Mono{}) {
    facts_.learning_since = context.now;
    facts_.learning_tries = 0;
  }
  // A read put off because the last one came too early: the event says that it is
  // time now.
  if (!facts_.need_sent || facts_.need_delayed) {
    Ask({}, context);
  }
}

void App::Ask(Mono not_before, Context& context) {
  facts_.need_sent = true;
  facts_.need_delayed = not_before > context.now;
  ReadWanted read;
  read.app = id_;
  read.pod = IsPod();
  read.not_before = not_before;
  read.reason = facts_.need_reason;
  context.effects.reads.push_back(std::move(read));
}

void App::AskForVersion(const Task& task, Context& context) {
  const std::string& version = task.facts.version;
  if (facts_.other_versions->unavailable.contains(version) ||
      !facts_.other_versions.Edit().asked.insert(version).second) {
    return;
  }
  ReadWanted read;
  read.what = ReadWanted::What::kVersion;
  read.app = id_;
  read.pod = IsPod();
  read.version = version;
  read.reason = "tasks of this version run";
  context.effects.reads.push_back(std::move(read));
}

bool App::StillLearning() const {
  const Versioned* current = facts_.Current();
  if (current == nullptr || facts_.expect_version > current->definition->version_at) {
    return true;
  }
  return SomethingOpen();
}

bool App::SomethingOpen() const {
  for (const auto& [instance_id, instance] : facts_.instances) {
    for (const auto& [id, task] : instance.tasks) {
      if (task.read_wanted) {
        return true;
      }
    }
  }
  return false;
}

void App::ReadAnswered(const ReadMark& mark, bool authority, Context& context) {
  facts_.need_sent = false;
  Settle(mark, authority, context);
}

void App::Settle(const ReadMark& mark, bool authority, Context& context) {
  if (facts_.need_seq == 0 || facts_.need_sent) {
    return;
  }
  if (mark.begun_after < facts_.need_seq) {
    Ask({}, context);  // something happened while it was under way
    return;
  }
  constexpr std::array<int, 8> kWaits = {20, 50, 100, 250, 500, 1000, 2000, 4000};  // ms
  const bool open = !authority || StillLearning();
  if (open && context.now < facts_.learning_since + context.policy.learn_for) {
    const size_t tries = std::min<size_t>(static_cast<size_t>(facts_.learning_tries++), kWaits.size() - 1);
    Ask(context.now + std::chrono::milliseconds(kWaits[tries]), context);
    return;
  }
  facts_.need_seq = 0;
  facts_.learning_since = {};
  facts_.expect_version = 0;  // waited for long enough, or seen
}

}  // namespace dispatcher
