// Real processes on real ports.
#include <signal.h>

#include "tests/marathon_sim/sim_client.h"
#include "tests/support/process.h"

namespace dispatcher::sim {
namespace {

constexpr const char* kWeb =
    R"({"id":"/web","container":{"type":"DOCKER","docker":{"image":"i","network":"BRIDGE",
  "portMappings":[{"containerPort":80,"name":"http"}]}},"instances":2,"upgradeStrategy":{"maximumOverCapacity":0.5},
  "healthChecks":[{"protocol":"HTTP","path":"/","gracePeriodSeconds":5,"intervalSeconds":1,"maxConsecutiveFailures":3},
                  {"protocol":"TCP","gracePeriodSeconds":5}]})";

// What the task's server answers: status, or 0.
int Ask(const world::Endpoint& endpoint) {
  HttpClientOptions options;
  options.base.host = endpoint.ip;
  options.base.port = endpoint.port;
  HttpClient client(options);
  const auto response = client.Call({.target = "/", .headers = {}, .body = "", .read_timeout = {}}, Cancel());
  return response.ok() ? response->status : 0;
}

int Pid(const TestSim& t, const std::string& task) {
  const auto doc = JsonDocument::Parse(t.Get("/sim/state").body);
  int pid = 0;
  doc->root()["tasks"].ForEach([&](JsonView live) {
    pid = live["task"].String() == task ? static_cast<int>(live["pid"].IntOr(0)) : pid;
  });
  return pid;
}

TEST_CASE("tasks are processes that answer where the oracle says, and end with the stand-in") {
  std::vector<int> pids;
  {
    TestSim t(RealOptions());
    const HttpResponse posted = t.Post("/v2/apps", kWeb);
    REQUIRE(posted.status == 201);
    CHECK(!FindHeader(posted.headers, "X-Marathon-Sim").empty());
    REQUIRE(t.WaitRunning(2));
    for (const auto& task : t.Running()) {
      CHECK(task.healthy == true);
      CHECK(Ask(task.endpoints.front()) == 200);
      pids.push_back(Pid(t, task.task));
      CHECK(kill(pids.back(), 0) == 0);
    }
  }
  for (int pid : pids) {
    CHECK(kill(pid, 0) != 0);
  }
}

TEST_CASE("a process that dies is a failed task, and replaced") {
  TestSim t(RealOptions());
  REQUIRE(t.Post("/v2/apps", kWeb).status == 201);
  REQUIRE(t.WaitRunning(2));
  const std::string task = t.Running().front().task;
  REQUIRE(kill(Pid(t, task), SIGKILL) == 0);
  REQUIRE(testing::WaitFor([&] { return t.Get("/v2/tasks").body.find(task) == std::string::npos; }));
  REQUIRE(testing::WaitFor(
      [&] { return t.WaitRunning(2) && t.Running().front().healthy && t.Running().back().healthy; }));
  CHECK(t.Get("/sim/events").body.find("Command terminated with signal Killed") != std::string::npos);
}

TEST_CASE("turned unhealthy: it answers 503, is told and killed") {
  TestSim t(RealOptions());
  REQUIRE(t.Post("/v2/apps", kWeb).status == 201);
  REQUIRE(t.WaitRunning(2));
  const auto task = t.Running().front();
  REQUIRE(t.Post("/sim/tasks/" + task.task + "/unhealthy").status == 200);
  CHECK(testing::WaitFor([&] {
    const int status = Ask(task.endpoints.front());
    return status == 503 || status == 0;
  }));
  REQUIRE(testing::WaitFor([&] { return t.Get("/v2/tasks").body.find(task.task) == std::string::npos; }));
  CHECK(t.Get("/sim/events").body.find("unhealthy_instance_kill_event") != std::string::npos);
  CHECK(t.WaitRunning(2));
}

TEST_CASE("turned sick and well again before it could run, it is well") {
  TestSim t(RealOptions());
  REQUIRE(t.Post("/v2/apps", kWeb).status == 201);
  REQUIRE(t.WaitRunning(2));
  const auto task = t.Running().front();
  const int pid = Pid(t, task.task);
  REQUIRE(kill(pid, SIGSTOP) == 0);
  CHECK(t.Post("/sim/tasks/" + task.task + "/unhealthy").status == 200);
  CHECK(t.Post("/sim/tasks/" + task.task + "/healthy").status == 200);
  REQUIRE(kill(pid, SIGCONT) == 0);
  // It may answer between the two words; what counts is the one it is left with.
  CHECK(testing::WaitFor([&] { return Ask(task.endpoints.front()) == 200; }));
}

TEST_CASE("a rolling upgrade of real tasks keeps its capacity") {
  TestSim t(RealOptions());
  REQUIRE(t.Post("/v2/apps", kWeb).status == 201);
  REQUIRE(t.WaitRunning(2));
  REQUIRE(t.Call("PUT", "/v2/apps/web", R"({"labels":{"v":"2"}})").status == 200);
  size_t least = 99, most = 0;
  REQUIRE(testing::WaitFor([&] {
    bool deploying = true;
    t.sim->With([&](world::World& world) {
      deploying = world.Deploying();
      least = std::min(least, world.Running().size());
      most = std::max(most, world.Alive().size());
    });
    return !deploying;
  }));
  CHECK(least >= 2);
  CHECK(most == 3);
  for (const auto& task : t.Running()) {
    CHECK(task.definition->labels.at("v") == "2");
    CHECK(Ask(task.endpoints.front()) == 200);
  }
}

TEST_CASE(
    "a command runs in a shell with Marathon's variables; deaf to SIGTERM it is killed after its grace") {
  TestSim t(RealOptions());
  const std::string file = "/tmp/marathon_sim_test_" + std::to_string(getpid());
  REQUIRE(
      t.Post("/v2/apps",
             R"({"id":"/sh","taskKillGracePeriodSeconds":0,"portDefinitions":[{"port":0,"name":"http-api"}],
                                 "env":{"OWN":"mine"},
                                 "cmd":"trap '' TERM; echo $MARATHON_APP_ID $HOST $PORT0 $PORT_HTTP_API $OWN > )" +
                 file + R"(.new; mv )" + file + ".new " + file + R"(; while :; do sleep 0.01; done"})")
          .status == 201);
  REQUIRE(t.WaitRunning(1));
  const auto task = t.Running().front();
  REQUIRE(testing::WaitFor([&] { return access(file.c_str(), R_OK) == 0; }));
  FILE* in = fopen(file.c_str(), "r");
  REQUIRE(in != nullptr);
  char line[256] = "";
  CHECK(fgets(line, sizeof(line), in) != nullptr);
  fclose(in);
  unlink(file.c_str());
  const std::string port = std::to_string(task.ports.front());
  CHECK(std::string(line) == "/sh " + task.host + " " + port + " " + port + " mine\n");
  REQUIRE(t.Call("DELETE", "/v2/apps/sh").status == 200);
  CHECK(t.WaitRunning(0));
}

TEST_CASE("a command that ends at once is a failure that is tried again") {
  TestSim t(RealOptions());
  REQUIRE(t.Post("/v2/apps", R"({"id":"/sh","cmd":"exit 3"})").status == 201);
  CHECK(testing::WaitFor(
      [&] { return t.Get("/sim/events").body.find("Command exited with status 3") != std::string::npos; }));
}

TEST_CASE("a task with an address of its own listens there") {
  TestSim t(RealOptions());
  REQUIRE(
      t.Post("/v2/apps",
             R"({"id":"/own","networks":[{"mode":"container","name":"n"}],"container":{"docker":{"image":"i"},
       "portMappings":[{"containerPort":18080},{"containerPort":18081,"protocol":"udp"}]},
       "healthChecks":[{"protocol":"MESOS_HTTP"}]})")
          .status == 201);
  REQUIRE(t.WaitRunning(1));
  const auto task = t.Running().front();
  REQUIRE(task.endpoints.size() == 2);
  CHECK(task.endpoints[0].ip == task.ips.front());
  CHECK(Ask(task.endpoints[0]) == 200);
}

TEST_CASE("a task may listen at an address of IPv6") {
  const int port = testing::FreePort();
  if (!CanBind("::1", port)) {
    WARN("skipped: no IPv6 here");
    return;
  }
  Launcher launcher(std::string(BINARY_DIR) + "/marathon_sim");
  const Launch launch{.task = "web.1",
                      .app = "/web",
                      .host = "::1",
                      .sockets = {"tcp:::1:" + std::to_string(port)},
                      .command = "",
                      .environment = {}};
  REQUIRE(launcher.Start(launch, MonoClock::now()).ok());
  REQUIRE(testing::WaitFor([&] { return !launcher.Started(MonoClock::now(), {}).empty(); }));
  world::Endpoint there;
  there.ip = "::1";
  there.port = port;
  CHECK(Ask(there) == 200);
  CHECK_FALSE(CanBind("::1", port));
}

TEST_CASE("what is bound at an address of another machine is not ours to try") {
  CHECK(CanBind("192.0.2.1", 80));
}

}  // namespace
}  // namespace dispatcher::sim
