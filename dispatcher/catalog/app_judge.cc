// Facts in, verdict out, for one app's tasks.
#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/app.h"
#include "dispatcher/catalog/pods.h"

namespace dispatcher {
void App::Resolve(const SharedString& id, Task& task, const Versioned* versioned,
                  Circumstances& circumstances, Context& context) {
  task.trouble.clear();
  task.profiles = versioned->profiles;
  const Definition& definition = *versioned->definition;
  absl::StatusOr<Endpoints> endpoints =
      ResolvePorts(definition, task.facts.place, definition.is_pod ? ContainerOf(id) : SharedString());
  if (!endpoints.ok()) {
    task.trouble = Message(endpoints.status());
    circumstances.place_wrong = absl::IsInvalidArgument(endpoints.status());
    return;
  }
  for (Endpoint& endpoint : *endpoints) {
    if (!endpoint.on_host || endpoint.port == 0 || context.policy.address_is_host_name ||
        IsIpLiteral(endpoint.address)) {
      continue;
    }
    const std::string host = endpoint.address;
    const auto [it, fresh] = context.hosts.ip.try_emplace(host);
    if (fresh) {
      ReadWanted read;
      read.what = ReadWanted::What::kResolve;
      read.host = host;
      read.reason = "tasks run there";
      context.effects.reads.push_back(std::move(read));
    }
    if (it->second.empty() || it->second == host) {
      context.waiting_for_host.emplace(host, id_);
    }
    if (it->second.empty()) {
      circumstances.host_unresolved = true;
      task.trouble = "the name of agent " + host + " is being resolved";
      return;
    }
    endpoint.address = it->second;
  }
  task.endpoints = *std::move(endpoints);
  circumstances.place_resolved = true;
}

void App::ClaimAddresses(const SharedString& id, const Task& task, Context& context) const {
  for (const Endpoint& endpoint : task.endpoints) {
    if (!endpoint.on_host || endpoint.port == 0) {
      continue;
    }
    const AddressBook::Holder* dead = context.addresses.Claim(endpoint, {id_, id, task.facts.running_at});
    if (dead != nullptr) {
      context.displaced.emplace(dead->app, dead->task);
    }
  }
}

void App::ReleaseAddresses(const SharedString& id, const Endpoints& endpoints, Context& context) {
  for (const Endpoint& endpoint : endpoints) {
    context.addresses.Release(endpoint, id);
  }
}

void App::JudgeTask(const SharedString& id, Task& task, InstanceFacts& instance, Context& context) {
  const Versioned* versioned = VersionOf(task);
  const Endpoints old_endpoints = task.endpoints;
  const auto old_profiles = task.profiles;
  Circumstances circumstances;
  circumstances.has_definition = versioned != nullptr;
  circumstances.app_stopping = StoppedTask(task);
  circumstances.app_terminated = TerminatedTask(task);
  circumstances.route_when = context.policy.route_when;
  circumstances.health_from = Incarnation(id) > 1                 ? task.facts.running_at
                              : task.facts.leaving->ended_at != 0 ? task.facts.staged_at
                                                                  : 0;
  if (versioned != nullptr) {
    const Definition& definition = *versioned->definition;
    circumstances.checks = definition.checks.size();
    if (definition.is_pod) {
      circumstances.pod =
          PodHealth(definition, ContainerOf(id), task.facts, instance, circumstances.health_from);
    }
    circumstances.ready_needed = definition.has_readiness_checks && Deploying();
    circumstances.route_when = versioned->route_when;
    circumstances.kill_likely = context.goals_told && MayKill();
    circumstances.hold = HoldOf(*versioned);
    circumstances.superseded = Superseded(task, *versioned);
    Resolve(id, task, versioned, circumstances, context);
  }
  if (old_endpoints != task.endpoints) {
    ReleaseAddresses(id, old_endpoints, context);
  }
  const Judgement judgement = Judge(task.facts, instance.health, circumstances, context.policy, context.now);
  if (judgement.recheck.has_value()) {
    WakeAt(*judgement.recheck);
  }
  task.fit = judgement.fit;
  const Verdict& verdict = judgement.verdict;
  const bool older = versioned == nullptr && facts_.Current() != nullptr &&
                     task.facts.version_at <= facts_.Current()->definition->version_at;
  task.read_wanted = judgement.read_wanted && !older;
  if (judgement.read_wanted && older) {
    AskForVersion(task, context);
  } else if (task.read_wanted && context.from_event) {
    Need(verdict.reason, context);
  }
  const bool gone = verdict.phase == Phase::kGone;
  const bool gone_before = task.facts.leaving->gone_since != Mono{};
  if (gone && !gone_before) {
    task.facts.leaving.Edit().gone_since = context.now;
    WakeAt(context.now + context.policy.tombstone);
  } else if (!gone && gone_before) {
    task.facts.leaving.Edit().gone_since = {};
  }
  if (task.facts.life == Life::kTerminal &&
      task.facts.leaving->listed_dead == Mono{}) {  // it may be gone since before
    task.facts.leaving.Edit().listed_dead = context.now;
    context.graves.Add(id_, id, context.now);
  }
  if (task.facts.life == Life::kRunning && !gone && circumstances.place_resolved) {
    ClaimAddresses(id, task, context);
  } else if (gone) {
    ReleaseAddresses(id, task.endpoints, context);
  }

  const bool unbuilt = task.built.empty() && !task.endpoints.empty();
  if (verdict == task.verdict && old_endpoints == task.endpoints && old_profiles == task.profiles &&
      !unbuilt) {
    return;
  }
  if (context.from_event && verdict.phase != task.verdict.phase) {
    context.Say(NoteKind::kPhase, id_, id,
                std::string(Name(task.verdict.phase))
                    .append(" -> ")
                    .append(Name(verdict.phase))
                    .append(": ")
                    .append(verdict.reason));
  }
  DirtyTask(task, context);  // places it leaves
  task.verdict = verdict;
  Rebuild(id, task, versioned, context);
  DirtyTask(task, context);
}

void App::JudgeInstance(InstanceFacts& instance, Context& context) {
  for (auto& [id, task] : instance.tasks) {
    JudgeTask(id, task, instance, context);
  }
}

void App::JudgeAll(Context& context) {
  for (auto& [id, instance] : facts_.instances) {
    JudgeInstance(instance, context);
  }
}

}  // namespace dispatcher
