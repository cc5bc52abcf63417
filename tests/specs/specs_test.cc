// The definitions in specs/: what their schema says of them, what every Marathon makes of
// them, and what of it the dispatcher publishes.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "dispatcher/catalog/labels.h"
#include "dispatcher/config/load.h"
#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/pod.h"
#include "tests/marathon_sim/sim_client.h"
#include "tests/support/process.h"

namespace dispatcher::sim {
namespace {

constexpr const char* kSpecs = TEST_DATA "/../../specs/";
constexpr const char* kSchemas = TEST_DATA "/marathon/schema/";

std::string TextOf(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct SchemaVerdict {
  std::optional<int> exit;
  std::string breaches;
};

SchemaVerdict HoldAgainst(const std::string& schema, const std::string& file) {
  // Debian's own Python: the one that sees Debian's packages.
  auto started = testing::Process::Start(
      {"/usr/bin/python3", TEST_DATA "/../specs/schema.py", kSchemas + schema + ".json", file});
  if (!started.ok()) {
    return {std::nullopt, Text(started.status()) + ": install the Debian package python3-jsonschema"};
  }
  const auto exit = (*started)->Wait(std::chrono::seconds(60));
  return {exit, (*started)->Output()};
}

struct Spec {
  const char *file, *kind;  // the schema's name; the path below /v2 is its plural
  size_t tasks;
  std::set<std::string> names;  // in Consul
};

std::vector<Spec> AllSpecs() {
  return {
      {"app.json", "app", 2, {"web"}},
      {"dispatcher.json", "app", 2, {"dispatcher-metrics"}},
      {"mongodb.json", "app", 1, {"mongodb"}},
      {"rsvp.json", "app", 2, {"rsvp"}},
      {"group.json", "group", 3, {"party-database", "rsvp"}},
      {"pod.json", "pod", 2, {"clock"}},
  };
}

std::set<std::string> PublishedNames(const TestSim& t) {
  std::set<std::string> names;
  const auto add = [&](const absl::StatusOr<AppElement>& element) {
    REQUIRE(element.ok());
    for (const auto& profile : MakeProfiles(*element->definition, CatalogPolicy())) {
      CHECK(profile->refusal.view() == "");
      CHECK(profile->problems.empty());
      names.insert(profile->names.begin(), profile->names.end());
    }
  };
  const JsonDocument apps = Parse(t.Get("/v2/apps?embed=apps.tasks"));
  apps.root()["apps"].ForEach([&](JsonView app) { add(DecodeApp(app)); });
  if (const HttpResponse pods = t.Get("/v2/pods/::status"); pods.status == 200) {
    const JsonDocument document = Parse(pods);
    document.root().ForEach([&](JsonView pod) { add(DecodePod(pod)); });
  }
  return names;
}

TEST_CASE("every definition in specs/ keeps Marathon's format, and is one of those below") {
  std::set<std::string> files = {"README.md"};
  for (const Spec& spec : AllSpecs()) {
    files.insert(spec.file);
    const SchemaVerdict verdict = HoldAgainst(spec.kind, std::string(kSpecs) + spec.file);
    INFO(spec.file << ": " << verdict.breaches);
    CHECK(verdict.exit == 0);
  }
  for (const auto& entry : std::filesystem::directory_iterator(kSpecs)) {
    CHECK(files.contains(entry.path().filename().string()));
  }
}

TEST_CASE("the schema takes what people posted and refuses a slip of the pen") {
  for (const char* name : {"mongodb", "rsvp", "web", "webserver"}) {
    const SchemaVerdict verdict = HoldAgainst("app", std::string(TEST_DATA "/apps/") + name + ".json");
    INFO(verdict.breaches);
    CHECK(verdict.exit == 0);
  }
  struct Slip {
    const char *file, *kind, *from, *to, *place;
  };
  const testing::TempDir dir;
  for (const Slip& slip : {
           Slip{"app.json", "app", "gracePeriodSeconds", "graceperiodSeconds", "/healthChecks/0"},
           Slip{"app.json", "app", "\"hostPort\": 0", "\"hostPort\": 70000", "portMappings/0/hostPort"},
           Slip{"dispatcher.json", "app", "UNIQUE", "ONCE", "/constraints/0/1"},
           Slip{"dispatcher.json", "app", "\"minimumHealthCapacity\": 0.5", "\"minimumHealthCapacity\": 50",
                "/upgradeStrategy/minimumHealthCapacity"},
           Slip{"group.json", "group", "\"mem\": 512", "\"mem\": \"512m\"", "/apps/0/mem"},
           Slip{"pod.json", "pod", "\"exec\"", "\"cmd\"", "/containers/0"},
       }) {
    std::string text = TextOf(std::string(kSpecs) + slip.file);
    const size_t at = text.find(slip.from);
    REQUIRE(at != std::string::npos);
    text.replace(at, std::string_view(slip.from).size(), slip.to);
    std::ofstream(dir.path() + "/slip.json") << text;
    const SchemaVerdict verdict = HoldAgainst(slip.kind, dir.path() + "/slip.json");
    INFO(slip.file << " with " << slip.to << ": " << verdict.breaches);
    CHECK(verdict.exit == 1);
    CHECK(verdict.breaches.find(slip.place) != std::string::npos);
  }
}

TEST_CASE("every Marathon takes every definition, runs it, and it is published under its name") {
  const std::string profile = GENERATE("1.1", "1.3", "1.4", "1.6", "1.8", "1.10");
  const bool has_pods = profile != "1.1" && profile != "1.3";
  for (const Spec& spec : AllSpecs()) {
    INFO(profile << " " << spec.file);
    const TestSim t(TestOptions(profile));
    const std::string kind = spec.kind;
    const HttpResponse answer = t.Post("/v2/" + kind + "s", TextOf(std::string(kSpecs) + spec.file));
    if (kind == "pod" && !has_pods) {
      CHECK(answer.status == 404);
      continue;
    }
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    REQUIRE(t.WaitRunning(spec.tasks));
    CHECK(PublishedNames(t) == spec.names);
  }
}

TEST_CASE("front end and database agree on the name and the port") {
  const JsonDocument database = JsonDocument::Parse(TextOf(std::string(kSpecs) + "mongodb.json")).value();
  const JsonDocument front = JsonDocument::Parse(TextOf(std::string(kSpecs) + "rsvp.json")).value();
  CHECK(front.root()["env"]["MONGODB_HOST"].StringOr("") == "mongodb.service.consul");
  // It asks at MongoDB's own port, so the name alone must be enough.
  const JsonView port = database.root()["container"]["docker"]["portMappings"].At(0);
  CHECK(port["hostPort"].Int() == 27'017);
  CHECK(port["containerPort"].Int() == 27'017);
}

TEST_CASE("the dispatcher's own definition has settings that the dispatcher takes") {
  const JsonDocument spec = JsonDocument::Parse(TextOf(std::string(kSpecs) + "dispatcher.json")).value();
  const testing::TempDir dir;
  const std::string secrets = "/etc/dispatcher/secrets";
  CHECK(spec.root()["container"]["volumes"].At(0)["containerPath"].StringOr("") == secrets);
  Environment environment;
  int files = 0;
  spec.root()["env"].ForEachMember([&](std::string_view name, JsonView value) {
    std::string text(value.StringOr(""));
    if (text.starts_with(secrets)) {
      text = dir.path() + text.substr(secrets.size());
      std::ofstream(text) << "secret\n";
      ++files;
    }
    environment.emplace_back(name, text);
  });
  const auto loaded = LoadConfiguration({.file = "", .environment = environment, .sets = {}});
  INFO(Text(loaded.status()));
  REQUIRE(loaded.ok());
  CHECK(loaded->warnings.empty());
  CHECK(loaded->origins.size() == environment.size());
  CHECK(files == 3);
  CHECK(loaded->origins.contains("leader.key"));  // else it refuses to start under Marathon
  const JsonView docker = spec.root()["container"]["docker"];
  const std::string port = std::to_string(docker["portMappings"].At(0)["containerPort"].Int().value_or(0));
  CHECK(spec.root()["env"]["DISPATCHER_HTTP__LISTEN"].StringOr("") == "0.0.0.0:" + port);
  // The check of readiness names the port that there is.
  CHECK(docker["portMappings"].At(0)["name"].StringOr("") ==
        spec.root()["readinessChecks"].At(0)["portName"].StringOr("-"));
}

TEST_CASE("an upgrade of the dispatcher leaves one running all the time") {
  Options options = TestOptions();
  options.health_interval_cap_ms = 50;
  const TestSim t(options);
  REQUIRE(t.Post("/v2/apps", TextOf(std::string(kSpecs) + "dispatcher.json")).status == 201);
  REQUIRE(t.WaitRunning(2));
  const std::vector<world::LiveTask> before = t.Running();
  REQUIRE(t.Post("/v2/apps/dispatcher/restart").status == 200);
  size_t least = 2, most = 2;
  const bool done = testing::WaitFor([&] {
    bool over = false;
    size_t running = 0;
    t.sim->With([&](world::World& world) {
      over = !world.Deploying();
      running = world.Running().size();
    });
    least = std::min(least, running);
    most = std::max(most, running);
    return over;
  });
  REQUIRE(done);
  CHECK(t.Running().front().task != before.front().task);
  CHECK(least == 1);
  CHECK(most == 2);  // never a third, for which there may be no host
}

}  // namespace
}  // namespace dispatcher::sim
