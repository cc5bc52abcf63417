// What is accepted, what is refused and how, and what becomes of it.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "dispatcher/base/json.h"
#include "tests/support/catch.h"
#include "tests/world/world.h"

namespace dispatcher::world {
namespace {

std::string FileText(const std::string& name) {
  std::ifstream in(std::string(TEST_DATA) + "/apps/" + name);
  std::stringstream text;
  text << in.rdbuf();
  REQUIRE(in.good());
  return text.str();
}

TEST_CASE("bodies that people posted are taken as they are, by every profile") {
  struct Case {
    const char *file, *id;
    int service_port;  // 0: any assigned one
    const char* port_name;
  };
  for (const char* profile : {"1.1", "1.3", "1.4", "1.6", "1.8", "1.10"}) {
    World w({.profile = profile});
    for (const Case& c :
         {Case{"mongodb.json", "/mongodb", 27017, "mongo"}, Case{"rsvp.json", "/rsvp", 0, "rsvp"},
          Case{"web.json", "/web", 0, ""}, Case{"webserver.json", "/webserver", 9000, ""}}) {
      CAPTURE(profile, c.file);
      const Reply reply = w.Post(FileText(c.file));
      CAPTURE(reply.body);
      REQUIRE(reply.status == 201);
      REQUIRE(w.Settle());
      const auto running = w.Running();
      const auto it =
          std::find_if(running.begin(), running.end(), [&](const LiveTask& t) { return t.app == c.id; });
      REQUIRE(it != running.end());
      REQUIRE(it->endpoints.size() == 1);
      const Endpoint& e = it->endpoints.front();
      CHECK(e.name == c.port_name);
      CHECK(e.port >= 31000);
      CHECK(e.address == it->host);
      CHECK((c.service_port == 0 ? e.service_port >= 10000 : e.service_port == c.service_port));
      CHECK(it->healthy == true);
    }
  }
}

TEST_CASE("what can't be is refused, and the answer names the member") {
  struct Case {
    const char* body;
    int status;
    const char* names;
  };
  const Case cases[] = {
      {"{", 400, "Invalid JSON"},
      {"[]", 400, "Invalid JSON"},
      {R"({"cmd":"x"})", 422, "/id"},
      {R"({"id":"Web","cmd":"x"})", 422, "/id"},
      {R"({"id":"a_b","cmd":"x"})", 422, "/id"},
      {R"({"id":"/a"})", 422, "'cmd' or 'args'"},
      {R"({"id":"/a","cmd":"x","instances":-1})", 422, "/instances"},
      {R"({"id":"/a","cmd":"x","instances":"2"})", 422, "/instances"},
      {R"({"id":"/a","cmd":7})", 422, "/cmd"},
      {R"({"id":"/a","cmd":"x","labels":{"n":1}})", 422, "/labels/n"},
      {R"({"id":"/a","cmd":"x","ports":[70000]})", 422, "/ports(0)"},
      {R"({"id":"/a","container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":-1}]}}})",
       422, "/container/docker/portMappings(0)/containerPort"},
      {R"({"id":"/a","container":{"docker":{"image":"i","network":"MOON"}}})", 422,
       "/container/docker/network"},
      {R"({"id":"/a","cmd":"x","healthChecks":[{"protocol":"SMTP"}]})", 422, "/healthChecks(0)/protocol"},
      {R"({"id":"/a","cmd":"x","healthChecks":[{"portIndex":1}]})", 422, "/healthChecks(0)/portIndex"},
      {R"({"id":"/a","cmd":"x","healthChecks":[{"protocol":"COMMAND"}]})", 422, "/healthChecks(0)/command"},
      {R"({"id":"/a","cmd":"x","upgradeStrategy":{"minimumHealthCapacity":2}})", 422,
       "minimumHealthCapacity"},
      {R"({"id":"/a","cmd":"x","killSelection":"ANY"})", 422, "/killSelection"},
      {R"({"id":"/a","cmd":"x","networks":[{"mode":"tube"}]})", 422, "/networks(0)/mode"},
  };
  for (const Case& c : cases) {
    World w;
    const Reply reply = w.Post(c.body);
    CAPTURE(c.body, reply.body);
    CHECK(reply.status == c.status);
    CHECK(reply.body.find(c.names) != std::string::npos);
    CHECK(w.Events().empty());
    CHECK(w.Apps().empty());
  }
}

TEST_CASE("who does not exist, or exists already") {
  World w;
  CHECK(w.Scale("/a", 1).status == 404);
  CHECK(w.Restart("/a").status == 404);
  const Reply gone = w.Delete("/a");
  CHECK(gone.status == 404);
  CHECK(gone.body == R"({"message":"App '/a' does not exist"})");
  REQUIRE(w.Post(R"({"id":"/a","cmd":"x"})").ok());
  CHECK(w.Post(R"({"id":"a","cmd":"x"})").status == 409);
  CHECK(w.KillTask("/a", "nobody", false).status == 404);
  CHECK(w.DeleteGroup("/g").status == 404);
}

TEST_CASE("a PUT changes what it names and keeps the rest") {
  World w;
  REQUIRE(
      w.Post(
           R"({"id":"/a","cmd":"x","instances":1,"portDefinitions":[{"port":0,"name":"http"}],"labels":{"k":"v"}})")
          .ok());
  REQUIRE(w.Settle());
  const auto before = w.Apps().front();
  REQUIRE(before->ports.front().service_port >= 10000);
  SECTION("only the count: the tasks stay, the config's stamp too") {
    REQUIRE(w.Put("/a", R"({"instances":2})").ok());
    REQUIRE(w.Settle());
    const auto after = w.Apps().front();
    CHECK(after->version > before->version);
    CHECK(after->last_config_change_at == before->last_config_change_at);
    CHECK(after->last_scaling_at == after->version);
    std::set<std::string> versions;
    for (const LiveTask& task : w.Running()) {
      versions.insert(task.version);
    }
    CHECK(versions == std::set<std::string>{before->version, after->version});
  }
  SECTION("the definition: service ports stay, old versions can be read") {
    REQUIRE(w.Put("/a", R"({"cmd":"y","labels":null})").ok());
    REQUIRE(w.Settle());
    const auto after = w.Apps().front();
    CHECK(after->labels.at("k") == "v");
    CHECK(after->ports.front().service_port == before->ports.front().service_port);
    const auto old = w.VersionJson("/a", before->version);
    REQUIRE(old);
    CHECK(old->find("\"cmd\":\"x\"") != std::string::npos);
    CHECK(w.VersionsJson("/a"));
    CHECK(!w.VersionJson("/a", "2001-01-01T00:00:00.000Z"));
    SECTION("and gone back to") {
      REQUIRE(w.Put("/a", R"({"version":")" + before->version + "\"}").ok());
      REQUIRE(w.Settle());
      CHECK(w.Running().front().definition->cmd == "x");
    }
  }
  SECTION("nothing: nobody is restarted") {
    const std::string task = w.Running().front().task;
    REQUIRE(w.Put("/a", R"({"cmd":"x"})").ok());
    REQUIRE(w.Settle());
    CHECK(w.Running().front().task == task);
  }
}

}  // namespace
}  // namespace dispatcher::world
