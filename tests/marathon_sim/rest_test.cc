// REST over sockets: round trips, faulty reads, leader change, the control API.
#include "tests/marathon_sim/sim_client.h"

namespace dispatcher::sim {
namespace {

constexpr const char* kShopWeb = R"({"id":"/shop/web","cmd":"x","instances":2,"labels":{"team":"a"},
    "healthChecks":[{"protocol":"HTTP","path":"/h","gracePeriodSeconds":0,"maxConsecutiveFailures":3}]})";

TEST_CASE("an app's life over REST") {
  Options options = TestOptions();
  options.launch_ms = 700;  // so that the restart below still goes on when it is asked about
  TestSim t(options);
  const HttpResponse posted = t.Post("/v2/apps", kShopWeb);
  REQUIRE(posted.status == 201);
  CHECK(Parse(posted).root()["deployments"].size() == 1);
  CHECK(!FindHeader(posted.headers, "Marathon-Deployment-Id").empty());
  CHECK(FindHeader(posted.headers, "X-Marathon-Leader") == "http://" + t.sim->address());
  // Answered only once it can be read.
  CHECK(t.Get("/v2/apps//shop/web").status == 200);
  CHECK(t.Post("/v2/apps", kShopWeb).status == 409);
  REQUIRE(t.WaitRunning(2));

  const auto apps = Parse(t.Get("/v2/apps?embed=apps.tasks"));
  CHECK(apps.root()["apps"].At(0)["tasks"].size() == 2);
  CHECK(Parse(t.Get("/v2/apps")).root()["apps"].At(0)["tasks"].exists() == false);
  CHECK(Parse(t.Get("/v2/apps?label=team==a")).root()["apps"].size() == 1);
  CHECK(Parse(t.Get("/v2/apps?label=team==b")).root()["apps"].size() == 0);
  CHECK(Parse(t.Get("/v2/apps?id=shop")).root()["apps"].size() == 1);
  CHECK(Parse(t.Get("/v2/apps//shop/*")).root()["*"].size() == 1);
  CHECK(Parse(t.Get("/v2/apps/shop/web/tasks")).root()["tasks"].size() == 2);
  CHECK(Parse(t.Get("/v2/apps/shop/*/tasks")).root()["tasks"].size() == 2);
  CHECK(Parse(t.Get("/v2/tasks")).root()["tasks"].At(0)["servicePorts"].size() == 1);
  CHECK(Parse(t.Get("/v2/groups")).root()["groups"].At(0)["apps"].size() == 1);
  CHECK(Parse(t.Get("/v2/info")).root()["version"].String() == "1.8.180");
  CHECK(Parse(t.Get("/v2/leader")).root()["leader"].String() == t.sim->address());
  CHECK(t.Get("/ping").body == "pong");

  const std::string version =
      Parse(t.Get("/v2/apps/shop/web/versions")).root()["versions"].At(0).StringOr("");
  CHECK(Parse(t.Get("/v2/apps/shop/web/versions/" + version)).root()["id"].String() == "/shop/web");
  CHECK(t.Get("/v2/apps/shop/web/versions/1999").status == 404);

  const std::string task = t.Running().front().task;
  CHECK(t.Call("DELETE", "/v2/apps/shop/web/tasks/" + task).status == 200);
  REQUIRE(testing::WaitFor([&] { return t.Get("/v2/tasks").body.find(task) == std::string::npos; }));
  REQUIRE(t.WaitRunning(2));
  CHECK(t.Call("DELETE", "/v2/apps/shop/web/tasks/" + t.Running().front().task + "?scale=true").status ==
        200);
  REQUIRE(t.WaitRunning(1));
  const auto before = t.Running();
  CHECK(t.Call("POST", "/v2/apps/shop/web/restart").status == 200);
  CHECK(t.Call("PUT", "/v2/apps/shop/web", R"({"instances":7})").status == 409);
  REQUIRE(
      testing::WaitFor([&] { return t.WaitRunning(1) && t.Running().front().task != before.front().task; }));
  CHECK(t.Get("/v2/deployments").body == "[]");
  CHECK(t.Call("DELETE", "/v2/apps/shop/web").status == 200);
  CHECK(t.Get("/v2/apps/shop/web").status == 404);
  CHECK(t.Get("/v2/apps/shop/web").body == R"({"message":"App '/shop/web' does not exist"})");
  REQUIRE(t.WaitRunning(0));
  CHECK(t.Post("/v2/apps", "{").status == 400);
  CHECK(t.Post("/v2/apps", R"({"id":"/x"})").status == 422);
  CHECK(t.Call("PUT", "/v2/groups", R"({"id":"/g","apps":[{"id":"a","cmd":"x"}]})").status == 200);
  REQUIRE(t.WaitRunning(1));
}

TEST_CASE("reads that lie, fail or come late") {
  TestSim t;
  REQUIRE(t.Post("/v2/apps", kShopWeb).status == 201);
  REQUIRE(t.WaitRunning(2));
  const std::string target = "/v2/apps?embed=apps.tasks";
  SECTION("status") {
    REQUIRE(t.Post("/sim/faults", R"({"read_status":500})").status == 200);
    CHECK(t.Get(target).status == 500);
    CHECK(t.Get("/v2/apps/shop/web").status == 500);
    CHECK(t.Get("/v2/info").status == 200);
  }
  SECTION("empty") {
    REQUIRE(t.Post("/sim/faults", R"({"read_empty":true})").status == 200);
    CHECK(t.Get(target).body == R"({"apps":[]})");
  }
  SECTION("half a body") {
    REQUIRE(t.Post("/sim/faults", R"({"read_half":true})").status == 200);
    CHECK(t.Get(target).status == 0);
    const std::string raw = testing::Exchange(t.port(), "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(raw.starts_with("HTTP/1.1 200"));
    CHECK(raw.find("Content-Length: ") != std::string::npos);
    CHECK(!raw.ends_with("}"));
  }
  SECTION("no health") {
    REQUIRE(t.Post("/sim/faults", R"({"missing_health":true})").status == 200);
    CHECK(t.Get(target).body.find("healthCheckResults") == std::string::npos);
    REQUIRE(t.Post("/sim/faults", R"({"missing_health":false})").status == 200);
    CHECK(t.Get(target).body.find("healthCheckResults") != std::string::npos);
  }
  SECTION("as of then") {
    REQUIRE(t.Post("/sim/faults", R"({"read_stale_ms":300})").status == 200);
    REQUIRE(t.Call("PUT", "/v2/apps/shop/web", R"({"instances":0})").status == 200);
    REQUIRE(t.WaitRunning(0));
    CHECK(Parse(t.Get(target)).root()["apps"].At(0)["instances"].Int() == 2);
    CHECK(
        testing::WaitFor([&] { return Parse(t.Get(target)).root()["apps"].At(0)["instances"].Int() == 0; }));
  }
  SECTION("and none of it after a reset") {
    REQUIRE(t.Post("/sim/faults", R"({"read_empty":true,"read_delay_ms":1})").status == 200);
    const auto faults = Parse(t.Post("/sim/faults", R"({"reset":true})"));
    CHECK(faults.root()["read_empty"].Bool() == false);
    CHECK(Parse(t.Get(target)).root()["apps"].size() == 1);
  }
  SECTION("a fault there is not is refused by name") {
    const HttpResponse bad = t.Post("/sim/faults", R"({"read_empty":true,"gravity":1})");
    CHECK(bad.status == 400);
    CHECK(bad.body.find("gravity") != std::string::npos);
    CHECK(t.Post("/sim/faults", R"({"read_empty":1})").status == 400);
    CHECK(Parse(t.Get(target)).root()["apps"].size() == 1);
  }
}

TEST_CASE("a leader change ends streams, refuses reads, forgets health") {
  for (const char* profile : {"1.4", "1.8"}) {
    CAPTURE(profile);
    TestSim t(TestOptions(profile));
    REQUIRE(t.Post("/v2/apps", kShopWeb).status == 201);
    REQUIRE(t.WaitRunning(2));
    RawStream stream(t.port());
    REQUIRE(stream.WaitFor("event_stream_attached"));
    REQUIRE(t.Post("/sim/leader", R"({"down_ms":100000})").status == 200);
    CHECK(stream.WaitClosed());
    CHECK(t.Get("/v2/apps").status == (std::string_view(profile) == "1.8" ? 502 : 503));
    RawStream early(t.port());
    CHECK(early.WaitClosed());
    CHECK(early.bytes().starts_with("HTTP/1.1 200"));
    REQUIRE(t.Post("/sim/leader", R"({"down_ms":0})").status == 200);
    REQUIRE(testing::WaitFor([&] { return t.Get("/v2/info").status == 200; }));
    CHECK(Parse(t.Get("/sim/state")).root()["generation"].Int() == 2);
    CHECK(testing::WaitFor(
        [&] { return Parse(t.Get("/v2/apps/shop/web")).root()["app"]["tasksHealthy"].Int() == 2; }));
    CHECK(t.Get("/sim/events").body.find("scheduler_registered_event") != std::string::npos);
  }
}

TEST_CASE("a restart closes the socket and comes back on the same port with its tasks") {
  TestSim t;
  REQUIRE(t.Post("/v2/apps", kShopWeb).status == 201);
  REQUIRE(t.WaitRunning(2));
  const std::string task = t.Running().front().task;
  const int port = t.port();
  REQUIRE(t.Post("/sim/restart", R"({"down_ms":100})").status == 200);
  CHECK(testing::WaitFor([&] {
    const int fd = testing::ConnectTo(port);
    if (fd >= 0) {
      close(fd);
    }
    return fd < 0;
  }));
  REQUIRE(testing::WaitFor([&] { return t.Get("/v2/info").status == 200; }));
  CHECK(t.port() == port);
  CHECK(t.Get("/v2/tasks").body.find(task) != std::string::npos);
}

TEST_CASE("control: its clock is told another time and goes on") {
  TestSim t;
  const auto stamp = [&] {
    REQUIRE(t.Post("/v2/apps", kShopWeb).status == 201);
    REQUIRE(t.WaitRunning(2));
    const auto app = Parse(t.Get("/v2/apps/shop/web"));
    const std::string hour(app.root()["app"]["tasks"].At(0)["startedAt"].StringOr("").substr(0, 13));
    REQUIRE(t.Call("DELETE", "/v2/apps/shop/web").status == 200);
    REQUIRE(t.WaitRunning(0));
    return hour;
  };
  const std::string now = stamp();
  REQUIRE(t.Post("/sim/clock", R"({"ahead_ms":7200000})").status == 200);
  CHECK(stamp() > now);
  REQUIRE(t.Post("/sim/clock", R"({"ahead_ms":-7200000})").status == 200);
  CHECK(stamp() < now);
}

TEST_CASE("control: state, tasks, agents, requests") {
  TestSim t;
  REQUIRE(t.Post("/v2/apps", kShopWeb).status == 201);
  REQUIRE(t.WaitRunning(2));
  auto state = Parse(t.Get("/sim/state"));
  const JsonView task = state.root()["tasks"].At(0);
  CHECK(task["life"].String() == "Running");
  CHECK(task["endpoints"].At(0)["address"].String() == task["host"].String());
  CHECK(task["healthy"].Bool() == true);
  CHECK(state.root()["apps"].At(0)["labels"]["team"].String() == "a");
  const std::string id = task["task"].StringOr("");

  CHECK(t.Post("/sim/tasks/" + id + "/unhealthy").status == 200);
  CHECK(testing::WaitFor([&] { return t.Get("/v2/tasks").body.find(id) == std::string::npos; }));
  REQUIRE(t.WaitRunning(2));
  // The next check finds out again, perhaps before this looks.
  CHECK(testing::WaitFor([&] {
    CHECK(t.Post("/sim/tasks/" + t.Running().front().task + "/forget-health").status == 200);
    return !t.Running().front().healthy;
  }));
  const std::string victim = t.Running().front().task;
  CHECK(t.Post("/sim/tasks/" + victim + "/fail").status == 200);
  CHECK(t.Get("/v2/tasks").body.find(victim) == std::string::npos);
  REQUIRE(t.WaitRunning(2));
  const auto two = t.Running();
  CHECK(t.Post("/sim/tasks/" + two[0].task + "/unreachable").status == 200);
  CHECK(t.Get("/sim/state").body.find("Unreachable") != std::string::npos);
  CHECK(t.Post("/sim/tasks/" + two[0].task + "/return").status == 200);
  REQUIRE(t.WaitRunning(2));
  CHECK(t.Post("/sim/agents/127.0.1.1/gone").status == 200);
  REQUIRE(t.WaitRunning(2));
  for (const auto& live : t.Running()) {
    CHECK(live.host == "127.0.1.2");
  }
  CHECK(t.Post("/sim/agents/127.9.9.9/gone").status == 404);
  CHECK(t.Post("/sim/tasks/nobody/fail").status == 404);
  CHECK(t.Post("/sim/tasks/" + id + "/dance").status == 404);
  REQUIRE(t.Post("/sim/requests/reset").status == 200);
  t.Get("/v2/apps/shop/web/versions/1");
  const auto counts = Parse(t.Get("/sim/requests"));
  CHECK(counts.root()["requests"]["GET /v2/apps/{id}/versions/{version}"].Int() == 1);
  CHECK(counts.root()["requests"].size() == 1);
}

TEST_CASE("arguments are checked by name") {
  CHECK(Options::Parse({"--listen", "127.0.0.1:0", "--profile=1.4", "--tasks", "virtual", "--lowest-port"})
            .ok());
  for (const std::vector<std::string>& bad : std::vector<std::vector<std::string>>{{"--nonsense", "1"},
                                                                                   {"--tasks", "imaginary"},
                                                                                   {"--launch-ms", "soon"},
                                                                                   {"--listen"},
                                                                                   {"--features", "magic"},
                                                                                   {"--ports", "9"}}) {
    CAPTURE(bad.front());
    const auto options = Options::Parse(bad);
    REQUIRE(!options.ok());
    CHECK(Message(options.status()).find(bad.front()) != std::string_view::npos);
  }
  CHECK(!MarathonSim::Start(Options{.listen = "nowhere"}).ok());
  // --help has all of them.
  for (const char* option : {"--listen",
                             "--standby-listen",
                             "--profile",
                             "--hosts",
                             "--tasks",
                             "--features",
                             "--user",
                             "--token",
                             "--ports",
                             "--lowest-port",
                             "--speed",
                             "--seed",
                             "--launch-ms",
                             "--heartbeat-ms",
                             "--health-interval-cap-ms",
                             "--kill-grace-ms",
                             "--unreachable-expunge-ms",
                             "--store-lag-ms",
                             "--stream-buffer",
                             "--task-program"}) {
    INFO(option);
    CHECK(Options::Help().find(option) != std::string::npos);
  }
  CHECK(!MarathonSim::Start(Options{.listen = "127.0.0.1:0", .profile = "0.3"}).ok());
}

}  // namespace
}  // namespace dispatcher::sim
