// Deployments: how they are tracked and shown, and what route_when: ready and deployed
// make of them. Version 1 is blue, version 2 green.
#include "tests/catalog/registries.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::seconds;

Lines Shown(const Driver& d) { return d.catalog.Explain("/web", d.now)->deployments; }

// ---------------------------------------------------------------------- tracking

DeploymentUpdate Step(DeploymentPhase phase, int step) {
  DeploymentUpdate update = Deployment(phase, "StartApplication", kV1);
  update.all = {{"StartApplication", "/web"}, {"StopApplication", "/old"}, {"ScaleApplication", "/web"}};
  update.step = step;
  update.steps = 3;
  update.current =
      step == 0 ? std::vector<DeploymentAction>{} : std::vector{update.all[static_cast<size_t>(step - 1)]};
  return update;
}

TEST_CASE("a deployment is shown with what it does, its step and since when") {
  Driver d;
  d.Attach();
  d.Snapshot({SeenApp(App1("/web"), {SeenTask("web.1", 31000)})});
  CHECK(Shown(d).empty());
  struct Row {
    DeploymentPhase phase;
    int step;
    Lines shown;
  };
  const std::vector<Row> rows = {
      {DeploymentPhase::kStep, 1, {"d1: start, step 1 of 3, 0 s"}},
      {DeploymentPhase::kStepDone, 1, {"d1: start, step 1 of 3, 5 s"}},
      {DeploymentPhase::kStep, 2, {"d1: start, step 2 of 3, 10 s"}},  // it is another app's step
      {DeploymentPhase::kStep, 3, {"d1: scale, step 3 of 3, 15 s"}},
      {DeploymentPhase::kStepDone, 2, {"d1: scale, step 3 of 3, 20 s"}},  // told late
      {DeploymentPhase::kStep, 1, {"d1: start, step 1 of 3, 25 s"}},      // a new leader begins anew
      {DeploymentPhase::kStepFailed, 1, {"d1: start, step 1 of 3, 30 s"}},
      {DeploymentPhase::kSucceeded, 0, {}},
      {DeploymentPhase::kStepDone, 3, {}},  // doubled, late
  };
  for (const Row& row : rows) {
    d.Push(Step(row.phase, row.step));
    CHECK(Shown(d) == row.shown);
    d.Wait(seconds(5));
  }
}

TEST_CASE("pods' verbs, and those of old Marathons, are shown in the same words") {
  struct Row {
    const char* verb;
    const char* word;
  };
  const std::vector<Row> rows = {{"StartPod", "start"},
                                 {"RestartApplication", "restart"},
                                 {"ResolveArtifacts", "resolveartifacts"},
                                 {"StopApplication", "stop"}};
  for (const Row& row : rows) {
    Driver d;
    d.Push(Deployment(DeploymentPhase::kStep, row.verb, kV1));
    CHECK(Shown(d) == Lines{std::string("d1: ") + row.word + ", step 1 of 1, 0 s"});
  }
}

TEST_CASE("a deployment known from reads shows its id and since when, and what events add") {
  Driver d;
  d.Attach();
  AppSeen seen = SeenApp(App1("/web"), {SeenTask("web.1", 31000)});
  seen.deployments = {"d1"};
  d.Snapshot({seen});
  d.Wait(seconds(7));
  d.Snapshot({seen});
  CHECK(Shown(d) == Lines{"d1: what it does was not told, 7 s"});
  d.Push(Step(DeploymentPhase::kStep, 3));
  CHECK(Shown(d) == Lines{"d1: scale, step 3 of 3, 7 s"});
  d.Snapshot({seen});
  CHECK(Shown(d) == Lines{"d1: scale, step 3 of 3, 7 s"});
}

TEST_CASE("the end of a deployment that was lost is found by the next read with authority, by no other") {
  Driver d;
  d.Attach();
  const AppSeen seen = SeenApp(App1("/web"), {SeenTask("web.1", 31000)});
  d.Snapshot({seen});
  const ReadMark before = d.Mark();
  d.Push(Step(DeploymentPhase::kStep, 1));
  d.ReadApp(seen, before);             // began too early
  d.ReadApp(seen, d.Mark("m2:8080"));  // another node of the cluster
  CHECK(Shown(d).size() == 1);
  d.ReadApp(seen);
  CHECK(Shown(d).empty());
}

TEST_CASE("a deployment that ended does not come back with a read that still lists it") {
  Driver d;
  d.Attach();
  d.Push(Step(DeploymentPhase::kStep, 1));
  d.Push(Step(DeploymentPhase::kSucceeded, 0));
  AppSeen seen = SeenApp(App1("/web"), {SeenTask("web.1", 31000)});
  seen.deployments = {"d1"};
  d.Snapshot({seen});
  CHECK(Shown(d).empty());
}

TEST_CASE("a failed one is over, and a late word of it is void") {
  Driver d;
  d.Attach();
  d.Push(Step(DeploymentPhase::kStep, 3));
  d.Push(Step(DeploymentPhase::kFailed, 0));
  CHECK(Shown(d).empty());
  d.Push(Step(DeploymentPhase::kStepDone, 3));
  CHECK(Shown(d).empty());
}

// ------------------------------------------------------------- route_when: ready

TEST_CASE("readiness holds back while a deployment runs, and no longer") {
  struct Row {
    const char* what;
    std::vector<Observation> then;
    bool read;  // and a read follows that knows no deployment
    const char* router;
  };
  const std::vector<Row> rows = {
      {"it runs", {}, false, ""},
      {"it succeeds", {Deployment(DeploymentPhase::kSucceeded, "ScaleApplication", kV1)}, false, "1"},
      {"it fails", {Deployment(DeploymentPhase::kFailed, "ScaleApplication", kV1)}, false, "1"},
      {"its end is lost", {}, true, "1"},
      {"another one runs on",
       {Deployment(DeploymentPhase::kStep, "ScaleApplication", kV1, "d2"),
        Deployment(DeploymentPhase::kSucceeded, "ScaleApplication", kV1)},
       false,
       ""},
      {"the other one is of another app",
       {Deployment(DeploymentPhase::kStep, "ScaleApplication", kV1, "d2", "/other"),
        Deployment(DeploymentPhase::kSucceeded, "ScaleApplication", kV1)},
       false,
       "1"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CatalogPolicy policy;
    policy.route_when = RouteWhen::kReady;
    Registries r(policy);
    auto definition = App1("/web");
    definition->has_readiness_checks = true;
    r.d.Attach();
    AppSeen seen = SeenApp(definition, {SeenN(1)});
    seen.deployments = {"d1"};
    r.Snapshot({seen});
    r.Push(Deployment(DeploymentPhase::kStep, "ScaleApplication", kV1));
    CHECK(r.Router().empty());
    for (const Observation& what : row.then) {
      r.Push(what);
    }
    if (row.read) {
      seen.deployments.clear();
      r.Snapshot({seen});
    }
    CHECK(r.Router() == row.router);
    AppSeen ready = SeenApp(definition, {SeenN(1)});
    ready.ready_tasks = {TaskN(1)};
    ready.deployments = {"d1", "d2"};
    r.Snapshot({ready});
    CHECK(r.Router() == "1");
  }
}

// ---------------------------------------------------------- route_when: deployed

CatalogPolicy Deployed() {
  CatalogPolicy policy;
  policy.route_when = RouteWhen::kDeployed;
  return policy;
}

// /web as a read shows it: blue tasks 1 and 2, green tasks 3 and 4, and the deployments.
AppSeen Web(const char* version, std::vector<TaskSeen> tasks, std::vector<std::string> deployments = {}) {
  AppSeen seen = SeenApp(App1("/web", version, 2), std::move(tasks));
  seen.deployments = std::move(deployments);
  return seen;
}
AppSeen Both(std::vector<std::string> deployments = {}) {
  return Web(kV2, {SeenN(1), SeenN(2), SeenN(3, kV2), SeenN(4, kV2)}, std::move(deployments));
}
DeploymentUpdate Upgrade(DeploymentPhase phase, const char* version = kV2, const char* id = "d1") {
  return Deployment(phase, "RestartApplication", version, id);
}

// Blue serves, green runs and is healthy, and the deployment is not over.
void HoldGreen(Registries& r) {
  r.d.Attach();
  r.Snapshot({Web(kV1, {SeenN(1), SeenN(2)})});
  REQUIRE(r.Router() == "1 2");
  r.Push(Upgrade(DeploymentPhase::kStep));
  r.d.ReadApp(Web(kV2, {SeenN(1), SeenN(2)}, {"d1"}));
  r.Flow();
  r.Push(UpdateN(3, Life::kRunning, kV2));
  r.Push(UpdateN(4, Life::kRunning, kV2));
}
const char* const kBlue = "1 passing, 2 passing, 3 draining, 4 draining";

TEST_CASE("green is held back while blue serves: in Consul as draining, in no router") {
  Registries r(Deployed());
  HoldGreen(r);
  CHECK(r.Router() == "1 2");
  CHECK(r.Consul() == kBlue);
  CHECK(r.d.catalog.Explain("/web", r.d.now)->tasks[2].reason ==
        "held back until the deployment of its version has succeeded");
}

TEST_CASE("success swaps in one batch: green comes, what is left of blue goes") {
  Registries r(Deployed());
  HoldGreen(r);
  r.Push(Upgrade(DeploymentPhase::kSucceeded));
  CHECK(r.Router() == "3 4");
  CHECK(r.batches == Lines{"put 3, put 4, delete 1, delete 2"});
  CHECK(r.Consul() == "1 draining, 2 draining, 3 passing, 4 passing");
  r.Push(UpdateN(1, Life::kTerminal));
  r.Push(UpdateN(2, Life::kTerminal));
  CHECK(r.Consul() == "3 passing, 4 passing");
}

TEST_CASE("with a rolling strategy blue dies on the way, and green goes in with the last of it") {
  Registries r(Deployed());
  HoldGreen(r);
  r.Push(UpdateN(1, GENERATE(Life::kKilling, Life::kTerminal)));
  CHECK(r.Router() == "2");
  r.Push(UpdateN(2, GENERATE(Life::kKilling, Life::kTerminal, Life::kLost)));
  CHECK(r.Router() == "3 4");
  CHECK(r.batches == Lines{"put 3, put 4, delete 2"});
  r.Push(Upgrade(DeploymentPhase::kSucceeded));
  CHECK(r.Router() == "3 4");
}

TEST_CASE("what blue has to be for green to go in") {
  const HealthUpdate sick{"/web", InstanceN(1), "", false, false, false, kV1, StampOf(kV2) + 1000};
  HealthUpdate sick_too = sick;
  sick_too.instance = InstanceN(2);
  struct Row {
    const char* what;
    std::vector<Observation> blue;
    const char* router;
  };
  const std::vector<Row> rows = {
      {"one is sick", {sick}, "2"},
      {"all are sick", {sick, sick_too}, "3 4"},
      {"unreachable", {UpdateN(1, Life::kUnreachable), UpdateN(2, Life::kUnreachable)}, "3 4"},
      {"a kill is announced",
       {KillAnnounced{"/web", TaskN(1), "", "", StampOf(kV2)},
        KillAnnounced{"/web", TaskN(2), "", "", StampOf(kV2)}},
       "3 4"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Registries r(Deployed());
    auto blue = App1("/web", kV1, 2, 1), green = App1("/web", kV2, 2, 0);
    std::vector<TaskSeen> tasks = {SeenN(1), SeenN(2)};
    for (TaskSeen& task : tasks) {
      task.results = {{true, true, task.started_at + 1000, 0}};
    }
    r.d.Attach();
    r.Snapshot({SeenApp(blue, tasks)});
    r.Push(Upgrade(DeploymentPhase::kStep));
    AppSeen seen = SeenApp(green, tasks);
    seen.tasks.push_back(SeenN(3, kV2));
    seen.tasks.push_back(SeenN(4, kV2));
    seen.deployments = {"d1"};
    r.d.ReadApp(seen);
    r.Flow();
    REQUIRE(r.Router() == "1 2");
    for (const Observation& what : row.blue) {
      r.Push(what);
    }
    CHECK(r.Router() == row.router);
  }
}

TEST_CASE("on 1.8 the hints that all of blue is about to be killed bring green in") {
  Registries r(Deployed());
  HoldGreen(r);
  r.Push(MarathonInfo{"1.8.222", "f1", "m1:8080"});
  for (int n = 1; n <= 2; ++n) {
    InstanceUpdate goal{"/web", InstanceN(n), Life::kRunning, "Running", "", kV1, StampOf(kV2) + 5000};
    r.Push(goal);
    CHECK(r.Router() == (n == 1 ? "2" : "3 4"));
  }
}

TEST_CASE("a hint at one that is held back changes nothing: it stays out, and is no candidate to stay in") {
  Registries r(Deployed(), 100);
  HoldGreen(r);
  r.Push(MarathonInfo{"1.8.222", "f1", "m1:8080"});
  r.Wait(seconds(2));
  r.Push(InstanceUpdate{"/web", InstanceN(3), Life::kRunning, "Running", "", kV2, StampOf(kV2) + 5000});
  CHECK(r.Consul() == kBlue);
  CHECK(r.Router() == "1 2");
  CHECK_FALSE(r.d.Find("/web", TaskN(3))->hinted);
  CHECK(r.d.Find("/web", TaskN(3))->want == Want::kYes);
}

TEST_CASE("those held back do not count for the panic threshold") {
  Registries r(Deployed());
  auto blue = App1("/web", kV1, 2, 1);
  std::vector<TaskSeen> tasks = {SeenN(1), SeenN(2)};
  for (TaskSeen& task : tasks) {
    task.results = {{true, true, task.started_at + 1000, 0}};
  }
  r.d.Attach();
  r.Snapshot({SeenApp(blue, tasks)});
  r.Push(Upgrade(DeploymentPhase::kStep));
  AppSeen seen = SeenApp(App1("/web", kV2, 4), tasks);
  for (int n = 3; n <= 6; ++n) {
    seen.tasks.push_back(SeenN(n, kV2));
  }
  seen.deployments = {"d1"};
  r.d.ReadApp(seen);
  r.Flow();
  // Were the four counted as running, half of six would have to stay.
  r.Push(HealthUpdate{"/web", InstanceN(1), "", false, false, false, kV1, StampOf(kV2) + 1000});
  CHECK(r.Router() == "2");
}

TEST_CASE("a first start, a scaling and other route_whens hold nobody back") {
  SECTION("a first start goes in when healthy, deployed or not") {
    Registries r(Deployed());
    r.d.Attach();
    r.Snapshot({});
    r.Push(Deployment(DeploymentPhase::kStep, "StartApplication", kV1));
    r.d.ReadApp(Web(kV1, {}, {"d1"}));
    r.Flow();
    r.Push(UpdateN(1, Life::kRunning));
    CHECK(r.Router() == "1");
  }
  SECTION("scaling makes a new version of the same configuration") {
    Registries r(Deployed());
    r.d.Attach();
    r.Snapshot({Web(kV1, {SeenN(1), SeenN(2)})});
    r.Push(Deployment(DeploymentPhase::kStep, "ScaleApplication", kV2));
    auto scaled = App1("/web", kV2, 3);
    scaled->config_changed_at = StampOf(kV1);
    AppSeen seen = SeenApp(scaled, {SeenN(1), SeenN(2)});
    seen.deployments = {"d1"};
    r.d.ReadApp(seen);
    r.Push(UpdateN(3, Life::kRunning, kV2));
    CHECK(r.Router() == "1 2 3");
    r.Push(Deployment(DeploymentPhase::kSucceeded, "ScaleApplication", kV2));
    CHECK(r.Router() == "1 2 3");
  }
  SECTION("healthy mixes versions") {
    Registries r;
    HoldGreen(r);
    CHECK(r.Router() == "1 2 3 4");
    r.Push(Upgrade(DeploymentPhase::kSucceeded));
    CHECK(r.Router() == "1 2 3 4");  // and who is still there leaves when it is said to end
  }
  SECTION("the label of the new version counts") {
    Registries r;
    r.d.Attach();
    r.Snapshot({Web(kV1, {SeenN(1), SeenN(2)})});
    r.Push(Upgrade(DeploymentPhase::kStep));
    auto green = App1("/web", kV2, 2);
    green->labels["dispatcher.route-when"] = "deployed";
    AppSeen seen = SeenApp(green, {SeenN(1), SeenN(2), SeenN(3, kV2)});
    seen.deployments = {"d1"};
    r.d.ReadApp(seen);
    r.Flow();
    CHECK(r.Router() == "1 2");
    r.Push(Upgrade(DeploymentPhase::kSucceeded));
    CHECK(r.Router() == "3");
  }
}

TEST_CASE("a deployment that failed or is rolled back leaves blue in, in any order of the words") {
  const std::vector<std::vector<Observation>> orders = {
      {Upgrade(DeploymentPhase::kFailed)},
      {Upgrade(DeploymentPhase::kFailed), Upgrade(DeploymentPhase::kStep, kV3, "d2")},
      {Upgrade(DeploymentPhase::kStep, kV3, "d2"), Upgrade(DeploymentPhase::kFailed)},
      // Up to 1.6.322 a cancelled deployment may have said that it succeeded, too.
      {Upgrade(DeploymentPhase::kFailed), Upgrade(DeploymentPhase::kSucceeded)},
      {Upgrade(DeploymentPhase::kStep, kV3, "d2"), Upgrade(DeploymentPhase::kSucceeded),
       Upgrade(DeploymentPhase::kFailed)},
      {Upgrade(DeploymentPhase::kSucceeded), Upgrade(DeploymentPhase::kFailed),
       Upgrade(DeploymentPhase::kFailed)},
  };
  for (const std::vector<Observation>& order : orders) {
    Registries r(Deployed());
    HoldGreen(r);
    for (const Observation& what : order) {
      r.Push(what);
    }
    CHECK(r.Router() == "1 2");
    // Green is killed by the rollback.
    r.Push(UpdateN(3, Life::kTerminal, kV2));
    r.Push(UpdateN(4, Life::kTerminal, kV2));
    CHECK(r.Consul() == "1 passing, 2 passing");
  }
}

TEST_CASE("a rollback under way: blue serves, green and what is started anew are held") {
  Registries r(Deployed());
  HoldGreen(r);
  r.Push(Upgrade(DeploymentPhase::kFailed));
  r.Push(Upgrade(DeploymentPhase::kStep, kV3, "d2"));
  r.d.ReadApp(Web(kV3, {SeenN(1), SeenN(2), SeenN(3, kV2), SeenN(4, kV2)}, {"d2"}));
  r.Push(UpdateN(5, Life::kRunning, kV3));
  CHECK(r.Router() == "1 2");
  CHECK(r.Consul() == "1 passing, 2 passing, 3 draining, 4 draining, 5 draining");
  r.Push(UpdateN(3, Life::kTerminal, kV2));
  r.Push(UpdateN(4, Life::kTerminal, kV2));
  r.Push(Upgrade(DeploymentPhase::kSucceeded, kV3, "d2"));
  CHECK(r.Router() == "5");
}

TEST_CASE(
    "what a read with authority shows without any deployment is deployed, right after a failure not yet") {
  struct Row {
    const char* what;
    std::vector<Observation> said;
    Duration after;
    const char* router;
  };
  const std::vector<Row> rows = {
      {"the success was lost", {}, seconds(0), "1 2 3 4"},
      {"cancelled, left as it is", {Upgrade(DeploymentPhase::kFailed)}, seconds(11), "1 2 3 4"},
      {"cancelled just now", {Upgrade(DeploymentPhase::kFailed)}, seconds(1), "1 2"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Registries r(Deployed());
    HoldGreen(r);
    for (const Observation& what : row.said) {
      r.Push(what);
    }
    r.Wait(row.after);
    r.Snapshot({Both()});
    CHECK(r.Router() == row.router);
  }
}

TEST_CASE("after a success a read that still lists blue overrules it") {
  Registries r(Deployed());
  HoldGreen(r);
  r.Push(Upgrade(DeploymentPhase::kSucceeded));
  CHECK(r.Router() == "3 4");
  r.Snapshot({Both()});
  CHECK(r.Router() == "1 2 3 4");
}

TEST_CASE("blue stays after a success until green is fit") {
  Registries r(Deployed());
  r.d.Attach();
  r.Snapshot({Web(kV1, {SeenN(1), SeenN(2)})});
  r.Push(Upgrade(DeploymentPhase::kStep));
  r.d.ReadApp(Web(kV2, {SeenN(1), SeenN(2)}, {"d1"}));
  r.Push(Upgrade(DeploymentPhase::kSucceeded));
  CHECK(r.Router() == "1 2");
  r.Push(UpdateN(3, Life::kRunning, kV2));
  CHECK(r.Router() == "3");
  CHECK(r.batches == Lines{"put 3, delete 1, delete 2"});
}

TEST_CASE("blue leaves for good with the success, also if more deployments run or are told late") {
  SECTION("another one that only a read has named holds nobody back whom nobody replaces") {
    Registries r(Deployed());
    r.d.Attach();
    r.Snapshot({Web(kV1, {SeenN(1), SeenN(2)})});
    r.Push(Upgrade(DeploymentPhase::kStep));
    r.d.ReadApp(Web(kV2, {SeenN(1), SeenN(2)}, {"d1", "d2"}));
    r.Push(Upgrade(DeploymentPhase::kSucceeded));
    r.Push(UpdateN(3, Life::kRunning, kV2));
    CHECK(r.Router() == "3");
  }
  SECTION("the success of an earlier version") {
    Registries r(Deployed());
    HoldGreen(r);
    r.Push(Upgrade(DeploymentPhase::kSucceeded));
    r.Push(Upgrade(DeploymentPhase::kSucceeded, kV1, "d0"));
    CHECK(r.Router() == "3 4");
  }
  SECTION("the next upgrade supersedes nobody before it has succeeded") {
    Registries r(Deployed());
    HoldGreen(r);
    r.Push(Upgrade(DeploymentPhase::kSucceeded));
    r.Push(UpdateN(1, Life::kTerminal));
    r.Push(UpdateN(2, Life::kTerminal));
    r.Push(Upgrade(DeploymentPhase::kStep, kV3, "d3"));
    r.d.ReadApp(Web(kV3, {}, {"d3"}), ReadMark{});  // of a node that is not the leader: it only adds
    r.Push(UpdateN(5, Life::kRunning, kV3));
    CHECK(r.Router() == "3 4");
    CHECK(r.Consul() == "3 passing, 4 passing, 5 draining");
  }
}

TEST_CASE("a version that Marathon has no more keeps nobody out") {
  Registries r(Deployed());
  HoldGreen(r);
  r.Restart(Deployed());
  r.d.Attach();
  r.Snapshot({Both({"d1"})});
  CHECK(r.Router() == "1 2");
  r.Push(VersionSeen{"/web", kV1, nullptr, absl::NotFoundError("no such version")});
  CHECK(r.Router() == "1 2 3 4");  // what blue is can't be told, so it stays as it is
}

TEST_CASE("a restart in the middle of a deployment changes no router") {
  struct Row {
    const char* what;
    AppSeen seen;
  };
  const std::vector<Row> rows = {
      {"of the upgrade", Both({"d1"})},
      {"of its rollback",
       Web(kV3, {SeenN(1), SeenN(2), SeenN(3, kV2), SeenN(4, kV2), SeenN(5, kV3)}, {"d2"})},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Registries r(Deployed());
    HoldGreen(r);
    r.Restart(Deployed());
    r.d.Attach();
    r.Snapshot({row.seen});
    CHECK(r.Router() == "1 2");
    for (const ReadWanted& read : r.d.reads) {
      if (read.what == ReadWanted::What::kVersion) {
        r.Push(VersionSeen{"/web", read.version, App1("/web", read.version.c_str(), 2), absl::OkStatus()});
      }
    }
    CHECK(r.Router() == "1 2");
    CHECK(r.Consul().starts_with(kBlue));
    // The swap comes all the same.
    AppSeen over = row.seen;
    over.tasks.erase(over.tasks.begin(), over.tasks.begin() + 2);
    over.deployments.clear();
    r.Push(UpdateN(1, Life::kTerminal));
    r.Push(UpdateN(2, Life::kTerminal));
    CHECK(r.Router() == "3 4");
    r.Snapshot({over});
    CHECK(r.Router().starts_with("3 4"));
  }
}

TEST_CASE("two versions that both served before a third is deployed both go on, also after a restart") {
  Registries r(Deployed());
  r.d.Attach();
  r.Snapshot({Both()});  // a deployment was cancelled and left so
  r.Push(VersionSeen{"/web", kV1, App1("/web", kV1, 2), absl::OkStatus()});
  REQUIRE(r.Router() == "1 2 3 4");
  AppSeen third = Web(kV3, {SeenN(1), SeenN(2), SeenN(3, kV2), SeenN(4, kV2), SeenN(5, kV3)}, {"d3"});
  r.Push(Upgrade(DeploymentPhase::kStep, kV3, "d3"));
  r.d.ReadApp(third);
  r.Flow();
  CHECK(r.Router() == "1 2 3 4");
  r.Restart(Deployed());
  r.d.Attach();
  r.Snapshot({third});
  r.Push(VersionSeen{"/web", kV1, App1("/web", kV1, 2), absl::OkStatus()});
  r.Push(VersionSeen{"/web", kV2, App1("/web", kV2, 2), absl::OkStatus()});
  CHECK(r.Router() == "1 2 3 4");
}

}  // namespace
}  // namespace dispatcher
