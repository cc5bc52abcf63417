// The stand-in Marathon: a World behind one mutex, a thread that lets its time
// pass, real processes for its tasks, and Marathon's HTTP around it.
//
// What is faithful and what is not: README.md. The world decides everything; here
// are only sockets, processes and faults.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/net/server.h"
#include "tests/marathon_sim/faults.h"
#include "tests/marathon_sim/launcher.h"
#include "tests/marathon_sim/options.h"
#include "tests/marathon_sim/prober.h"
#include "tests/marathon_sim/rest.h"
#include "tests/marathon_sim/streams.h"
#include "tests/world/world.h"

namespace dispatcher::sim {

class MarathonSim {
 public:
  // Listens and lives until destroyed. Unavailable: the address is taken;
  // InvalidArgument: an option is wrong.
  static absl::StatusOr<std::unique_ptr<MarathonSim>> Start(Options options);
  ~MarathonSim();  // kills all tasks

  // host:port, of the first node and of the standby ("" without one).
  const std::string& address() const { return nodes_.front().address; }
  std::string standby_address() const { return nodes_.size() > 1 ? nodes_[1].address : ""; }

  // Under the lock; what it changed is published and carried out when it returns.
  void With(absl::FunctionRef<void(world::World&)> work);
  absl::Status SetFaults(std::string_view json);
  // Streams end, reads are refused for so long, then there is another leader.
  void ChangeLeader(Duration down, bool keep_health);
  // As that, with the sockets closed meanwhile.
  void Restart(Duration down);
  // Its wall clock is so far ahead of this machine's from now on (before 0: behind).
  void SetClockAhead(WallMs ms);
  size_t open_streams() const { return streams_->open(); }

 private:
  struct Node {
    std::string host;
    int port = 0;
    std::string address;
    std::unique_ptr<HttpServer> server;
  };
  // The probes of one running task.
  struct Watch {
    std::vector<Mono> due;
    std::vector<bool> busy;
  };

  explicit MarathonSim(Options options);
  absl::Status Listen();
  absl::Status OpenNode(size_t index);
  void Tick();
  void RestartServers();
  WallMs WorldNow() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // sim_world.cc: what happens between the world and its processes.
  void Pump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CarryOut(const world::Order& order) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LaunchTask(const world::Task& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellStarted(Mono now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellEnded(Mono now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AskProbes(Mono now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnProbe(const ProbeJob& job, bool ok, const std::string& cause);
  void KeepSnapshot() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // sim_http.cc: Marathon's own paths.
  HttpReply Handle(size_t node, const HttpCall& call);
  HttpReply Events(size_t node, const HttpCall& call, bool leads);
  HttpReply RestReply(const HttpCall& call);
  bool Authorized(const HttpCall& call) const;
  void Count(const std::string& what, size_t bytes);
  void AddHeaders(size_t node, HttpReply& reply);

  // sim_control.cc: /sim/.
  HttpReply Control(const HttpCall& call);
  std::string StateJson();
  HttpReply TaskControl(const std::string& task, const std::string& what);
  HttpReply AgentControl(const std::string& host, const std::string& what);

  const Options options_;
  world::Profile profile_;
  std::vector<Node> nodes_;
  std::unique_ptr<Streams> streams_;
  std::unique_ptr<Prober> prober_;
  const Mono started_ = MonoClock::now();
  const WallMs started_wall_;

  Mutex mutex_;
  CondVar changed_;
  std::unique_ptr<world::World> world_ ABSL_GUARDED_BY(mutex_);
  Launcher launcher_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Watch> watches_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> sick_ ABSL_GUARDED_BY(mutex_);
  std::vector<Ended> unheard_ ABSL_GUARDED_BY(mutex_);  // deaths on unreachable agents
  std::deque<EventPtr> history_ ABSL_GUARDED_BY(mutex_);
  WallMs clock_ahead_ ABSL_GUARDED_BY(mutex_) = 0;
  Faults faults_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::pair<WallMs, world::World>> snapshots_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t> requests_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_sent_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t stream_bytes_before_ ABSL_GUARDED_BY(mutex_) = 0;
  int generation_ ABSL_GUARDED_BY(mutex_) = 1;
  std::optional<Mono> leader_up_at_ ABSL_GUARDED_BY(mutex_);
  bool keep_health_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<Mono> close_servers_at_ ABSL_GUARDED_BY(mutex_);
  std::optional<Mono> open_servers_at_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread ticker_;
};

// {"message":...}, as Marathon's errors.
HttpReply MessageReply(int status, std::string_view message);

}  // namespace dispatcher::sim
