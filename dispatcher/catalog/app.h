// One app's machine: merges what concerns it, judges its tasks, builds its
// services. Owned by the catalog; not thread-safe; pure.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/catalog/context.h"
#include "dispatcher/catalog/facts.h"
#include "dispatcher/catalog/judge.h"

namespace dispatcher {

class App {
 public:
  explicit App(SharedString id) : id_(std::move(id)) {}

  // ------------------------------------------------------------- from events
  void On(const TaskUpdate& update, Context& context);
  void On(const InstanceUpdate& update, Context& context);
  void On(const HealthUpdate& update, Context& context);
  void On(const KillAnnounced& kill, Context& context);
  void On(const StrayTerminated& stray, Context& context);
  void On(const AppTerminated& terminated, Context& context);
  void On(const AppTouched& touched, Context& context);
  void On(const DeploymentUpdate& deployment, Context& context);

  // -------------------------------------------------------------- from reads
  // `authority`: the read may take back and say absent (see catalog.cc).
  void Seen(const AppSeen& seen, bool leaders, Context& context);
  // The read that Seen belonged to has ended whole: what it did not list is absent.
  void Finish(const ReadMark& mark, uint64_t read, Context& context);
  // A read that ended whole did not know this app at all.
  void NotThere(const ReadMark& mark, uint64_t read, bool authority, Context& context);
  void On(const VersionSeen& version, Context& context);
  // The app is there but could not be decoded: whatever stands, stays.
  // `why` names the field, if it is known.
  void Undecodable(std::string_view why, Context& context);
  // A read that concerned this app was answered: one still needed is asked for
  // again.
  void ReadAnswered(const ReadMark& mark, bool authority, Context& context);

  // ------------------------------------------------------------------- others
  void Displace(const TaskId& task, Context& context);
  // Lists a task no more that died so, and gives its end as Marathon stamped it; 0 if there is no such task,
  // or no stamp, without which a next run could not be told from it. Nothing becomes dirty before the next
  // Recheck, which the end made due: that it is not listed changes nothing for those who saw it listed as
  // dead, but they are not to hold on to it.
  WallMs Bury(const Graves::Death& death);
  bool buried() const { return buried_; }
  void HostResolved(Context& context);
  // Deadlines that have come.
  void Recheck(Context& context);
  // What its tasks mean for one another while versions change; after each step that touched it.
  void SettleVersions(Context& context);
  std::optional<Mono> wake() const { return wake_; }
  // Nothing left to remember.
  bool Forgettable(Mono now, Duration tombstone) const;
  // Known to be gone, with a reason: its absence from a snapshot is no surprise.
  bool ExplainedGone() const { return facts_.terminated || !facts_.stopping.empty(); }
  bool HasLiveTasks() const;

  std::shared_ptr<const Service> Build(int port) const;
  // Of what it has now; walks all tasks.
  int PortCount() const;
  // The most it ever had.
  int PortsEver() const { return std::max(ports_ever_, DeclaredPorts()); }
  // app_report.cc
  AppReport Report(Mono now) const;
  AppSummary Summary() const;
  const AppFacts& facts() const { return facts_; }

 private:
  std::string UndecodableText() const;
  std::string_view StateWord() const;
  // app.cc: bookkeeping
  int DeclaredPorts() const;
  Tasks::Entry& TaskOf(const TaskId& id, Context& context);  // made if there is none
  InstanceFacts& InstanceOf(std::string_view id);            // made if there is none
  bool Knows(const TaskId& id) const;
  bool Buried(const TaskId& id, const Context& context) const;
  const Versioned* VersionOf(const Task& task) const;
  void Learn(std::shared_ptr<const Definition> definition, const Context& context);
  void DropUnusedVersions();
  bool TerminatedTask(const Task& task) const;
  bool StoppedTask(const Task& task) const;
  bool IsPod() const {
    const Versioned* current = facts_.Current();
    return current != nullptr && current->definition->is_pod;
  }
  bool Gone() const { return facts_.terminated || facts_.absent; }
  void DirtyAll(Context& context);
  void DirtyTask(const Task& task, Context& context);
  void UpdateDoubt(Context& context);
  void WakeAt(Mono when);

  // app_events.cc
  void Doom(Task& task, const Context& context);
  void EndInstance(const InstanceId& id, Life life, std::string_view word, WallMs at, Context& context);
  void NeedIfNewer(WallMs version_at, Context& context);
  // True if a word stamped so changes nothing, for it may be of an earlier run; asks for the read that tells.
  bool IsLate(const TaskFacts& facts, Life life, WallMs at, Context& context);

  // app_leave.cc
  void HintOnLoneRunning(InstanceFacts& instance, WallMs at, Context& context);
  void PairRunning(InstanceFacts& instance, Context& context);

  // app_deployments.cc
  void Stop(const DeploymentUpdate& deployment, Context& context);
  void TakeBackStop(Context& context);
  void Track(const DeploymentUpdate& deployment, const Context& context);
  bool Ended(const std::string& deployment) const;
  void ReadDeployments(const AppSeen& seen, const Context& context);
  bool Deploying() const;  // one is running
  bool MayKill() const;    // ... and may end tasks
  Hold HoldOf(const Versioned& version) const;
  bool Superseded(const Task& task, const Versioned& version) const;

  // app_reads.cc. At most one read is asked for at a time, and again when its
  // answer was older than the need.
  void SeeTask(const TaskSeen& seen, const AppSeen& read, bool authority, Context& context);
  static constexpr std::string_view kOfWhichRun = "it is not sure which run of the task is meant";
  void Need(std::string_view reason, Context& context);
  void Ask(Mono not_before, Context& context);
  void AskForVersion(const Task& task, Context& context);
  void Settle(const ReadMark& mark, bool authority, Context& context);
  void NeedIfOpen(Context& context);
  bool SomethingOpen() const;
  bool StillLearning() const;

  // app_judge.cc. Facts in, verdict out; what changed becomes dirty.
  void JudgeTask(const SharedString& id, Task& task, InstanceFacts& instance, Context& context);
  void JudgeInstance(InstanceFacts& instance, Context& context);
  void JudgeAll(Context& context);
  void Resolve(const SharedString& id, Task& task, const Versioned* versioned, Circumstances& circumstances,
               Context& context);
  void ClaimAddresses(const SharedString& id, const Task& task, Context& context) const;
  static void ReleaseAddresses(const SharedString& id, const Endpoints& endpoints, Context& context);

  // app_build.cc
  static std::string Words(const std::string& id, const DeploymentFacts& deployment, Mono now);
  void Rebuild(const SharedString& id, Task& task, const Versioned* versioned, const Context& context) const;

  SharedString id_;
  AppFacts facts_;
  bool in_doubt_ = false;  // kAnyPort stands for it
  bool buried_ = false;    // some task since the last Recheck
  int ports_ever_ =
      0;  // the most that were published: what is declared no more is still built, as not wanted
  std::optional<Mono> wake_;
};

}  // namespace dispatcher
