// Several dispatchers, one of which writes: the real ones, with the real Consul between
// them. Lines that begin with "figure:" say how long a takeover took.
#include <csignal>
#include <exception>
#include <functional>
#include <iostream>

#include "dispatcher/base/mutex.h"
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/consul_server.h"
#include "tests/support/counting_proxy.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kTtl(10);  // the least that Consul takes
// Consul ends a session up to 2 x TTL after its last renewal; LockDelay 1 s; 2 s to notice.
constexpr seconds kAfterKill = 2 * kTtl + seconds(1) + seconds(2);

// A dispatcher that reaches Consul through a proxy of its own, which sees what it writes.
class Candidate {
 public:
  // With `apart` the lock is reached by another proxy, as if it lay in another Consul.
  Candidate(World& world, const std::string& key, bool apart)
      : registry_(world.consul().url()), lock_(world.consul().url()) {
    registry_.Meddle([this](const HttpCall& call, const CountingProxy::Passing& pass) {
      if (call.path == "/v1/txn") {
        MutexLock lock(mutex_);
        transactions_.push_back(call.body);
      }
      return pass(call);
    });
    lock_.Meddle([this](const HttpCall& call, const CountingProxy::Passing& pass) {
      MutexLock lock(mutex_);
      const Mono patience = MonoClock::now() + seconds(30);
      while (cut_ && changed_.WaitUntil(mutex_, patience)) {
      }
      if (cut_) {
        HttpReply unheard;
        unheard.status = 503;
        return unheard;
      }
      mutex_.unlock();
      HttpReply reply = pass(call);
      mutex_.lock();
      while (cut_ && changed_.WaitUntil(mutex_, patience)) {
      }
      return reply;
    });
    std::vector<std::string> settings = {"marathon.urls=" + world.marathon().url(),
                                         "adapters.consul.url=" + registry_.url(), "leader.key=" + key,
                                         "leader.ttl=" + std::to_string(kTtl.count()) + "s"};
    if (apart) {
      settings.push_back("leader.consul_url=" + lock_.url());
    }
    process_ = std::make_unique<Dispatcher>(settings);
  }
  ~Candidate() {
    Cut(false);
    if (std::uncaught_exceptions() > exceptions_) {
      PrintEnd("a candidate", process_->Log());
      PrintEnd("its /v1/adapters", process_->Adapters());
    }
  }
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;

  Dispatcher& process() { return *process_; }
  bool Leads() { return Is("leading"); }
  bool Is(std::string_view state) { return process_->Is(state); }
  // The network between it and the lock's Consul.
  void Cut(bool cut) {
    MutexLock lock(mutex_);
    cut_ = cut;
    changed_.NotifyAll();
  }
  // The bodies of what it sent to Consul's catalog since the start or Forget.
  std::vector<std::string> Transactions() const {
    MutexLock lock(mutex_);
    return transactions_;
  }
  void Forget() {
    MutexLock lock(mutex_);
    transactions_.clear();
  }

 private:
  const int exceptions_ = std::uncaught_exceptions();
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> transactions_ ABSL_GUARDED_BY(mutex_);
  bool cut_ ABSL_GUARDED_BY(mutex_) = false;
  CountingProxy registry_, lock_;
  std::unique_ptr<Dispatcher> process_;
};

// A world with several candidates and a service with three instances.
class Candidates {
 public:
  // With Consul at `consul_url`, else the one that all Worlds share.
  explicit Candidates(int count, bool apart = false, const std::string& consul_url = "")
      : world(Options(consul_url)) {
    static int number = 0;
    const std::string key = "test/leader-" + std::to_string(++number);
    for (int i = 0; i < count; ++i) {
      all.push_back(std::make_unique<Candidate>(world, key, apart));
    }
    world.Deploy({.id = "/web", .instances = 3});
    REQUIRE(WaitFor([&] { return Leader() != nullptr; }));
    REQUIRE(world.Differs() == "");
    // The others know who leads, and what they would write.
    for (const auto& candidate : all) {
      REQUIRE(WaitFor([&] { return candidate->Leads() || candidate->Is("standby"); }));
    }
  }

  Candidate* Leader() {
    for (const auto& candidate : all) {
      if (candidate->Leads()) {
        return candidate.get();
      }
    }
    return nullptr;
  }
  // The time since `begun` after which one other than `before` leads; fails beyond `limit`.
  double TakenOverFrom(Candidate* before, Mono begun, milliseconds limit, const char* after) {
    Candidate* leader = nullptr;
    CHECK(WaitFor(
        [&] {
          for (const auto& candidate : all) {
            if (candidate.get() != before && candidate->Leads()) {
              leader = candidate.get();
            }
          }
          return leader != nullptr;
        },
        limit));
    const double took = Seconds(MonoClock::now() - begun);
    std::cout << "figure: takeover after " << after << ": " << took << " s (ttl " << kTtl.count() << " s, "
              << all.size() << " dispatchers)\n";
    return took;
  }

  World world;
  std::vector<std::unique_ptr<Candidate>> all;

 private:
  static WorldOptions Options(const std::string& consul_url) {
    WorldOptions options = OfProfile(Profiles().back());
    options.view_url = consul_url;
    options.start_dispatcher = false;
    return options;
  }
};

TEST_CASE("of three dispatchers one writes; when it stops another does within a second", "[leader][apart]") {
  Candidates candidates(3);
  World& world = candidates.world;
  Candidate* const first = candidates.Leader();
  for (const auto& candidate : candidates.all) {
    if (candidate.get() != first) {
      CHECK(candidate->Transactions().empty());
      const Readiness ready = candidate->process().Ready();
      CHECK(ready.ok());
      CHECK(ready.Mentions("standby: "));
      CHECK(candidate->process().Metric("dispatcher_leader_leading") == 0);
    }
  }
  CHECK(first->process().Metric("dispatcher_leader_leading") == 1);
  CHECK(first->process().Metric("dispatcher_leader_permit_seconds") > 0);

  const Mono begun = MonoClock::now();
  first->process().Signal(SIGTERM);
  CHECK(candidates.TakenOverFrom(first, begun, seconds(5), "SIGTERM") <= 1.0);
  CHECK(first->process().Stop() == 0);
  Candidate* const second = candidates.Leader();
  REQUIRE(second != nullptr);
  // It knew all, and everything was right: its first read of Consul and of Marathon as
  // leader have ended, and nothing was written.
  REQUIRE(WaitFor([&] { return second->process().Ready().body.find("not been read") == std::string::npos; }));
  REQUIRE(world.Differs() == "");
  CHECK(second->Transactions().empty());
  world.marathon().Scale("/web", 5);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  CHECK_FALSE(second->Transactions().empty());
}

TEST_CASE("when the leader is killed another takes over, and writes only what changed meanwhile",
          "[leader][apart]") {
  Candidates candidates(2);
  World& world = candidates.world;
  Candidate* const first = candidates.Leader();
  const Mono begun = MonoClock::now();
  first->process().Kill9();
  world.marathon().Scale("/web", 4);
  world.marathon().WaitDeployed();
  CHECK(candidates.TakenOverFrom(first, begun, kAfterKill + seconds(5), "SIGKILL") <= Seconds(kAfterKill));
  Candidate* const second = candidates.Leader();
  REQUIRE(second != nullptr);
  REQUIRE(world.Differs() == "");
  CHECK(second->Transactions().size() == 1);  // the fourth instance
}

TEST_CASE("a leader that stood still for longer than its permit does not write when it goes on",
          "[leader][apart]") {
  Candidates candidates(2);
  World& world = candidates.world;
  Candidate* const first = candidates.Leader();
  const Mono begun = MonoClock::now();
  first->process().Signal(SIGSTOP);
  world.marathon().Scale("/web", 6);
  world.marathon().WaitDeployed();
  CHECK(candidates.TakenOverFrom(first, begun, kAfterKill + seconds(5), "SIGSTOP") <= Seconds(kAfterKill));
  REQUIRE(world.Differs() == "");
  world.marathon().Scale("/web", 2);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();

  // It has all of that before it: events, and a picture of Consul from long ago.
  first->Forget();
  first->process().Signal(SIGCONT);
  REQUIRE(WaitFor([&] { return first->Is("standby"); }));
  world.marathon().Scale("/web", 3);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  CHECK(first->Transactions().empty());
  CHECK(first->process().Log().find("the permit has run out") != std::string::npos);
}

TEST_CASE("Consul is killed and comes back: one leads, and what happened meanwhile is made good",
          "[leader][apart]") {
  const std::unique_ptr<ConsulServer> consul = ConsulServer::Start().value();
  Candidates candidates(2, false, consul->url());
  World& world = candidates.world;
  consul->Kill();
  world.marathon().Scale("/web", 5);
  world.marathon().WaitDeployed();
  for (const auto& candidate : candidates.all) {
    CHECK(candidate->process().Ready().ok());
  }
  REQUIRE(consul->Restart().ok());
  REQUIRE(world.Differs(kAfterKill) == "");
  // The session outlived the restart, or another was made: either way there is one leader.
  int leaders = 0;
  REQUIRE(WaitFor(
      [&] {
        leaders = 0;
        int standing_by = 0;
        for (const auto& candidate : candidates.all) {
          leaders += candidate->Leads() ? 1 : 0;
          standing_by += candidate->Is("standby") ? 1 : 0;
        }
        return leaders + standing_by == 2;
      },
      kAfterKill));
  CHECK(leaders == 1);
}

TEST_CASE("a leader that the lock's Consul can't hear removes tasks seen dead and does nothing else",
          "[leader][apart]") {
  Candidates candidates(2, true);
  World& world = candidates.world;
  Candidate* const first = candidates.Leader();
  const Mono begun = MonoClock::now();
  first->Cut(true);
  REQUIRE(WaitFor([&] { return first->Is("cut-off"); }, kTtl + kPatience));
  first->Forget();
  // Nobody else leads yet: Consul waits for up to twice the TTL.
  const std::string dead = world.marathon().TasksOf("/web").front().task;
  world.marathon().OnTask(dead, "fail");
  REQUIRE(WaitFor([&] { return !first->Transactions().empty(); }));
  world.marathon().WaitDeployed();
  CHECK(candidates.TakenOverFrom(first, begun, kAfterKill + seconds(5), "a cut network") <=
        Seconds(kAfterKill));
  REQUIRE(world.Differs() == "");
  world.marathon().Scale("/web", 5);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
  for (const std::string& body : first->Transactions()) {
    INFO(body);
    CHECK(body.find("\"Verb\":\"set\"") == std::string::npos);
    CHECK(body.find("\"Node\":{\"Verb\":\"delete\"") == std::string::npos);
  }
  first->Cut(false);
  REQUIRE(WaitFor([&] { return first->Is("standby"); }));
  REQUIRE(world.Differs() == "");
}

}  // namespace
}  // namespace dispatcher::testing
