#include "tests/marathon_sim/sim.h"

#include <algorithm>

#include "dispatcher/base/log.h"

namespace dispatcher::sim {
namespace {

std::string OwnProgram() {
  // posix_spawn follows the link.
  return "/proc/self/exe";
}

constexpr auto kReapEvery = std::chrono::milliseconds(10);
constexpr auto kIdle = std::chrono::milliseconds(500);
// For the answer that asked for it to get out.
constexpr auto kBeforeClosing = std::chrono::milliseconds(30);

}  // namespace

MarathonSim::MarathonSim(Options options)
    : options_(std::move(options)),
      started_wall_(SystemClock().Wall()),
      launcher_(options_.task_program.empty() ? OwnProgram() : options_.task_program) {}

absl::StatusOr<std::unique_ptr<MarathonSim>> MarathonSim::Start(Options options) {
  std::unique_ptr<MarathonSim> sim(new MarathonSim(std::move(options)));
  ASSIGN_OR_RETURN(sim->profile_, world::Profile::Parse(sim->options_.profile));
  RETURN_IF_ERROR(sim->Listen());
  return sim;
}

absl::Status MarathonSim::Listen() {
  streams_ = std::make_unique<Streams>(
      StreamOptions{.buffer = options_.stream_buffer > 0 ? options_.stream_buffer : profile_.stream_buffer(),
                    .overflow_closes = profile_.overflow_closes(),
                    .heartbeat_ms = options_.heartbeat_ms});
  if (options_.real_tasks) {
    prober_ = std::make_unique<Prober>(
        4, [this](const ProbeJob& job, bool ok, const std::string& cause) { OnProbe(job, ok, cause); });
  }
  std::vector<std::string> addresses = {options_.listen};
  if (!options_.standby_listen.empty()) {
    addresses.push_back(options_.standby_listen);
  }
  for (const std::string& address : addresses) {
    ASSIGN_OR_RETURN(auto parsed, ParseAddress(address));
    nodes_.push_back({.host = parsed.first, .port = parsed.second, .address = "", .server = nullptr});
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    RETURN_IF_ERROR(OpenNode(i));
  }
  world::WorldOptions w;
  w.profile = options_.profile;
  w.hosts = options_.hosts;
  w.seed = options_.seed != 0 ? options_.seed : static_cast<uint64_t>(started_.time_since_epoch().count());
  w.task_killing = options_.task_killing;
  w.plays_tasks = !options_.real_tasks;
  w.start = started_wall_;
  w.launch_ms = options_.launch_ms >= 0 ? options_.launch_ms : 20;
  w.probe_ms = options_.real_tasks ? 20 : std::min(20, options_.health_interval_cap_ms);
  w.store_lag_ms = options_.store_lag_ms;
  w.backoff_cap_ms = 200;
  w.expunge_ms = options_.unreachable_expunge_ms;
  w.port_first = options_.port_first;
  w.port_last = options_.port_last;
  w.lowest_port = options_.lowest_port;
  w.own_networks = options_.own_networks;
  w.address_lag_ms = options_.address_lag_ms;
  w.leader = address();
  if (nodes_.size() > 1) {
    w.standbys = {nodes_[1].address};
  }
  if (options_.real_tasks) {
    w.port_free = CanBind;
  }
  {
    MutexLock lock(mutex_);
    world_ = std::make_unique<world::World>(std::move(w));
  }
  ticker_ = std::thread([this] { Tick(); });
  return absl::OkStatus();
}

absl::Status MarathonSim::OpenNode(size_t index) {
  Node& node = nodes_[index];
  HttpServerOptions server;
  server.threads = 96;
  server.write_timeout = std::chrono::seconds(5);
  server.max_body = 256u << 20;
  node.server = std::make_unique<HttpServer>(server);
  node.server->HandleRest([this, index](const HttpCall& call) { return Handle(index, call); });
  RETURN_IF_ERROR(node.server->Start(node.host, node.port));
  if (node.address.empty()) {  // later openings find it the same, and others read it
    node.port = node.server->port();
    node.address = node.host + ":" + std::to_string(node.port);
  }
  return absl::OkStatus();
}

MarathonSim::~MarathonSim() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (ticker_.joinable()) {
    ticker_.join();
  }
  if (streams_ != nullptr) {
    streams_->CloseAll();
  }
  for (Node& node : nodes_) {
    if (node.server != nullptr) {
      node.server->Stop();
    }
  }
  prober_.reset();
}

WallMs MarathonSim::WorldNow() const {
  const double passed = std::chrono::duration<double, std::milli>(MonoClock::now() - started_).count();
  return started_wall_ + clock_ahead_ + static_cast<WallMs>(passed * options_.speed);
}

void MarathonSim::Tick() {
  while (true) {
    RestartServers();
    MutexLock lock(mutex_);
    if (stopping_) {
      return;
    }
    const Mono now = MonoClock::now();
    if (leader_up_at_ && now >= *leader_up_at_) {
      leader_up_at_ = std::nullopt;
      ++generation_;
      world_->LeaderUp(keep_health_);
    }
    world_->Advance(WorldNow());
    if (options_.real_tasks) {
      TellStarted(now);
      TellEnded(now);
      AskProbes(now);
    }
    KeepSnapshot();
    Pump();
    Mono until = now + (launcher_.empty() ? kIdle : kReapEvery);
    if (faults_.read_stale_ms > 0 || close_servers_at_ || open_servers_at_ || leader_up_at_) {
      until = now + kReapEvery;
    }
    if (const auto due = world_->NextDue()) {
      const double ms = static_cast<double>(std::max<WallMs>(*due - WorldNow(), 0)) / options_.speed;
      until = std::min(until, now + std::chrono::microseconds(static_cast<int64_t>(ms * 1000) + 200));
    }
    changed_.WaitUntil(mutex_, until);
  }
}

// Without the lock: the servers' threads may be waiting for it.
void MarathonSim::RestartServers() {
  bool close = false, open = false;
  {
    MutexLock lock(mutex_);
    const Mono now = MonoClock::now();
    close = close_servers_at_ && now >= *close_servers_at_;
    open = open_servers_at_ && now >= *open_servers_at_ && !close;
    if (close) {
      close_servers_at_ = std::nullopt;
    }
    if (open) {
      open_servers_at_ = std::nullopt;
    }
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (close) {
      nodes_[i].server->Stop();
    }
    if (open) {
      if (const absl::Status status = OpenNode(i); !status.ok()) {
        LogError("can't listen again, trying on", {{"address", nodes_[i].address}, {"error", status}});
        MutexLock lock(mutex_);
        open_servers_at_ = MonoClock::now() + std::chrono::milliseconds(100);
      }
    }
  }
}

void MarathonSim::With(absl::FunctionRef<void(world::World&)> work) {
  MutexLock lock(mutex_);
  world_->Advance(WorldNow());
  work(*world_);
  Pump();
  changed_.NotifyAll();
}

absl::Status MarathonSim::SetFaults(std::string_view json) {
  ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::Parse(json));
  MutexLock lock(mutex_);
  RETURN_IF_ERROR(faults_.Merge(document.root()));
  streams_->SetFaults(faults_);
  if (faults_.read_stale_ms == 0) {
    snapshots_.clear();
  }
  KeepSnapshot();
  changed_.NotifyAll();
  return absl::OkStatus();
}

void MarathonSim::ChangeLeader(Duration down, bool keep_health) {
  MutexLock lock(mutex_);
  world_->LeaderDown();
  keep_health_ = keep_health;
  leader_up_at_ = MonoClock::now() + down;
  streams_->CloseAll();
  changed_.NotifyAll();
}

void MarathonSim::SetClockAhead(WallMs ms) {
  With([&](world::World& world) ABSL_NO_THREAD_SAFETY_ANALYSIS {  // With holds the lock
    world.StepClock(ms - clock_ahead_);
    clock_ahead_ = ms;
    snapshots_.clear();
  });
}

void MarathonSim::Restart(Duration down) {
  ChangeLeader(down + kBeforeClosing, /*keep_health=*/false);
  MutexLock lock(mutex_);
  close_servers_at_ = MonoClock::now() + kBeforeClosing;
  open_servers_at_ = *close_servers_at_ + down;
  changed_.NotifyAll();
}

}  // namespace dispatcher::sim
