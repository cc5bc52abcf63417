// Addresses and ports in all networking modes: the oracle against what is shown.
#include "dispatcher/base/json.h"
#include "tests/support/catch.h"
#include "tests/world/world.h"

namespace dispatcher::world {
namespace {

struct Expected {
  bool on_host;
  int port;  // 0: any of the agent's
  const char* protocol;
};

struct NetworkCase {
  const char* what;
  const char* body;
  size_t host_ports;
  std::vector<Expected> endpoints;
};

const std::vector<NetworkCase>& Cases() {
  static const std::vector<NetworkCase> cases = {
      {"host",
       R"({"id":"/a","cmd":"x","portDefinitions":[{"port":0},{"port":0,"protocol":"udp"}]})",
       2,
       {{true, 0, "tcp"}, {true, 0, "udp"}}},
      {"host by ports", R"({"id":"/a","cmd":"x","ports":[0,0]})", 2, {{true, 0, "tcp"}, {true, 0, "tcp"}}},
      {"nothing declared", R"({"id":"/a","cmd":"x"})", 1, {{true, 0, "tcp"}}},
      {"no ports wanted", R"({"id":"/a","cmd":"x","portDefinitions":[]})", 0, {}},
      {"requirePorts",
       R"({"id":"/a","cmd":"x","ports":[31500],"requirePorts":true})",
       1,
       {{true, 31500, "tcp"}}},
      {"bridge, old style",
       R"({"id":"/a","container":{"type":"DOCKER","docker":{"image":"i","network":"BRIDGE","portMappings":
           [{"containerPort":80},{"containerPort":81,"hostPort":31600}]}}})",
       2,
       {{true, 0, "tcp"}, {true, 31600, "tcp"}}},
      {"bridge, new style",
       R"({"id":"/a","networks":[{"mode":"container/bridge"}],"container":{"type":"DOCKER","docker":{"image":"i"},
           "portMappings":[{"containerPort":80,"protocol":"udp,tcp"}]}})",
       1,
       {{true, 0, "udp,tcp"}}},
      {"container: some with a host port, some without",
       R"({"id":"/a","networks":[{"mode":"container","name":"dcos"}],"container":{"type":"DOCKER","docker":{"image":"i"},
           "portMappings":[{"containerPort":80},{"containerPort":81,"hostPort":0},{"containerPort":82}]}})",
       1,
       {{false, 80, "tcp"}, {true, 0, "tcp"}, {false, 82, "tcp"}}},
      {"user network",
       R"({"id":"/a","ipAddress":{"networkName":"n"},"container":{"type":"DOCKER","docker":{"image":"i","network":"USER",
           "portMappings":[{"containerPort":8080,"hostPort":null}]}}})",
       0,
       {{false, 8080, "tcp"}}},
      {"ip per task",
       R"({"id":"/a","cmd":"x","ipAddress":{"discovery":{"ports":[{"number":9000,"name":"http","protocol":"tcp"}]}}})",
       0,
       {{false, 9000, "tcp"}}},
  };
  return cases;
}

TEST_CASE("endpoints, host ports and what a task list shows agree") {
  for (const char* profile : {"1.1", "1.4", "1.6", "1.10"}) {
    for (const NetworkCase& c : Cases()) {
      CAPTURE(profile, c.what);
      World w({.profile = profile, .hosts = {"node-a=127.0.1.1"}});
      const Reply reply = w.Post(c.body);
      CAPTURE(reply.body);
      REQUIRE(reply.ok());
      REQUIRE(w.Settle());
      const LiveTask t = w.Running().front();
      CHECK(t.ports.size() == c.host_ports);
      REQUIRE(t.endpoints.size() == c.endpoints.size());
      for (size_t i = 0; i < t.endpoints.size(); ++i) {
        const Endpoint& e = t.endpoints[i];
        CHECK(e.index == static_cast<int>(i));
        CHECK(e.protocol == c.endpoints[i].protocol);
        CHECK(e.address == (c.endpoints[i].on_host ? "node-a" : t.ips.front()));
        CHECK(e.ip == (c.endpoints[i].on_host ? "127.0.1.1" : t.ips.front()));
        CHECK(
            (c.endpoints[i].port == 0 ? e.port >= 31000 && e.port <= 32000 : e.port == c.endpoints[i].port));
      }
      const auto doc = JsonDocument::Parse(w.TasksJson());
      const JsonView shown = doc->root()["tasks"].At(0);
      CHECK(shown["host"].String() == "node-a");
      CHECK(shown["ports"].size() == c.host_ports);
      if (!t.endpoints.empty() && !c.endpoints.front().on_host) {
        CHECK(shown["ipAddresses"].At(0)["ipAddress"].String() == t.ips.front());
      }
    }
  }
}

TEST_CASE("bridge addresses repeat on another agent, those of a container are its own") {
  World w;
  REQUIRE(
      w.Post(R"({"id":"/a","instances":2,"container":{"docker":{"image":"i","network":"BRIDGE"}}})").ok());
  REQUIRE(
      w.Post(
           R"({"id":"/b","instances":2,"networks":[{"mode":"container"}],"container":{"docker":{"image":"i"},
                     "portMappings":[{"containerPort":80}]}})")
          .ok());
  REQUIRE(w.Settle());
  const auto running = w.Running();
  CHECK(running[0].host != running[1].host);
  CHECK(running[0].ips == running[1].ips);
  CHECK(running[2].ips != running[3].ips);
}

TEST_CASE("a task has an address in each of its networks, and Marathon may know them late") {
  for (const char* profile : {"1.1", "1.4", "1.6", "1.10"}) {
    CAPTURE(profile);
    WorldOptions options{.profile = profile};
    options.own_networks = {"fd00:1::", "10.32"};
    options.address_lag_ms = 60'000;
    World w(options);
    REQUIRE(w.Post(R"({"id":"/a","networks":[{"mode":"container"}],"container":{"docker":{"image":"i"},
                       "portMappings":[{"containerPort":80}]}})")
                .ok());
    REQUIRE(w.Settle());
    CHECK(w.Running().front().ips == std::vector<std::string>{"fd00:1::1", "10.32.0.1"});
    const auto shown = [&w] {
      const auto doc = JsonDocument::Parse(w.TasksJson());
      return doc->root()["tasks"].At(0)["ipAddresses"].Dump();
    };
    CHECK(shown().find("ipAddress\"") == std::string::npos);
    w.AdvanceBy(60'000);
    CHECK(shown() ==
          R"([{"ipAddress":"fd00:1::1","protocol":"IPv6"},{"ipAddress":"10.32.0.1","protocol":"IPv4"}])");
  }
}

}  // namespace
}  // namespace dispatcher::world
