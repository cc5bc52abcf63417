// A world that plays its tasks itself: capacity rules, life, order within emitters.
#include "tests/world/world.h"

#include <algorithm>
#include <set>

#include "dispatcher/base/json.h"
#include "tests/support/catch.h"

namespace dispatcher::world {
namespace {

constexpr const char* kWeb = R"({"id":"/web","cmd":"x","instances":3,
  "healthChecks":[{"protocol":"HTTP","path":"/h","gracePeriodSeconds":0,"maxConsecutiveFailures":3}]})";

WorldOptions With(const std::string& profile) { return {.profile = profile}; }

std::vector<std::string> Types(const World& w, std::string_view emitter_prefix) {
  std::vector<std::string> types;
  for (const Event& e : w.Events()) {
    if (e.emitter.starts_with(emitter_prefix)) {
      types.push_back(e.type);
    }
  }
  return types;
}

const char* const kProfiles[] = {"1.1", "1.3", "1.4", "1.6", "1.8", "1.10"};

TEST_CASE("every profile starts, scales, upgrades and deletes") {
  for (const char* profile : kProfiles) {
    CAPTURE(profile);
    World w(With(profile));
    const Reply posted = w.Post(kWeb);
    CAPTURE(posted.body);
    REQUIRE(posted.status == 201);
    REQUIRE(w.Deploying());
    REQUIRE(w.Settle());
    CHECK(w.Running().size() == 3);
    CHECK(w.Scale("/web", 5).ok());
    REQUIRE(w.Settle());
    CHECK(w.Running().size() == 5);
    CHECK(w.Put("/web", R"({"labels":{"a":"b"}})").ok());
    REQUIRE(w.Settle());
    REQUIRE(w.Running().size() == 5);
    for (const LiveTask& t : w.Running()) {
      CHECK(t.definition->labels.at("a") == "b");
      CHECK(t.healthy == true);
    }
    CHECK(w.Delete("/web").ok());
    CHECK(!w.AppJson("/web"));
    REQUIRE(w.Settle());
    CHECK(w.Alive().empty());
    CHECK(w.Apps().empty());
    const auto types = Types(w, "");
    CHECK(std::count(types.begin(), types.end(), "app_terminated_event") == 1);
    CHECK(std::count(types.begin(), types.end(), "deployment_success") == 4);
    for (const Event& e : w.Events()) {
      CAPTURE(e.json);
      const auto doc = JsonDocument::Parse(e.json);
      REQUIRE(doc.ok());
      CHECK(doc->root()["eventType"].String() == e.type);
    }
  }
}

TEST_CASE("an upgrade keeps both capacities at every instant") {
  struct Case {
    double min_health, max_over;
    int instances;
  };
  for (const Case& c : {Case{1.0, 1.0, 3}, Case{1.0, 0.0, 3}, Case{0.5, 0.0, 4}, Case{0.5, 0.25, 4},
                        Case{0.0, 0.0, 2}, Case{1.0, 0.0, 1}}) {
    CAPTURE(c.min_health, c.max_over, c.instances);
    World w;
    REQUIRE(w.Post(R"({"id":"/web","cmd":"x","instances":)" + std::to_string(c.instances) +
                   R"(,"upgradeStrategy":{"minimumHealthCapacity":)" + std::to_string(c.min_health) +
                   R"(,"maximumOverCapacity":)" + std::to_string(c.max_over) + "}}")
                .ok());
    REQUIRE(w.Settle());
    REQUIRE(w.Put("/web", R"({"cmd":"y"})").ok());
    const int least = static_cast<int>(c.instances * c.min_health + 0.999);
    int most = static_cast<int>(c.instances * (1 + c.max_over));
    most += most == least ? 1 : 0;
    while (w.Deploying()) {
      REQUIRE(w.NextDue());
      w.Advance(*w.NextDue());
      REQUIRE(static_cast<int>(w.Running().size()) >= least);
      REQUIRE(static_cast<int>(w.Alive().size()) <= most);
    }
    REQUIRE(w.Running().size() == static_cast<size_t>(c.instances));
    for (const LiveTask& t : w.Running()) {
      CHECK(t.definition->cmd == "y");
    }
  }
}

TEST_CASE("a failed task is replaced, and reads know why") {
  World w;
  REQUIRE(w.Post(kWeb).ok());
  REQUIRE(w.Settle());
  const std::string task = w.Running().front().task;
  REQUIRE(w.TaskEnded(task, "TASK_FAILED", "exit 1"));
  CHECK(w.Running().size() == 2);
  REQUIRE(w.Settle());
  CHECK(w.Running().size() == 3);
  CHECK(w.Find(task) == nullptr);
  const auto app = w.AppJson("/web", {.last_failure = true});
  REQUIRE(app);
  CHECK(app->find("\"lastTaskFailure\":{\"appId\":\"/web\"") != std::string::npos);
}

TEST_CASE("an unreachable agent: replaced, and the original wins when it is back in time") {
  for (const char* profile : {"1.3", "1.4", "1.8"}) {
    CAPTURE(profile);
    World w({.profile = profile, .expunge_ms = 5000});
    REQUIRE(w.Post(kWeb).ok());
    REQUIRE(w.Settle());
    const auto before = w.Running();
    REQUIRE(w.AgentUnreachable("127.0.1.1"));
    w.AdvanceBy(500);
    CHECK(w.Running().size() == 3);
    REQUIRE(w.Alive().size() > 3);
    REQUIRE(w.AgentReturn("127.0.1.1"));
    w.AdvanceBy(500);
    REQUIRE(w.Running().size() == 3);
    for (const LiveTask& t : before) {
      CHECK(w.Find(t.task) != nullptr);
    }
  }
}

TEST_CASE("back too late: a stray is killed and told as unknown") {
  World w({.expunge_ms = 100});
  REQUIRE(w.Post(kWeb).ok());
  REQUIRE(w.Settle());
  REQUIRE(w.AgentUnreachable("127.0.1.1"));
  REQUIRE(w.Settle());
  REQUIRE(w.AgentReturn("127.0.1.1"));
  REQUIRE(w.Settle());
  CHECK(w.Running().size() == 3);
  const auto types = Types(w, "");
  CHECK(std::count(types.begin(), types.end(), "unknown_instance_terminated_event") > 0);
}

TEST_CASE("sick tasks are told once, killed after maxConsecutiveFailures and replaced") {
  World w;
  REQUIRE(w.Post(kWeb).ok());
  REQUIRE(w.Settle());
  const LiveTask sick = w.Running().front();
  REQUIRE(w.SetSick(sick.task, true));
  CHECK(w.Running().front().healthy == false);
  REQUIRE(w.Settle());
  CHECK(w.Running().size() == 3);
  CHECK(w.Find(sick.task) == nullptr);
  const std::vector<std::string> expected = {
      "health_status_changed_event", "instance_health_changed_event", "failed_health_check_event",
      "health_status_changed_event", "instance_health_changed_event", "failed_health_check_event",
      "failed_health_check_event",   "unhealthy_instance_kill_event"};
  CHECK(Types(w, "health:" + sick.instance) == expected);
}

TEST_CASE("a new leader has forgotten health and announces checks and deployments again") {
  World w({.profile = "1.4"});
  REQUIRE(w.Post(kWeb).ok());
  REQUIRE(w.Settle());
  REQUIRE(w.Put("/web", R"({"cmd":"y"})").ok());
  w.LeaderDown();
  const uint64_t last = w.LastEventId();
  w.AdvanceBy(50);
  CHECK(w.LastEventId() == last);
  w.LeaderUp();
  for (const LiveTask& t : w.Running()) {
    CHECK(!t.healthy);
  }
  const auto types = Types(w, "");
  CHECK(std::count(types.begin(), types.end(), "scheduler_registered_event") == 1);
  REQUIRE(w.Settle());
  CHECK(w.Running().size() == 3);
  CHECK(w.Running().front().definition->cmd == "y");
}

TEST_CASE("a copy answers as of then") {
  World w;
  REQUIRE(w.Post(kWeb).ok());
  REQUIRE(w.Settle());
  const World then = w;
  const std::string before = then.AppsJson();
  REQUIRE(w.Scale("/web", 0).ok());
  REQUIRE(w.Settle());
  CHECK(then.AppsJson() == before);
  CHECK(w.AppsJson() != before);
}

TEST_CASE("a clock that steps changes stamps and no timer, and versions never repeat") {
  World w(With("1.8"));
  REQUIRE(w.Post(kWeb).status == 201);
  REQUIRE(w.Settle());
  constexpr WallMs kHour = 3'600'000;
  for (const WallMs by : {kHour, -2 * kHour}) {
    const std::string before = w.Apps().front()->version;
    REQUIRE(w.Put("/web", R"({"env":{"STEP":")" + std::to_string(by) + "\"}}").status == 200);
    const auto due = w.NextDue();
    REQUIRE(due);
    const WallMs left = *due - w.now();
    w.StepClock(by);
    CHECK(*w.NextDue() - w.now() == left);
    const size_t events = w.Events().size();
    REQUIRE(w.Settle());
    REQUIRE(w.Events().size() > events);
    CHECK(w.Events().back().at - due.value() > by - 60'000);
    CHECK(w.Events().back().at - due.value() < by + 60'000);
    CHECK(w.Apps().front()->version > before);
  }
}

TEST_CASE("one seed, one history") {
  const auto run = [](uint64_t seed) {
    World w({.seed = seed});
    w.Post(kWeb);
    w.Settle();
    std::string all;
    for (const Event& e : w.Events()) {
      all += e.json;
    }
    return all;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
}

TEST_CASE("a definition is readable only after its deployment was announced") {
  World w({.store_lag_ms = 10});
  REQUIRE(w.Post(kWeb).ok());
  CHECK(w.Events().front().type == "deployment_info");
  CHECK(!w.AppJson("/web"));
  w.AdvanceBy(10);
  CHECK(w.AppJson("/web"));
}

TEST_CASE("a locked app refuses, force cancels") {
  World w;
  REQUIRE(w.Post(kWeb).ok());
  const Reply locked = w.Scale("/web", 1);
  CHECK(locked.status == 409);
  CHECK(locked.body.find("App is locked by one or more deployments") != std::string::npos);
  CHECK(w.Scale("/web", 1, /*force=*/true).ok());
  REQUIRE(w.Settle());
  CHECK(w.Running().size() == 1);
}

TEST_CASE("requirePorts and lowest_port bring a freed port back at once") {
  World w({.hosts = {"127.0.1.1"}, .lowest_port = true});
  REQUIRE(w.Post(R"({"id":"/a","cmd":"x"})").ok());
  REQUIRE(w.Settle());
  const int port = w.Running().front().ports.front();
  REQUIRE(w.Delete("/a").ok());
  REQUIRE(w.Settle());
  REQUIRE(w.Post(R"({"id":"/b","cmd":"x"})").ok());
  REQUIRE(w.Settle());
  CHECK(w.Running().front().ports.front() == port);
  REQUIRE(w.Post(R"({"id":"/c","cmd":"x","requirePorts":true,"portDefinitions":[{"port":31777}]})").ok());
  REQUIRE(w.Settle());
  CHECK(w.Running().back().ports == std::vector<int>{31777});
}

TEST_CASE("groups create, change and delete together") {
  World w;
  REQUIRE(
      w.PutGroup("/", R"({"id":"/shop","apps":[{"id":"cart","cmd":"x"},{"id":"/shop/db","cmd":"y"}]})", true)
          .ok());
  REQUIRE(w.Settle());
  CHECK(w.Running().size() == 2);
  REQUIRE(w.PutGroup("/shop", R"({"apps":[{"id":"cart","cmd":"x","instances":2}]})", false).ok());
  REQUIRE(w.Settle());
  CHECK(w.Running().size() == 2);
  CHECK(!w.AppJson("/shop/db"));
  REQUIRE(w.GroupJson("/shop"));
  REQUIRE(w.DeleteGroup("/shop").ok());
  REQUIRE(w.Settle());
  CHECK(w.Alive().empty());
  CHECK(!w.GroupJson("/shop"));
}

TEST_CASE("a cancelled deployment is rolled back") {
  World w;
  REQUIRE(w.Post(R"({"id":"/a","cmd":"x","instances":2})").ok());
  REQUIRE(w.Settle());
  const Reply put = w.Put("/a", R"({"cmd":"y"})");
  w.AdvanceBy(10);
  REQUIRE(w.CancelDeployment(put.deployment, false).ok());
  REQUIRE(w.Settle());
  REQUIRE(w.Running().size() == 2);
  CHECK(w.Running().front().definition->cmd == "x");
}

}  // namespace
}  // namespace dispatcher::world
