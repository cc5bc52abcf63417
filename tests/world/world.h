// A pure reference Marathon: no sockets, no threads, no clock. Time is an
// argument (milliseconds since 1970, never going back), chance comes from a seed.
//
// An operator's calls change what should be; Advance lets deployments, launches,
// kills and health checks go on; Events() is what Marathon would have said on its
// stream and the ...Json() reads what it would have answered over REST, in the
// dress of the profile, at this instant. Running() is the oracle: what is really
// there. A World is a value: a copy answers reads "as of then" for ever.
//
//   World w({.profile = "1.8"});
//   w.Post(R"({"id":"/web","cmd":"x","instances":2})");
//   w.Settle();                       // time passes until nothing is left to do
//   for (const Event& e : w.Events()) ...
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "tests/world/event.h"
#include "tests/world/profile.h"
#include "tests/world/reads.h"
#include "tests/world/state.h"
#include "tests/world/task.h"

namespace dispatcher::world {

// An answer of the REST API: status and JSON body.
struct Reply {
  int status = 200;
  std::string body;
  std::string deployment;  // id of the plan it started, or ""
  bool ok() const { return status / 100 == 2; }
};

// One declared port of a live task: where a client should connect.
struct Endpoint {
  int index = 0;  // of the declaration
  std::string name;
  std::string address;  // as Marathon says it: the agent's name or the task's own IP
  std::string ip;       // the same as a literal address
  int port = 0;
  std::string protocol;
  int service_port = 0;
};

// A task that is not over, as it really is. A pod's instance is one, under its own id,
// with the endpoints of all its containers.
struct LiveTask {
  std::string app, task, instance, host, version;
  std::string life;        // Scheduled Provisioned Starting Running Killing Unreachable UnreachableInactive;
                           // Killing from the moment of the kill, whether or not Marathon tells
  std::vector<int> ports;  // on the host
  std::vector<std::string> ips;
  std::vector<Endpoint> endpoints;
  bool has_checks = false;
  std::optional<bool> healthy;  // true without checks; nullopt: not all have reported
  std::shared_ptr<const App> definition;
};

class World {
 public:
  // Aborts on an unknown profile: options are the test's own.
  explicit World(WorldOptions options = {});

  // ------------------------------------------------------------------- time
  WallMs now() const { return state_.now; }
  // Everything due up to `now` happens in its order.
  void Advance(WallMs now);
  void AdvanceBy(WallMs ms) { Advance(now() + ms); }
  // Marathon's machine is told another time. Nothing is due sooner or later for it:
  // Marathon's timers don't follow the wall clock.
  void StepClock(WallMs by);
  // When something is due next; nullopt: nothing ever.
  std::optional<WallMs> NextDue() const;
  // Advances until no deployment runs and nothing is due, `limit_ms` at most;
  // whether it got there. For self-played worlds.
  bool Settle(WallMs limit_ms = 60'000);

  // -------------------------------------------------- the operator, over REST
  // Bodies are what one posts to Marathon; answers as Marathon's. 409 if the app
  // is locked by a deployment (unless forced), 404, 400 and 422 with a message.
  Reply Post(std::string_view body, bool force = false);  // POST /v2/apps
  Reply Put(std::string_view id, std::string_view body, bool force = false);
  Reply PutMany(std::string_view body, bool force = false);  // PUT /v2/apps: an array
  Reply Scale(std::string_view id, int instances, bool force = false);
  Reply Restart(std::string_view id, bool force = false);
  Reply Delete(std::string_view id, bool force = false);
  // {"id":..,"apps":[..],"groups":[..]}: creates and changes what it names; with
  // PUT of a whole group, apps of that group that it leaves out are deleted.
  Reply PutGroup(std::string_view id, std::string_view body, bool create_only, bool force = false);
  Reply DeleteGroup(std::string_view id, bool force = false);
  // DELETE /v2/apps/{id}/tasks/{task}?scale=
  Reply KillTask(std::string_view app, std::string_view task, bool scale);
  Reply KillTasks(std::string_view app, bool scale);  // all of an app
  // Pods, 1.4 and later (world_pods.cc): /v2/pods.
  Reply PostPod(std::string_view body, bool force = false);
  Reply PutPod(std::string_view id, std::string_view body, bool force = false);
  Reply DeletePod(std::string_view id, bool force = false);
  Reply KillPodInstance(std::string_view id, std::string_view instance);  // it is replaced
  Reply CancelDeployment(std::string_view plan, bool force);
  // Whether reads show what that deployment is about (see store_lag_ms).
  bool IsStored(std::string_view plan) const;

  // ------------------------------------------------------- what befalls tasks
  // All by task id; false: no such live task.
  bool TaskStarting(std::string_view task);
  bool TaskRunning(std::string_view task);
  // `state` is TASK_FINISHED, TASK_FAILED, TASK_KILLED, TASK_ERROR, TASK_GONE ...
  bool TaskEnded(std::string_view task, std::string_view state, std::string_view message = "");
  bool Unreachable(std::string_view task);
  bool Return(std::string_view task);  // of an unreachable one; also of one expunged meanwhile
  bool Probe(std::string_view task, int check, bool ok, std::string_view cause = "");
  // Self-played: its probes fail (succeed) from now on, the first one at once.
  bool SetSick(std::string_view task, bool sick);
  bool ForgetHealth(std::string_view task);

  // -------------------------------------------------------- agents and leader
  // By the agent's name or address; false: no such agent.
  bool AgentUnreachable(std::string_view host);
  bool AgentReturn(std::string_view host);
  bool AgentGone(std::string_view host);
  // From LeaderDown to LeaderUp nothing is published, deployments stand still.
  // Up: another leader, Marathon-level health forgotten unless kept, the storm of
  // add_health_check_event, running deployments announced again.
  void LeaderDown();
  void LeaderUp(bool keep_health = false);
  bool IsDown() const { return state_.down; }
  void MasterFailover();  // scheduler_disconnected, _reregistered
  // A client's stream is subscribed, or gone.
  void StreamAttached(std::string_view remote_address);
  void StreamDetached(std::string_view remote_address);

  // ----------------------------------------------------------- for a launcher
  // If options.plays_tasks is false somebody else runs the tasks: takes the
  // orders given since the last call and reports back with the calls above.
  std::vector<Order> TakeOrders();
  const Task* Find(std::string_view task) const;
  const Agent& AgentOf(const Task& task) const { return state_.agents[static_cast<size_t>(task.agent)]; }
  std::vector<Endpoint> EndpointsOf(const Task& task) const;

  // ----------------------------------------------------------------- the stream
  // Everything published so far and not taken away.
  const std::vector<Event>& Events() const { return state_.events; }
  std::vector<Event> TakeEvents();
  uint64_t LastEventId() const { return state_.last_event; }

  // --------------------------------------------------------------------- reads
  // Bodies; nullopt stands for 404.
  std::string AppsJson(const Embed& embed = {}) const;
  // The same for those `filter` lets through.
  std::string AppsJson(const Embed& embed, const std::function<bool(const App&)>& filter,
                       std::string_view root_key = "apps") const;
  std::optional<std::string> AppJson(std::string_view id, const Embed& embed = {}) const;
  std::optional<std::string> VersionsJson(std::string_view id) const;
  std::optional<std::string> VersionJson(std::string_view id, std::string_view version) const;
  std::optional<std::string> AppTasksJson(std::string_view id) const;  // id may end in /*
  std::string TasksJson(std::string_view status = "") const;           // "", "running", "staging"
  std::string DeploymentsJson() const;
  std::string PodsStatusJson() const;
  std::optional<std::string> PodStatusJson(std::string_view id) const;
  std::optional<std::string> PodJson(std::string_view id, std::string_view version = "") const;  // the spec
  std::optional<std::string> PodVersionsJson(std::string_view id) const;
  std::optional<std::string> GroupJson(std::string_view id) const;  // "/" is the root
  std::string InfoJson() const;
  std::string LeaderJson() const;
  std::string QueueJson() const;
  // X-Marathon-Leader without the scheme: host:port.
  const std::string& leader() const { return state_.leader; }
  const std::string& framework() const { return state_.framework; }
  const Profile& profile() const { return state_.profile; }

  // -------------------------------------------------------------------- oracle
  // All tasks that are not over.
  std::vector<LiveTask> Alive() const;
  // Those that run and are reachable and are not being killed.
  std::vector<LiveTask> Running() const;
  bool Deploying() const { return !state_.plans.empty(); }
  // Definitions as of now, deleted apps left out.
  std::vector<std::shared_ptr<const App>> Apps() const;

 private:
  State state_;
};

}  // namespace dispatcher::world
