// One app through its life, event by event.
#include "tests/catalog/driver.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

Driver Attached(CatalogPolicy policy = {}) {
  Driver d(std::move(policy));
  d.Attach();
  d.Snapshot({});
  return d;
}

TEST_CASE("a task is published when it runs and its definition is known") {
  Driver d = Attached();
  d.Push(Update("/web", "web.1", Life::kStaging));
  CHECK(d.Instances("/web") == Lines{"web.1@:0 if-there unknown"});
  REQUIRE_FALSE(d.reads.empty());
  CHECK(d.reads.back().app == "/web");
  d.ReadApp(SeenApp(App1("/web"), {SeenTask("web.1", 0, kV1, Life::kStaging)}));
  d.dirty.clear();
  d.Push(Update("/web", "web.1", Life::kRunning, 31000));
  CHECK(d.Instances("/web") == Lines{"web.1@10.0.0.1:31000 yes passing"});
  CHECK(d.dirty == std::set<ServiceKey>{{"/web", 0}});
  CHECK(d.Find("/web", "web.1")->since == d.now);
}

TEST_CASE("RUNNING first: the read that follows publishes it") {
  Driver d = Attached();
  d.Push(Update("/web", "web.1", Life::kRunning, 31000));
  CHECK(d.reads.back().what == ReadWanted::What::kApp);
  d.ReadApp(SeenApp(App1("/web"), {SeenTask("web.1", 31000)}));
  CHECK(d.Instances("/web") == Lines{"web.1@10.0.0.1:31000 yes passing"});
}

TEST_CASE("with checks, a task waits for its first result and stays, critical, when it fails") {
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web", kV1, 1, 1), {SeenTask("web.1", 31000)})});
  CHECK(d.Instances("/web") == Lines{"web.1@10.0.0.1:31000 if-there unknown"});
  d.Push(HealthUpdate{"/web", InstanceOfTask("web.1"), "web.1", false, false, true, kV1, 1000});
  CHECK(d.Instances("/web") == Lines{"web.1@10.0.0.1:31000 yes critical"});
}

TEST_CASE("health events reach the task through its instance") {
  const TaskId task = "web.instance-c7c311a4-b669-11e6-a48f-0ea4f4b1778c._app.1";
  const InstanceId instance = "web.instance-c7c311a4-b669-11e6-a48f-0ea4f4b1778c";
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web", kV1, 1, 1), {SeenTask(task, 31000)})});
  HealthUpdate health{"/web", instance, "", true, false, false, kV1, StampOf(kV1) + 5000};
  d.Push(health);
  CHECK(d.Instances("/web") == Lines{task + "@10.0.0.1:31000 yes passing"});
  health.alive = false;
  health.at += 1000;
  d.Push(health);
  CHECK(d.Instances("/web") == Lines{task + "@10.0.0.1:31000 yes critical"});
  health.alive = std::nullopt;
  health.at += 1000;
  d.Push(health);
  CHECK(d.Instances("/web") == Lines{task + "@10.0.0.1:31000 yes critical"});
}

TEST_CASE("health that comes before RUNNING is kept for it") {
  const TaskId task = "web.instance-c7c311a4-b669-11e6-a48f-0ea4f4b1778c._app.1";
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web", kV1, 1, 1))});
  d.Push(HealthUpdate{"/web", InstanceOfTask(task), "", true, false, false, kV1, StampOf(kV1) + 5000});
  d.Push(Update("/web", task, Life::kRunning, 31000));
  CHECK(d.Instances("/web") == Lines{task + "@10.0.0.1:31000 yes passing"});
}

TEST_CASE("no resurrection: KILLED, then a late RUNNING, before anything else was known") {
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web"))});
  d.Push(Update("/web", "web.1", Life::kTerminal));
  d.Push(Update("/web", "web.1", Life::kRunning, 31000));
  CHECK(d.Instances("/web") == Lines{"web.1@10.0.0.1:31000 no draining"});
}

TEST_CASE("a lost task comes back by a later read of the leader, not by an event") {
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web"), {SeenTask("web.1", 31000)})});
  const ReadMark early = d.Mark();
  d.Push(Update("/web", "web.1", Life::kLost));
  CHECK(d.Find("/web", "web.1")->want == Want::kNo);
  d.Push(Update("/web", "web.1", Life::kRunning, 31000));
  CHECK(d.Find("/web", "web.1")->want == Want::kNo);
  CHECK(d.reads.back().app == "/web");
  d.ReadApp(SeenApp(App1("/web"), {SeenTask("web.1", 31000)}), early);
  CHECK(d.Find("/web", "web.1")->want == Want::kNo);
  d.ReadApp(SeenApp(App1("/web"), {SeenTask("web.1", 31000)}), d.Mark("standby:8080"));
  CHECK(d.Find("/web", "web.1")->want == Want::kNo);
  d.ReadApp(SeenApp(App1("/web"), {SeenTask("web.1", 31000)}));
  CHECK(d.Find("/web", "web.1")->want == Want::kYes);
}

TEST_CASE("an upgrade that changes ports: old tasks keep their version's") {
  Driver d = Attached();
  auto v1 = App1("/web", kV1);
  v1->labels["dispatcher.name"] = "old";
  d.Snapshot({SeenApp(v1, {SeenTask("web.1", 31000)})});
  auto v2 = App1("/web", kV2);
  v2->labels["dispatcher.name"] = "new";
  v2->ports.resize(2);
  TaskSeen fresh = SeenTask("web.2", 0, kV2);
  fresh.ports = {31001, 31002};
  d.Snapshot({SeenApp(v2, {SeenTask("web.1", 31000), fresh})});
  CHECK(d.Instances("/web", 0) ==
        Lines{"web.1@10.0.0.1:31000 yes passing", "web.2@10.0.0.1:31001 yes passing"});
  CHECK(d.Instances("/web", 1) == Lines{"web.2@10.0.0.1:31002 yes passing"});
  CHECK(d.Find("/web", "web.1")->profile->names == Lines{"old"});
  CHECK(d.Find("/web", "web.2")->profile->names == Lines{"new"});
}

TEST_CASE("a version that is not known is asked for, never guessed") {
  Driver d = Attached();
  auto v2 = App1("/web", kV2);
  v2->ports.resize(2);
  d.Snapshot({SeenApp(v2, {SeenTask("web.1", 31000, kV1)})});
  REQUIRE(d.reads.back().what == ReadWanted::What::kVersion);
  CHECK(d.reads.back().version == kV1);
  CHECK(d.Find("/web", "web.1")->want == Want::kIfThere);
  d.Push(VersionSeen{"/web", kV1, App1("/web", kV1), absl::OkStatus()});
  CHECK(d.Instances("/web") == Lines{"web.1@10.0.0.1:31000 yes passing"});
}

TEST_CASE("scaling makes a version, not a configuration: tasks stay current") {
  Driver d = Attached();
  auto scaled = App1("/web", kV2, 2);
  scaled->config_changed_at = StampOf(kV1);
  d.Snapshot({SeenApp(scaled, {SeenTask("web.1", 31000, kV1)})});
  CHECK(d.Instances("/web") == Lines{"web.1@10.0.0.1:31000 yes passing"});
  for (const ReadWanted& read : d.reads) {
    CHECK(read.what != ReadWanted::What::kVersion);
  }
}

TEST_CASE("a port reused by another app proves the old holder dead") {
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/a"), {SeenTask("a.1", 31000)}), SeenApp(App1("/b"))});
  TaskUpdate update = Update("/b", "b.1", Life::kRunning, 31000);
  update.at += 60000;
  d.Push(update);
  CHECK(d.Find("/a", "a.1")->want == Want::kNo);
  CHECK(d.Find("/b", "b.1")->want == Want::kYes);
}

TEST_CASE("delete: leaving at StopApplication, gone with app_terminated; made anew, it lives") {
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web"), {SeenTask("web.1", 31000)})});
  DeploymentUpdate stop{DeploymentPhase::kStep,        "d1", kV2, {{"StopApplication", "/web"}},
                        {{"StopApplication", "/web"}}, 0};
  d.Push(stop);
  CHECK(d.Find("/web", "web.1")->want == Want::kNo);
  d.NotFound("/web");
  d.Push(AppTerminated{"/web", StampOf(kV2) + 10});
  CHECK(d.catalog.Build({"/web", 0})->want == Want::kNo);
  CHECK(d.catalog.Build({"/web", 0})->why == Why::kEvent);
  d.Snapshot({SeenApp(App1("/web", kV3), {SeenTask("web.2", 31001, kV3)})});
  CHECK(d.Find("/web", "web.2")->want == Want::kYes);
  CHECK(d.catalog.Build({"/web", 0})->want == Want::kYes);
}

TEST_CASE("a cancelled stop gives the tasks back") {
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web"), {SeenTask("web.1", 31000)})});
  d.Push(DeploymentUpdate{
      DeploymentPhase::kStep, "d1", kV2, {{"StopApplication", "/web"}}, {{"StopApplication", "/web"}}, 0});
  CHECK(d.Find("/web", "web.1")->want == Want::kNo);
  d.Push(DeploymentUpdate{DeploymentPhase::kFailed, "d1", kV2, {{"StopApplication", "/web"}}, {}, 0});
  CHECK(d.Find("/web", "web.1")->want == Want::kYes);
  d.Push(DeploymentUpdate{
      DeploymentPhase::kStep, "d1", kV2, {{"StopApplication", "/web"}}, {{"StopApplication", "/web"}}, 0});
  CHECK(d.Find("/web", "web.1")->want == Want::kYes);  // a late double of it is void
}

TEST_CASE("instance_changed Killed ends a first incarnation at once, a later one by a read") {
  const InstanceId instance = "web.instance-c7c311a4-b669-11e6-a48f-0ea4f4b1778c";
  Driver d = Attached();
  const int incarnation = GENERATE(1, 2);
  const TaskId task = instance + "._app." + std::to_string(incarnation);
  d.Snapshot({SeenApp(App1("/web"), {SeenTask(task, 31000)})});
  d.reads.clear();
  d.Push(InstanceUpdate{"/web", instance, Life::kTerminal, "Killed", "10.0.0.1", kV1, 0});
  CHECK(d.Find("/web", task)->want == (incarnation == 1 ? Want::kNo : Want::kYes));
  CHECK(d.reads.size() == (incarnation == 1 ? 0 : 1));
  if (incarnation == 2) {
    d.ReadApp(SeenApp(App1("/web")));
    CHECK(d.Find("/web", task)->want == Want::kNo);
    CHECK(d.Find("/web", task)->why == Why::kEvent);  // the event named it, the read only told which
  }
}

TEST_CASE("a definition announced and not readable yet is asked for again, for a while") {
  Driver d = Attached();
  d.Push(DeploymentUpdate{
      DeploymentPhase::kStep, "d1", kV1, {{"StartApplication", "/web"}}, {{"StartApplication", "/web"}}, 0});
  REQUIRE(d.reads.back().app == "/web");
  const size_t asked = d.reads.size();
  d.NotFound("/web");
  REQUIRE(d.reads.size() == asked + 1);
  CHECK(d.reads.back().not_before > d.now);
  CHECK(d.catalog.Build({"/web", kAnyPort})->want == Want::kIfThere);
  d.now += std::chrono::seconds(11);
  d.NotFound("/web");
  CHECK(d.reads.size() == asked + 1);
}

TEST_CASE("an event of the new version does not wait for a read that was put off") {
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web"), {SeenTask("web.1", 31000)})});
  d.Push(DeploymentUpdate{DeploymentPhase::kStep,
                          "d1",
                          kV2,
                          {{"RestartApplication", "/web"}},
                          {{"RestartApplication", "/web"}},
                          0});
  d.ReadApp(SeenApp(App1("/web"), {SeenTask("web.1", 31000)}));  // Marathon has not stored it yet
  REQUIRE(d.reads.back().not_before > d.now);
  const size_t asked = d.reads.size();
  d.Push(Update("/web", "web.2", Life::kRunning, 31001, kV2));
  REQUIRE(d.reads.size() == asked + 1);
  CHECK(d.reads.back().not_before <= d.now);
}

TEST_CASE("reads are bounded: events of an app whose read is under way ask once more at the end") {
  Driver d = Attached();
  d.reads.clear();
  const ReadMark mark = d.Mark();
  for (int i = 0; i < 50; ++i) {
    d.Push(Update("/web", "web." + std::to_string(i), Life::kRunning, 31000 + i));
  }
  CHECK(d.reads.size() == 1);
  d.ReadApp(SeenApp(App1("/web", kV1, 50)), mark);
  CHECK(d.reads.size() == 2);
}

TEST_CASE("an agent's name is resolved once and its address published") {
  Driver d = Attached();
  TaskSeen task = SeenTask("web.1", 31000, kV1, Life::kRunning, "agent1.example.com");
  d.Snapshot({SeenApp(App1("/web"), {task})});
  REQUIRE(d.reads.back().what == ReadWanted::What::kResolve);
  CHECK(d.reads.back().host == "agent1.example.com");
  CHECK(d.Find("/web", "web.1")->want == Want::kIfThere);
  d.Push(HostResolved{"agent1.example.com", {"10.0.0.9"}, absl::OkStatus()});
  CHECK(d.Instances("/web") == Lines{"web.1@10.0.0.9:31000 yes passing"});
}

TEST_CASE("an agent's name that can't be resolved is published as it is") {
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web"), {SeenTask("web.1", 31000, kV1, Life::kRunning, "agent1.example.com")})});
  d.Push(HostResolved{"agent1.example.com", {}, absl::NotFoundError("no such name")});
  CHECK(d.Instances("/web") == Lines{"web.1@agent1.example.com:31000 yes passing"});
  // An app that comes there meanwhile, and both get the address once there is one.
  d.ReadApp(SeenApp(App1("/db"), {SeenTask("db.1", 31001, kV1, Life::kRunning, "agent1.example.com")}));
  CHECK(d.Instances("/db") == Lines{"db.1@agent1.example.com:31001 yes passing"});
  d.dirty.clear();
  d.Push(HostResolved{"agent1.example.com", {"10.0.0.9"}, absl::OkStatus()});
  CHECK(d.dirty == std::set<ServiceKey>{{"/db", 0}, {"/web", 0}});
  CHECK(d.Instances("/web") == Lines{"web.1@10.0.0.9:31000 yes passing"});
  CHECK(d.Instances("/db") == Lines{"db.1@10.0.0.9:31001 yes passing"});
}

TEST_CASE("the dead are remembered for a while, then forgotten") {
  CatalogPolicy policy;
  policy.tombstone = std::chrono::seconds(60);
  Driver d = Attached(policy);
  d.Snapshot({SeenApp(App1("/web"), {SeenTask("web.1", 31000)})});
  d.Push(Update("/web", "web.1", Life::kTerminal));
  REQUIRE(d.last.wake.has_value());
  d.Wait(std::chrono::seconds(59));
  CHECK(d.Find("/web", "web.1") != nullptr);
  d.Wait(std::chrono::seconds(2));
  CHECK(d.Find("/web", "web.1") == nullptr);
}

TEST_CASE("an announced kill takes the task out before it is dead") {
  Driver d = Attached();
  d.Snapshot({SeenApp(App1("/web"), {SeenTask("web.1", 31000)})});
  d.Push(KillAnnounced{"/web", "web.1", "", "500", 0});
  CHECK(d.Find("/web", "web.1")->want == Want::kNo);
}

}  // namespace
}  // namespace dispatcher
