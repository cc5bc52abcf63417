// The same story in every profile's dress.
#include <algorithm>
#include <regex>
#include <set>

#include "dispatcher/base/json.h"
#include "tests/support/catch.h"
#include "tests/world/world.h"

namespace dispatcher::world {
namespace {

constexpr const char* kShopWeb =
    R"({"id":"/shop/web","container":{"type":"DOCKER","docker":{"image":"i","network":"BRIDGE",
  "portMappings":[{"containerPort":80,"name":"http"}]}},"healthChecks":[{"protocol":"HTTP"}]})";

// Everything a life has, but for unreachability.
World Story(const std::string& profile) {
  World w({.profile = profile, .task_killing = true});
  w.Post(kShopWeb);
  w.Settle();
  w.TaskEnded(w.Running().front().task, "TASK_FAILED", "exit 1");
  w.Settle();
  w.Delete("/shop/web");
  w.Settle();
  return w;
}

std::vector<std::string> Said(const World& w, const std::string& prefix) {
  std::vector<std::string> said;
  for (const Event& e : w.Events()) {
    if (e.emitter.starts_with(prefix)) {
      const auto doc = JsonDocument::Parse(e.json);
      const JsonView root = doc->root();
      said.push_back(e.type == "status_update_event"      ? root["taskStatus"].StringOr("?")
                     : e.type == "instance_changed_event" ? "IC " + root["condition"].StringOr("?")
                                                          : e.type);
    }
  }
  return said;
}

// The instance that started first.
std::string FirstInstance(const World& w) {
  for (const Event& e : w.Events()) {
    if (e.emitter.starts_with("instance:")) {
      return e.emitter;
    }
  }
  return "";
}

TEST_CASE("what one instance's emitter says from launch to failure") {
  const std::map<std::string, std::vector<std::string>> expected = {
      {"1.1", {"TASK_RUNNING", "TASK_FAILED"}},
      {"1.3", {"TASK_STAGING", "TASK_RUNNING", "TASK_FAILED"}},
      {"1.4", {"IC Created", "TASK_RUNNING", "IC Running", "TASK_FAILED", "IC Failed"}},
      {"1.6", {"IC Created", "TASK_RUNNING", "IC Running", "TASK_FAILED", "IC Failed"}},
      {"1.8",
       {"IC Scheduled", "IC Provisioned", "TASK_STARTING", "IC Starting", "TASK_RUNNING", "IC Running",
        "TASK_FAILED", "IC Failed"}},
      {"1.10",
       {"IC Scheduled", "IC Provisioned", "TASK_STARTING", "IC Starting", "TASK_RUNNING", "IC Running",
        "TASK_FAILED", "IC Failed"}},
  };
  for (const auto& [profile, said] : expected) {
    CAPTURE(profile);
    const World w = Story(profile);
    CHECK(Said(w, FirstInstance(w)) == said);
  }
}

TEST_CASE("how a kill ends") {
  const std::map<std::string, std::vector<std::string>> expected = {
      {"1.1", {"TASK_KILLED"}},
      {"1.3", {"TASK_KILLING", "TASK_KILLED"}},
      {"1.4", {"TASK_KILLING", "IC Killing", "TASK_KILLED", "IC Killed"}},
      // A changed goal tells the old condition once more.
      {"1.8", {"IC Running", "TASK_KILLING", "IC Killing", "TASK_KILLED", "IC Killed"}},
  };
  for (const auto& [profile, end] : expected) {
    CAPTURE(profile);
    const World w = Story(profile);
    std::vector<std::string> said = Said(w, "instance:");
    REQUIRE(said.size() >= end.size());
    CHECK(std::vector<std::string>(said.end() - static_cast<std::ptrdiff_t>(end.size()), said.end()) == end);
  }
}

TEST_CASE("event types that a profile has not") {
  const std::set<std::string> since_1_4 = {"instance_changed_event", "instance_health_changed_event"};
  for (const char* profile : {"1.1", "1.3"}) {
    const World w = Story(profile);
    for (const Event& e : w.Events()) {
      CHECK(!since_1_4.contains(e.type));
    }
  }
}

TEST_CASE("ids have the profile's form and belong together") {
  const std::string uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
  const std::map<std::string, std::pair<std::string, std::string>> forms = {
      {"1.1", {"shop_web\\." + uuid, "shop_web\\." + uuid}},
      {"1.4", {"shop_web\\." + uuid, "shop_web\\.marathon-" + uuid}},
      {"1.6", {"shop_web\\." + uuid, "shop_web\\.marathon-" + uuid}},
      {"1.8", {"shop_web\\.instance-" + uuid + "\\._app\\.1", "shop_web\\.instance-" + uuid}},
  };
  for (const auto& [profile, form] : forms) {
    CAPTURE(profile);
    World w({.profile = profile});
    w.Post(kShopWeb);
    REQUIRE(w.Settle());
    const LiveTask t = w.Running().front();
    CHECK(std::regex_match(t.task, std::regex(form.first)));
    CHECK(std::regex_match(t.instance, std::regex(form.second)));
  }
}

TEST_CASE("a resident keeps its instance over restarts from 1.8 on") {
  World w;
  REQUIRE(w.Post(R"({"id":"/db","cmd":"x","residency":{}})").ok());
  REQUIRE(w.Settle());
  const LiveTask first = w.Running().front();
  REQUIRE(w.TaskEnded(first.task, "TASK_FAILED"));
  REQUIRE(w.Settle());
  const LiveTask second = w.Running().front();
  CHECK(second.instance == first.instance);
  CHECK(second.task == first.instance + "._app.2");
}

TEST_CASE("a resident keeps its task's id up to 1.4, and has a new one for each run since") {
  for (const std::string profile : {"1.1", "1.3", "1.4", "1.6", "1.8", "1.10"}) {
    CAPTURE(profile);
    World w({.profile = profile});
    REQUIRE(w.Post(R"({"id":"/db","cmd":"x","residency":{}})").ok());
    REQUIRE(w.Settle());
    const LiveTask first = w.Running().front();
    REQUIRE(w.TaskEnded(first.task, "TASK_FAILED"));
    REQUIRE(w.Settle());
    CHECK((w.Running().front().task == first.task) == (w.profile().minor < 5));
  }
}

// Key and "absent", "null" or the type's name.
std::string Shape(JsonView object, std::string_view key) {
  return object[key].exists() ? std::string(object[key].TypeName()) : "absent";
}

TEST_CASE("definitions: null or absent, old networking or new") {
  struct Case {
    const char* key;
    const char *upto_1_4, *since_1_5;
  };
  for (const char* profile : {"1.1", "1.3", "1.4", "1.6", "1.8", "1.10"}) {
    World w({.profile = profile});
    w.Post(kShopWeb);
    REQUIRE(w.Settle());
    const auto doc = JsonDocument::Parse(*w.AppJson("/shop/web"));
    const JsonView app = doc->root()["app"];
    const bool old = !w.profile().Since(5);
    for (const Case& c :
         {Case{"cmd", "null", "absent"}, Case{"args", "null", "absent"}, Case{"user", "null", "absent"},
          Case{"ipAddress", "null", "absent"}, Case{"ports", "array", "absent"},
          Case{"portDefinitions", "array", "absent"}, Case{"networks", "absent", "array"},
          Case{"uris", "array", "absent"}, Case{"versionInfo", "object", "object"}}) {
      CAPTURE(profile, c.key);
      CHECK(Shape(app, c.key) == (old ? c.upto_1_4 : c.since_1_5));
    }
    CAPTURE(profile);
    CHECK(Shape(app["container"], "portMappings") == (old ? "absent" : "array"));
    CHECK(Shape(app["container"]["docker"], "portMappings") == (old ? "array" : "absent"));
    CHECK(Shape(app["container"]["docker"], "network") == (old ? "string" : "absent"));
    CHECK(app["tasks"].size() == 1);
    CHECK(app["tasksHealthy"].Int() == 1);
    const JsonView task = app["tasks"].At(0);
    CHECK(Shape(task, "state") == (w.profile().Since(3) ? "string" : "absent"));
    CHECK(Shape(task["healthCheckResults"].At(0), "instanceId") ==
          (w.profile().Since(4) ? "string" : "absent"));
    CHECK(Shape(task["healthCheckResults"].At(0), "taskId") == (w.profile().Since(4) ? "absent" : "string"));
  }
}

TEST_CASE("plans: the key of an action, group trees where they were sent") {
  for (const char* profile : {"1.1", "1.3", "1.4", "1.6", "1.8"}) {
    CAPTURE(profile);
    const World w = Story(profile);
    const auto it = std::find_if(w.Events().begin(), w.Events().end(),
                                 [](const Event& e) { return e.type == "deployment_info"; });
    REQUIRE(it != w.Events().end());
    const auto doc = JsonDocument::Parse(it->json);
    const JsonView root = doc->root();
    const JsonView action = root["plan"]["steps"].At(0)["actions"].At(0);
    CHECK(action[w.profile().Since(3) ? "action" : "type"].String() == "StartApplication");
    CHECK(action["app"].String() == "/shop/web");
    CHECK(root["plan"]["target"].IsObject() == !w.profile().Since(8));
    CHECK(it->light_json.empty() == w.profile().Since(8));
    CHECK(root["currentStep"]["actions"].size() == 1);
  }
}

TEST_CASE("failed checks name the instance as the profile did") {
  const std::map<std::string, std::string> keys = {
      {"1.3", "taskId"}, {"1.4", "instanceId"}, {"1.6", "taskId"}, {"1.8", "taskId"}};
  for (const auto& [profile, key] : keys) {
    CAPTURE(profile);
    World w({.profile = profile});
    w.Post(kShopWeb);
    REQUIRE(w.Settle());
    const LiveTask t = w.Running().front();
    REQUIRE(w.Probe(t.task, 0, false, "503"));
    const Event& e = *std::find_if(w.Events().begin(), w.Events().end(),
                                   [](const Event& x) { return x.type == "failed_health_check_event"; });
    const auto doc = JsonDocument::Parse(e.json);
    CHECK(doc->root()[key].String() == (w.profile().instances() ? t.instance : t.task));
  }
}

TEST_CASE("health in the grace period: no failure is counted, yet 1.8 tells a false sum") {
  for (const char* profile : {"1.6", "1.8"}) {
    CAPTURE(profile);
    World w({.profile = profile, .plays_tasks = false});
    w.Post(kShopWeb);
    w.AdvanceBy(10);
    const std::string task = w.TakeOrders().front().task;
    REQUIRE(w.TaskRunning(task));
    w.TakeEvents();
    REQUIRE(w.Probe(task, 0, false, "refused"));
    CHECK(w.Events().size() == (w.profile().Since(8) ? 1u : 0u));
    CHECK(!w.Alive().front().healthy);
    REQUIRE(w.Probe(task, 0, true));
    CHECK(w.Alive().front().healthy == true);
    CHECK(!w.Deploying());
  }
}

TEST_CASE("an unreachable task: LOST or UNREACHABLE, listed or forgotten") {
  const std::map<std::string, std::string> words = {
      {"1.1", "TASK_LOST"}, {"1.3", "TASK_LOST"}, {"1.4", "TASK_UNREACHABLE"}, {"1.8", "TASK_UNREACHABLE"}};
  for (const auto& [profile, word] : words) {
    CAPTURE(profile);
    World w({.profile = profile});
    w.Post(kShopWeb);
    REQUIRE(w.Settle());
    const LiveTask t = w.Running().front();
    REQUIRE(w.Unreachable(t.task));
    const auto said = Said(w, "instance:" + t.instance);
    CHECK(std::count(said.begin(), said.end(), word) == 1);
    CHECK((w.TasksJson().find(t.task) != std::string::npos) == w.profile().Since(3));
  }
}

TEST_CASE("1.5 and older end a deletion and its deployment in no order, later ones in order") {
  CHECK(Said(Story("1.4"), "app:/shop/web") == std::vector<std::string>{"app_terminated_event"});
  const World w = Story("1.8");
  const std::string plan = w.Events().back().emitter;
  CHECK(Said(w, plan) == std::vector<std::string>{"deployment_info", "app_terminated_event",
                                                  "deployment_step_success", "deployment_success"});
}

}  // namespace
}  // namespace dispatcher::world
