// What deployments do to one app, from the first word of them to the last, and what
// follows for its tasks: which of two versions takes traffic.
#include <algorithm>
#include <limits>
#include <tuple>

#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/app.h"

namespace dispatcher {
namespace {

constexpr size_t kEndedDeployments = 8;

bool IsStop(std::string_view verb) { return verb.starts_with("Stop"); }

bool Names(const std::vector<DeploymentAction>& actions, const AppId& app, bool stop) {
  return std::any_of(actions.begin(), actions.end(),
                     [&](const DeploymentAction& a) { return a.app == app && IsStop(a.verb) == stop; });
}

// "ScaleApplication", "ScalePod" -> "scale"
std::string Word(std::string_view verb) {
  for (const std::string_view kind : {"Application", "Pod"}) {
    if (verb.ends_with(kind)) {
      verb.remove_suffix(kind.size());
    }
  }
  return Lower(verb);
}

const DeploymentAction* Find(const std::vector<DeploymentAction>& actions, const AppId& app) {
  const auto it =
      std::find_if(actions.begin(), actions.end(), [&](const DeploymentAction& a) { return a.app == app; });
  return it == actions.end() ? nullptr : &*it;
}

}  // namespace

void App::Stop(const DeploymentUpdate& deployment, Context& context) {
  const WallMs version_at = ParseTimestamp(deployment.version).value_or(0);
  const Versioned* current = facts_.Current();
  if (current != nullptr && version_at != 0 && version_at < current->definition->version_at) {
    return;  // it was made anew since
  }
  if (!facts_.stopping.empty()) {
    return;
  }
  facts_.stopping = deployment.id;
  facts_.stopping_version = version_at;
  facts_.stopping_seq = context.seq;
  for (auto& [instance_id, instance] : facts_.instances) {
    for (auto& [id, task] : instance.tasks) {
      if (StoppedTask(task)) {
        task.facts.last_received = context.received;
        Doom(task, context);
        if (task.facts.absent) {
          task.facts.absent_why = Why::kEvent;  // a read saw the deletion before this told of it
        }
      }
    }
  }
  context.Say(NoteKind::kApp, id_, "", "being stopped: StopApplication of deployment " + deployment.id);
  JudgeAll(context);
  DirtyAll(context);
}

void App::TakeBackStop(Context& context) {
  facts_.stopping.clear();
  facts_.stopping_seq = 0;
  for (auto& [instance_id, instance] : facts_.instances) {
    for (auto& [id, task] : instance.tasks) {
      const bool leaves = task.facts.kill_announced || !IsAlive(task.facts.life);
      if (!leaves && task.facts.life != Life::kKilling) {
        task.facts.leaving.Edit().doomed_since = {};
      }
    }
  }
  DirtyAll(context);
}

bool App::Ended(const std::string& deployment) const {
  const auto& ended = facts_.deployments->ended;
  return std::find(ended.begin(), ended.end(), deployment) != ended.end();
}

void App::Track(const DeploymentUpdate& update, const Context& context) {
  const bool over = update.phase == DeploymentPhase::kSucceeded || update.phase == DeploymentPhase::kFailed;
  if (over && !Ended(update.id)) {
    std::vector<std::string>& ended = facts_.deployments.Edit().ended;
    ended.push_back(update.id);
    if (ended.size() > kEndedDeployments) {
      ended.erase(ended.begin());
    }
  }
  if (update.phase == DeploymentPhase::kSucceeded) {
    facts_.deployments.Edit().known.erase(update.id);
    return;
  }
  DeploymentFacts& facts = facts_.deployments.Edit().known[update.id];
  facts.seq = context.seq;
  if (facts.since == Mono{}) {
    facts.since = context.received;
  }
  if (const WallMs version_at = ParseTimestamp(update.version).value_or(0); version_at != 0) {
    facts.version_at = version_at;
  }
  const DeploymentAction* here = Find(update.current, id_);
  if (here == nullptr && facts.doing.empty()) {
    here = Find(update.all, id_);
  }
  if (here != nullptr) {
    facts.doing = Word(here->verb);
  }
  facts.may_kill = std::any_of(update.all.begin(), update.all.end(), [&](const DeploymentAction& action) {
    return action.app == id_ && !action.verb.starts_with("Start");
  });
  facts.steps = std::max(facts.steps, update.steps);
  // A new leader begins at step 1 again; the end of a step may be told after the
  // beginning of the next.
  facts.step = update.phase == DeploymentPhase::kStep && update.step != 0 ? update.step
                                                                          : std::max(facts.step, update.step);
  if (update.phase == DeploymentPhase::kFailed) {
    facts.failed_at = context.now;
  }
}

void App::On(const DeploymentUpdate& deployment, Context& context) {
  const bool failed = deployment.phase == DeploymentPhase::kFailed;
  const bool succeeded = deployment.phase == DeploymentPhase::kSucceeded;
  const bool both =
      failed && facts_.deployments->succeeded_seq != 0 && deployment.id == facts_.deployments->succeeded;
  if (both) {
    // Up to 1.6.322 a cancelled one may say so, in either order: it failed.
    facts_.deployments.Edit().succeeded_seq = 0;
  } else if (Ended(deployment.id)) {
    return;
  }
  Track(deployment, context);
  if (failed) {
    if (facts_.stopping == deployment.id) {
      TakeBackStop(context);
    }
    JudgeAll(context);
    Need("deployment_failed", context);
    return;
  }
  if (Names(succeeded ? deployment.all : deployment.current, id_, /*stop=*/true)) {
    Stop(deployment, context);
    return;
  }
  const WallMs version_at = ParseTimestamp(deployment.version).value_or(0);
  if (Names(deployment.all, id_, /*stop=*/false)) {
    facts_.last_seq = context.seq;
    NeedIfNewer(version_at, context);
    UpdateDoubt(context);
  }
  if (succeeded && version_at >= facts_.deployments->succeeded_version) {
    AppFacts::Deployments& deployments = facts_.deployments.Edit();
    deployments.succeeded = deployment.id;
    deployments.succeeded_version = version_at;
    deployments.succeeded_seq = context.seq;
  }
  // One that begins makes a repeated Running a hint; one that ends holds nothing back.
  JudgeAll(context);
}

// What a read with authority lists is running, and what it does not list is over,
// whatever was lost. Right after a failure it proves nothing: Marathon cancels a
// deployment before it starts the one that rolls back.
void App::ReadDeployments(const AppSeen& seen, const Context& context) {
  const uint64_t begun = seen.mark.begun_after;
  const auto listed = [&](const std::string& id) {
    return std::find(seen.deployments.begin(), seen.deployments.end(), id) != seen.deployments.end();
  };
  if (facts_.deployments->known.empty() && seen.deployments.empty()) {
    return;
  }
  auto& known = facts_.deployments.Edit().known;
  absl::erase_if(known, [&](const auto& entry) {
    const auto& [id, deployment] = entry;
    if (deployment.failed()) {
      return deployment.seq <= begun && context.now >= deployment.failed_at + context.policy.learn_for;
    }
    return deployment.seq <= begun && !listed(id);
  });
  for (const std::string& id : seen.deployments) {
    if (!Ended(id)) {
      const auto [it, fresh] = known.try_emplace(id);
      it->second.seq = std::max(it->second.seq, begun);
      it->second.since = fresh ? context.received : it->second.since;
    }
  }
}

bool App::Deploying() const {
  return std::any_of(facts_.deployments->known.begin(), facts_.deployments->known.end(),
                     [](const auto& entry) { return !entry.second.failed(); });
}

bool App::MayKill() const {
  return std::any_of(facts_.deployments->known.begin(), facts_.deployments->known.end(),
                     [](const auto& entry) { return !entry.second.failed() && entry.second.may_kill; });
}

Hold App::HoldOf(const Versioned& version) const {
  const Versioned* current = facts_.Current();
  if (version.route_when != RouteWhen::kDeployed || facts_.deployments->known.empty() || current == nullptr) {
    return Hold::kNone;
  }
  // Without a word of its version a deployment is that of the current configuration.
  WallMs deploying = std::numeric_limits<WallMs>::max();
  for (const auto& [id, deployment] : facts_.deployments->known) {
    deploying = std::min(deploying, deployment.version_at != 0 ? deployment.version_at
                                                               : current->definition->config_changed_at);
  }
  const WallMs changed = version.definition->config_changed_at;
  const bool is_new = changed >= deploying;
  if (facts_.front != 0 && changed > facts_.front) {
    return is_new ? Hold::kBack : Hold::kOpen;
  }
  return is_new && facts_.older_unknown ? Hold::kOpen : Hold::kNone;
}

// A later read that lists the task overrules the success: it was said of a cancelled one.
bool App::Superseded(const Task& task, const Versioned& version) const {
  const Versioned* current = facts_.Current();
  if (facts_.deployments->succeeded_seq == 0 || !facts_.current_serves || current == nullptr ||
      current->route_when != RouteWhen::kDeployed) {
    return false;
  }
  const WallMs changed = current->definition->config_changed_at;
  return version.definition->config_changed_at < changed &&
         changed <= facts_.deployments->succeeded_version &&
         task.facts.listed_seq < facts_.deployments->succeeded_seq;
}

// The front is made of facts alone: a task held back is fit too, so holding it
// changes nothing here.
void App::SettleVersions(Context& context) {
  const bool swaps = std::any_of(facts_.versions.begin(), facts_.versions.end(), [](const auto& version) {
    return version.second.route_when == RouteWhen::kDeployed;
  });
  if (!swaps) {
    return;
  }
  const Versioned* current = facts_.Current();
  const WallMs newest = current == nullptr ? 0 : current->definition->config_changed_at;
  WallMs front = 0;
  bool older_unknown = false, current_serves = false;
  for (const auto& [instance_id, instance] : facts_.instances) {
    for (const auto& [id, task] : instance.tasks) {
      const Versioned* version = VersionOf(task);
      if (version == nullptr) {
        older_unknown |= task.facts.life == Life::kRunning && !task.facts.absent &&
                         task.facts.version_at < newest &&
                         !facts_.other_versions->unavailable.contains(std::string(task.facts.version));
      } else if (task.fit) {
        const WallMs changed = version->definition->config_changed_at;
        front = front == 0 ? changed : std::min(front, changed);
        current_serves |= current != nullptr && changed >= newest;
      }
    }
  }
  if (std::tie(front, older_unknown, current_serves) !=
      std::tie(facts_.front, facts_.older_unknown, facts_.current_serves)) {
    facts_.front = front;
    facts_.older_unknown = older_unknown;
    facts_.current_serves = current_serves;
    JudgeAll(context);
    SettleVersions(context);  // those that now leave or drain are fit no more
  }
}

}  // namespace dispatcher
