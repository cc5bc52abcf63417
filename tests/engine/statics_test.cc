// Static services through the whole engine, against real sockets.
#include <algorithm>
#include <atomic>

#include "adapters/memory/memory_adapter.h"
#include "dispatcher/engine/engine.h"
#include "dispatcher/net/server.h"
#include "tests/engine/scripted_marathon.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using namespace testing;  // NOLINT: the fakes' words
using namespace std::chrono_literals;

// Answers every GET with what it is told to.
class Page {
 public:
  Page() {
    server_.Handle("GET", "/.*", [this](const HttpCall& call) {
      HttpReply reply;
      MutexLock lock(mutex_);
      asked_ = call.path;
      reply.status = status_;
      if (!location_.empty()) {
        reply.headers.emplace_back("Location", location_);
      }
      if (call.path == "/v2/leader") {
        reply.body = R"({"leader":")" + leader_ + R"("})";
      }
      return reply;
    });
    REQUIRE(server_.Start("127.0.0.1", 0).ok());
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  void Answer(int status, std::string location = "", std::string leader = "") {
    MutexLock lock(mutex_);
    status_ = status;
    location_ = std::move(location);
    leader_ = std::move(leader);
  }
  std::string asked() const {
    MutexLock lock(mutex_);
    return asked_;
  }

 private:
  mutable Mutex mutex_;
  int status_ = 200;
  std::string location_, leader_, asked_;
  HttpServer server_;
};

class Engineered {
 public:
  explicit Engineered(Settings settings, const std::string& marathon) {
    settings.marathon.urls = {marathon};
    settings.adapters.emplace_back().name = "memory";
    EngineOptions options;
    options.seed = 1;
    options.make_adapter = [this](const AdapterSettings&, const Settings&) {
      return absl::StatusOr<std::unique_ptr<Adapter>>(
          std::make_unique<MemoryAdapter>(MemoryOptions(), registry_));
    };
    engine_ = *Engine::Make(settings, SystemClock(), options);
    engine_->Start();
  }
  Engine& engine() { return *engine_; }
  // "address status" of every instance.
  std::vector<std::string> There() const {
    std::vector<std::string> there;
    for (const Entry& entry : registry_->Entries("dispatcher")) {
      if (!entry.task.empty()) {
        there.push_back(entry.address + " " + entry.fields.at("status"));
      }
    }
    std::sort(there.begin(), there.end());
    return there;
  }
  bool Becomes(const std::vector<std::string>& expected) const {
    const bool became = WaitFor([&] { return There() == expected; });
    for (const std::string& has : There()) {
      UNSCOPED_INFO("has " << has);
    }
    return became;
  }

 private:
  std::shared_ptr<MemoryRegistry> registry_ = std::make_shared<MemoryRegistry>();
  std::unique_ptr<Engine> engine_;
};

TEST_CASE("static targets are published without Marathon, and the unhealthy are shown as such") {
  Page well, sick;
  sick.Answer(503);
  Settings settings;
  StaticServiceSettings& docs = settings.static_services["docs"];
  docs.targets = {well.address(), sick.address()};
  docs.health_path = "/ok?x=1";
  docs.interval = 10ms;
  Engineered engineered(settings, "http://127.0.0.1:1");
  std::vector<std::string> expected = {well.address() + " passing", sick.address() + " critical"};
  std::sort(expected.begin(), expected.end());
  // Not there before the first answers; after three failures it is told that it is critical.
  CHECK(engineered.Becomes(expected));
  CHECK(well.asked() == "/ok");
  sick.Answer(302, "/elsewhere");
  expected = {well.address() + " passing", sick.address() + " passing"};
  std::sort(expected.begin(), expected.end());
  CHECK(engineered.Becomes(expected));
  REQUIRE(engineered.engine().Services().size() == 1);
  CHECK(engineered.engine().Services()[0]->key.app == "static.docs");
  CHECK(engineered.engine().Services()[0]->profile->hosts == std::vector<std::string>{"docs.service.consul"});
}

TEST_CASE("what static services have still to ask is reported") {
  Settings settings;
  settings.marathon.urls = {"http://127.0.0.1:1"};
  settings.adapters.emplace_back().name = "memory";
  settings.static_services["marathon"].kind = "marathon-leader";
  settings.static_services["docs"].targets = {"127.0.0.1:1"};
  CHECK((*Engine::Make(settings, SystemClock()))->Report().static_questions == 1);
}

TEST_CASE("the leaders of Marathon and Mesos are followed") {
  Page marathon, dead_master, master;
  marathon.Answer(200, "", "10.0.0.1:8080");
  dead_master.Answer(500);
  master.Answer(307, "//10.0.0.1:5050");
  Settings settings;
  settings.static_services["marathon"].kind = "marathon-leader";
  settings.static_services["marathon"].interval = 10ms;
  StaticServiceSettings& mesos = settings.static_services["mesos"];
  mesos.kind = "mesos-leader";
  mesos.targets = {dead_master.address(), master.address()};
  mesos.interval = 10ms;
  Engineered engineered(settings, "http://" + marathon.address());
  CHECK(engineered.Becomes({"10.0.0.1:5050 passing", "10.0.0.1:8080 passing"}));
  CHECK(WaitFor([&] { return engineered.engine().Report().static_questions == 0; }));
  CHECK(master.asked() == "/master/redirect");
  master.Answer(307, "//10.0.0.2:5050");
  marathon.Answer(200, "", "10.0.0.3:8080");
  CHECK(engineered.Becomes({"10.0.0.2:5050 passing", "10.0.0.3:8080 passing"}));
  marathon.Answer(404);
  master.Answer(503);
  CHECK(WaitFor([&] { return marathon.asked() == "/v2/leader"; }));
  CHECK(engineered.Becomes({"10.0.0.2:5050 passing", "10.0.0.3:8080 passing"}));
}

}  // namespace
}  // namespace dispatcher
