// The pipeline under a lock that a test holds in its hand.
#include <algorithm>
#include <set>

#include "adapters/memory/memory_adapter.h"
#include "dispatcher/engine/engine.h"
#include "tests/engine/scripted_marathon.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using namespace testing;  // NOLINT: the fakes' words
using namespace std::chrono_literals;
using Code = LockAnswer::Code;

// One lock for several stores; no TTL: sessions end when the test says so.
class TestLock {
 public:
  LockAnswer Do(const LockAsk& ask) {
    MutexLock lock(mutex_);
    LockAnswer answer;
    if (silent_) {
      answer.code = Code::kSilent;
      answer.error = "the lock's store is cut off";
      return answer;
    }
    if (ask.what != LockAsk::What::kCreate && !sessions_.contains(ask.session)) {
      answer.code = Code::kSessionGone;
      answer.error = "no such session";
      return answer;
    }
    switch (ask.what) {
      case LockAsk::What::kCreate:
        answer.session = "session-" + std::to_string(++made_);
        sessions_.insert(answer.session);
        break;
      case LockAsk::What::kAcquire:
        if (!view_.session.empty() && view_.session != ask.session) {
          answer.code = Code::kNotNow;
        } else {
          Set({true, ask.session, ask.value, 0});
        }
        break;
      case LockAsk::What::kLook:
        answer.view = view_;
        break;
      case LockAsk::What::kRelease:
        Set({true, "", ask.value, 0});
        break;
      case LockAsk::What::kDestroy:
        sessions_.erase(ask.session);
        break;
      case LockAsk::What::kRenew:
        break;
    }
    return answer;
  }
  LockAnswer Watch(uint64_t index, const Cancel& cancel) {
    MutexLock lock(mutex_);
    const std::stop_callback wake(cancel, [this] { changed_.NotifyAll(); });
    const Mono until = MonoClock::now() + 50ms;
    while (view_.index == index && !cancel.stop_requested() && changed_.WaitUntil(mutex_, until)) {
    }
    LockAnswer answer;
    answer.view = view_;
    if (silent_) {
      answer.code = Code::kSilent;
    }
    return answer;
  }
  void Silence(bool silent) {
    MutexLock lock(mutex_);
    silent_ = silent;
  }
  // As a TTL that has run out does.
  void EndSession() {
    MutexLock lock(mutex_);
    sessions_.erase(view_.session);
    Set({true, "", view_.value, 0});
  }
  std::string Session() const {
    MutexLock lock(mutex_);
    return view_.session;
  }

 private:
  void Set(LockView view) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    view.index = view_.index + 1;
    view_ = std::move(view);
    changed_.NotifyAll();
  }
  mutable Mutex mutex_;
  CondVar changed_;
  LockView view_ ABSL_GUARDED_BY(mutex_) = {false, "", "", 1};
  std::set<std::string> sessions_ ABSL_GUARDED_BY(mutex_);
  int made_ ABSL_GUARDED_BY(mutex_) = 0;
  bool silent_ ABSL_GUARDED_BY(mutex_) = false;
};

class TestLockStore : public LockStore {
 public:
  explicit TestLockStore(TestLock& lock) : lock_(lock) {}
  LockAnswer Do(const LockAsk& ask, Duration, const Cancel&) override { return lock_.Do(ask); }
  LockAnswer Watch(uint64_t index, Duration, const Cancel& cancel) override {
    return lock_.Watch(index, cancel);
  }

 private:
  TestLock& lock_;
};

// An engine that asks for the lock, with a permit of 1.2 s.
class ElectedEngine {
 public:
  ElectedEngine(const std::string& url, TestLock& lock, std::shared_ptr<MemoryRegistry> registry) {
    Settings settings;
    settings.marathon.urls = {url};
    settings.leader.configured = true;
    AdapterSettings adapter;
    adapter.name = "memory";
    settings.adapters = {adapter};
    EngineOptions options;
    options.seed = 1;
    options.make_adapter = [registry](const AdapterSettings&, const Settings&) {
      return absl::StatusOr<std::unique_ptr<Adapter>>(
          std::make_unique<MemoryAdapter>(MemoryOptions(), registry));
    };
    options.make_lock = [&lock](const Settings&) {
      return absl::StatusOr<std::unique_ptr<LockStore>>(std::make_unique<TestLockStore>(lock));
    };
    ElectionPolicy policy;
    policy.ttl = 1500ms;  // not so short that a busy machine loses it
    policy.margin = 300ms;
    policy.unfit_for = 300ms;
    policy.delayed = 10ms;
    policy.retry = {20ms, 50ms, 2.0};
    options.election = policy;
    engine = *Engine::Make(settings, SystemClock(), options);
    engine->Start("127.0.0.1:1");
  }
  LeaderReport leader() const { return engine->Report().leader; }
  uint64_t writes() const { return engine->Report().adapters.front().writes; }
  uint64_t reads() const { return engine->Report().adapters.front().reads; }
  // Or says so soon: notes come a moment after what they tell of.
  bool Said(std::string_view text) const {
    return WaitFor([&] {
      const std::vector<Decision> decisions = engine->Decisions({});
      return std::any_of(decisions.begin(), decisions.end(), [&](const Decision& decision) {
        return decision.note.kind == NoteKind::kLeader && decision.note.text.find(text) != std::string::npos;
      });
    });
  }

  std::unique_ptr<Engine> engine;
};

std::string LeaderTask(int number) {
  return "web.01da9a15-68a7-11e7-a229-00000000000" + std::to_string(number);
}

struct ElectedWorld {
  ElectedWorld() {
    Runs({1, 2});
    first = std::make_unique<ElectedEngine>(marathon.url(), lock, registry);
    REQUIRE(Becomes({31001, 31002}));
  }
  // What Marathon says when it is asked.
  void Runs(const std::vector<int>& numbers) {
    std::map<std::string, int> tasks;
    for (const int number : numbers) {
      tasks[LeaderTask(number)] = 31000 + number;
    }
    marathon.SetApp("/web", tasks);
  }
  // One more, with the event; a new leader reads all, so Marathon has to know of it.
  void Launch(int number, const std::vector<int>& with) {
    std::vector<int> all = with;
    all.push_back(number);
    Runs(all);
    marathon.Emit(RunningFrame("/web", LeaderTask(number), 31000 + number));
  }
  bool Becomes(const std::set<int>& ports) {
    std::set<std::string> expected, there;
    for (const int port : ports) {
      expected.insert("10.0.0.1:" + std::to_string(port));
    }
    return WaitFor([&] {
      there.clear();
      for (const Entry& entry : registry->Entries("dispatcher")) {
        if (!entry.address.empty()) {
          there.insert(entry.address);
        }
      }
      return there == expected;
    });
  }

  ScriptedMarathon marathon;
  TestLock lock;
  std::shared_ptr<MemoryRegistry> registry = std::make_shared<MemoryRegistry>();
  std::unique_ptr<ElectedEngine> first, second;
};

TEST_CASE("a standby knows all and writes nothing; when the leader stops it reads anew and leads") {
  ElectedWorld world;
  CHECK(world.first->leader().terms >= 1);
  CHECK(world.first->Said("leads, term 1"));
  world.second = std::make_unique<ElectedEngine>(world.marathon.url(), world.lock, world.registry);
  REQUIRE(WaitFor([&] {
    const EngineReport report = world.second->engine->Report();
    return report.catalog.synced && report.adapters.front().state.compared &&
           report.leader.state == "standby" && report.leader.holder;
  }));
  const EngineReport report = world.second->engine->Report();
  CHECK(report.ready);
  REQUIRE_FALSE(report.degraded.empty());
  CHECK(report.degraded.front().find("standby: ") == 0);
  CHECK(report.degraded.front().find("leads") != std::string::npos);
  CHECK(report.leader.state == "standby");
  CHECK(report.leader.holder->http == "127.0.0.1:1");
  world.Launch(3, {1, 2});
  REQUIRE(world.Becomes({31001, 31002, 31003}));
  REQUIRE(WaitFor([&] { return world.second->engine->Explain("/web")->tasks.size() == 3; }));
  CHECK(world.second->writes() == 0);

  const uint64_t reads = world.second->reads();
  world.first->engine->Stop();
  CHECK_FALSE(world.first->leader().leads);
  REQUIRE(WaitFor([&] { return world.second->leader().leads; }));
  REQUIRE(WaitFor([&] { return world.second->reads() > reads; }));
  CHECK(world.second->writes() == 0);  // nothing differs
  world.Launch(4, {1, 2, 3});
  CHECK(world.Becomes({31001, 31002, 31003, 31004}));
  CHECK(world.second->writes() > 0);
}

TEST_CASE("who has lost its session writes no more until it leads again, and then reads first") {
  ElectedWorld world;
  world.registry->Hold(true);  // a write that hangs
  const uint64_t writes = world.first->writes();
  world.Launch(3, {1, 2});
  REQUIRE(WaitFor([&] { return world.first->writes() > writes; }));
  world.lock.EndSession();
  // The write is broken off, and nobody calls that a failure.
  REQUIRE(WaitFor([&] { return world.first->leader().terms >= 2; }));
  world.registry->Hold(false);
  CHECK(world.Becomes({31001, 31002, 31003}));
  CHECK(world.first->engine->Report().adapters.front().state.failures == 0);
  CHECK(world.first->Said("has lost the lock"));
}

TEST_CASE("without the lock's store only tasks seen dead go, and all is made good afterwards") {
  ElectedWorld world;
  world.lock.Silence(true);
  REQUIRE(WaitFor([&] { return world.first->leader().state == "cut-off"; }));
  CHECK(world.first->engine->Report().ready);
  world.Launch(3, {1, 2});
  world.marathon.Emit(RunningFrame("/web", LeaderTask(1), 31001, "TASK_LOST"));
  world.marathon.Emit(RunningFrame("/web", LeaderTask(2), 31002, "TASK_FAILED"));
  CHECK(world.Becomes({31001}));
  CHECK_FALSE(WaitFor([&] { return world.registry->Entries("dispatcher").empty(); }, 200ms));
  CHECK(world.Becomes({31001}));
  // What the snapshot says that the next term begins with.
  world.Runs({3});
  world.lock.Silence(false);
  CHECK(world.Becomes({31003}));
  CHECK(world.first->leader().terms >= 2);
}

TEST_CASE("a leader without a stream gives the lock up, and has it back with one") {
  ElectedWorld world;
  world.marathon.SetOpen(false);
  REQUIRE(WaitFor([&] { return world.first->leader().state == "unfit"; }));
  CHECK(world.lock.Session().empty());
  world.marathon.SetOpen(true);
  REQUIRE(WaitFor([&] { return world.first->leader().leads; }));
}

}  // namespace
}  // namespace dispatcher
