#include "dispatcher/catalog/app.h"

#include <algorithm>
#include <utility>

#include "dispatcher/catalog/labels.h"

namespace dispatcher {
namespace {

constexpr size_t kMaxQuoted = 300;
// Each Recheck judges every task of the app, so the dead of a storm are forgotten together.
constexpr Duration kForgetEvery = std::chrono::seconds(1);

}  // namespace

Tasks::Entry& App::TaskOf(const TaskId& id, Context& context) {
  InstanceId instance = InstanceOfTask(id);
  if (instance.empty()) {
    instance = id;  // an id of no known form stands for itself
  }
  if (const auto it = facts_.instances.find(instance); it != facts_.instances.end()) {
    it->second.last_seq = std::max(it->second.last_seq, context.seq);
    return it->second.tasks.Get(id);
  }
  const SharedString shared(id);
  InstanceKey key = id.starts_with(instance) ? InstanceKey(shared, instance.size()) : InstanceKey(instance);
  InstanceFacts& fresh = facts_.instances.try_emplace(std::move(key)).first->second;
  fresh.last_seq = context.seq;
  return fresh.tasks.Get(shared);
}

InstanceFacts& App::InstanceOf(std::string_view id) {
  const auto it = facts_.instances.find(id);
  return it != facts_.instances.end() ? it->second
                                      : facts_.instances.try_emplace(InstanceKey(id)).first->second;
}

bool App::Knows(const TaskId& id) const {
  const InstanceId instance = InstanceOfTask(id);
  const auto it = facts_.instances.find(instance.empty() ? id : instance);
  return it != facts_.instances.end() && std::any_of(it->second.tasks.begin(), it->second.tasks.end(),
                                                     [&](const auto& task) { return task.first == id; });
}

// A task is of the current version if its stamp is no older than the last change of
// configuration: scaling makes versions that start nothing.
const Versioned* App::VersionOf(const Task& task) const {
  const Versioned* current = facts_.Current();
  if (task.facts.version.empty()) {
    return current;
  }
  if (const auto it = facts_.versions.find(task.facts.version); it != facts_.versions.end()) {
    return &it->second;
  }
  if (current != nullptr && task.facts.version_at >= current->definition->config_changed_at &&
      task.facts.version_at <= current->definition->version_at) {
    return current;
  }
  return nullptr;
}

void App::Learn(std::shared_ptr<const Definition> definition, const Context& context) {
  auto [it, fresh] = facts_.versions.try_emplace(definition->version);
  if (!fresh && *it->second.definition == *definition) {
    return;
  }
  it->second.profiles = std::make_shared<const std::vector<std::shared_ptr<const Profile>>>(
      MakeProfiles(*definition, context.policy));
  it->second.route_when = RouteWhenOf(*definition, context.policy);
  it->second.definition = std::move(definition);
}

void App::DropUnusedVersions() {
  if (facts_.versions.size() < 2 && facts_.other_versions->unavailable.empty()) {
    return;
  }
  std::set<std::string_view> used{facts_.current}, run;
  for (const auto& [instance_id, instance] : facts_.instances) {
    for (const auto& [id, task] : instance.tasks) {
      if (task.verdict.phase != Phase::kGone) {
        if (const Versioned* version = VersionOf(task)) {
          used.insert(version->definition->version);
        }
        run.insert(task.facts.version);
      }
    }
  }
  absl::erase_if(facts_.versions, [&](const auto& entry) { return !used.contains(entry.first); });
  if (!facts_.other_versions->unavailable.empty()) {
    absl::erase_if(facts_.other_versions.Edit().unavailable,
                   [&](const auto& version) { return !run.contains(version); });
  }
}

// A version stamped at the very time of the end is the next app's: none ends in the
// millisecond that it was made in.
bool App::TerminatedTask(const Task& task) const {
  return facts_.terminated_seq != 0 && task.facts.version_at < facts_.terminated_at &&
         task.facts.listed_seq < facts_.terminated_seq;
}

bool App::StoppedTask(const Task& task) const {
  if (facts_.stopping_seq == 0) {
    return false;
  }
  const WallMs started = task.facts.version_at, stopped = facts_.stopping_version;
  const bool earlier = started == 0 || stopped == 0 || started < stopped;
  return earlier && (!facts_.stopping.empty() || task.facts.listed_seq < facts_.stopping_seq);
}

bool App::HasLiveTasks() const {
  for (const auto& [instance_id, instance] : facts_.instances) {
    for (const auto& [id, task] : instance.tasks) {
      if (task.verdict.phase != Phase::kGone) {
        return true;
      }
    }
  }
  return false;
}

int App::DeclaredPorts() const {
  const Versioned* current = facts_.Current();
  return current == nullptr ? 0 : static_cast<int>(current->profiles->size());
}

int App::PortCount() const {
  auto count = static_cast<size_t>(DeclaredPorts());
  for (const auto& [instance_id, instance] : facts_.instances) {
    for (const auto& [id, task] : instance.tasks) {
      count = std::max(count, task.built.size());
    }
  }
  return static_cast<int>(count);
}

void App::DirtyAll(Context& context) {
  ports_ever_ = PortsEver();
  for (int port = in_doubt_ ? kAnyPort : 0; port < ports_ever_; ++port) {
    context.dirty.insert({id_, port});
  }
}

void App::DirtyTask(const Task& task, Context& context) {
  if (task.built.empty()) {  // known by id only: any port of the app may hold it
    DirtyAll(context);
  }
  for (size_t port = 0; port < task.built.size(); ++port) {
    context.dirty.insert({id_, static_cast<int>(port)});
  }
  ports_ever_ = std::max(PortsEver(), static_cast<int>(task.built.size()));
}

void App::UpdateDoubt(Context& context) {
  const bool doubt = facts_.Current() == nullptr || facts_.undecodable;
  if (doubt != in_doubt_) {
    in_doubt_ = doubt;
    context.dirty.insert({id_, kAnyPort});
    DirtyAll(context);
  }
}

void App::WakeAt(Mono when) {
  if (!wake_.has_value() || when < *wake_) {
    wake_ = when;
  }
}

void App::Recheck(Context& context) {
  wake_.reset();
  if (std::exchange(buried_, false)) {
    DirtyAll(context);
  }
  const Duration keep = context.policy.tombstone;
  for (auto it = facts_.instances.begin(); it != facts_.instances.end();) {
    auto& tasks = it->second.tasks;
    tasks.EraseIf([&](const auto& entry) {
      const Task& task = entry.second;
      if (task.verdict.phase != Phase::kGone) {
        return false;
      }
      const bool forget = task.facts.leaving->gone_since + keep <= context.now;
      if (forget) {
        DirtyTask(task, context);
      } else {
        WakeAt(std::max(task.facts.leaving->gone_since + keep, context.now + kForgetEvery));
      }
      return forget;
    });
    it = tasks.empty() && it->second.last_seq < context.seq ? facts_.instances.erase(it) : std::next(it);
  }
  JudgeAll(context);
  if (Gone() && !Forgettable(context.now, keep)) {
    // Held up by a task, which has a wake of its own, or by a read under way.
    const Mono due = facts_.gone_since + keep;
    WakeAt(due > context.now ? due : context.now + keep);
  }
}

WallMs App::Bury(const Graves::Death& death) {
  const std::string_view task = death.task;
  const InstanceId instance = InstanceOfTask(task);
  const auto it = facts_.instances.find(instance.empty() ? task : instance);
  if (it == facts_.instances.end()) {
    return 0;
  }
  Tasks& tasks = it->second.tasks;
  const auto dead = tasks.find(task);
  // It may have begun anew, and ended again, since that death.
  if (dead == tasks.end() || dead->second.facts.leaving->listed_dead != death.since) {
    return 0;
  }
  const WallMs ended_at = dead->second.facts.leaving->ended_at;
  if (ended_at == 0 || ended_at == kNoStamp) {
    return 0;
  }
  tasks.EraseIf([&](const auto& entry) { return entry.first == task; });
  if (tasks.empty()) {
    facts_.instances.erase(it);
  }
  buried_ = true;
  return ended_at;
}

bool App::Buried(const TaskId& id, const Context& context) const {
  return context.graves.Holds(id) && !Knows(id);
}

bool App::Forgettable(Mono now, Duration tombstone) const {
  return Gone() && facts_.instances.empty() && facts_.need_seq == 0 && facts_.gone_since + tombstone <= now;
}

std::string App::UndecodableText() const {
  std::string text = "Marathon's answer for it can't be decoded";
  if (!facts_.undecodable_why.empty()) {
    text.append(" (").append(std::string_view(facts_.undecodable_why)).append(")");
  }
  return text + ": what is published of it stays, and follows its events, until it can be read again";
}

void App::Undecodable(std::string_view why, Context& context) {
  why = why.substr(0, kMaxQuoted);
  if (!facts_.undecodable || facts_.undecodable_why != why) {
    facts_.undecodable = true;
    facts_.undecodable_why = why;
    context.Say(NoteKind::kRefused, id_, "", UndecodableText());
    DirtyAll(context);
  }
  UpdateDoubt(context);
}

}  // namespace dispatcher
