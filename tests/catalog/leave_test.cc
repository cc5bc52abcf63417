// Early leave: out of the routers before Marathon reports the end, by what is said of
// a kill, by health, and on Marathon 1.8+ by a hint.
#include "tests/catalog/registries.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

InstanceUpdate InstanceRunning(int n, WallMs at) {
  InstanceUpdate update;
  update.app = "/web";
  update.instance = InstanceN(n);
  update.life = Life::kRunning;
  update.word = "Running";
  update.version = kV1;
  update.at = at;
  return update;
}

// Four tasks that run and serve, of an app with so many checks.
void ServeFour(Registries& r, int checks = 0, const char* marathon = "1.8.222") {
  r.d.Attach();
  r.Push(MarathonInfo{marathon, "f1", "m1:8080"});
  std::vector<TaskSeen> tasks;
  for (int n = 1; n <= 4; ++n) {
    tasks.push_back(SeenN(n));
    tasks.back().results.resize(static_cast<size_t>(checks));
    for (CheckResult& result : tasks.back().results) {
      result.alive = true;
      result.last_success = tasks.back().started_at + 1000;
    }
  }
  r.Snapshot({SeenApp(App1("/web", kV1, 4, checks), tasks)});
  REQUIRE(r.Router() == "1 2 3 4");
}
void Scale(Registries& r, const char* verb = "ScaleApplication") {
  r.Push(Deployment(DeploymentPhase::kStep, verb, kV1));
}
constexpr WallMs kLater = 3'600'000;  // after all stamps of kV1

// ------------------------------------------------------------- what is said plainly

TEST_CASE("who is told to be killed, or fails its check, leaves the router with that word") {
  struct Row {
    const char* what;
    Observation said;
    const char* consul;
  };
  const WallMs at = StampOf(kV1) + kLater;
  InstanceUpdate killing = InstanceRunning(1, at);
  killing.life = Life::kKilling;
  killing.word = "Killing";
  const HealthUpdate failing{"/web", InstanceN(1), "", false, false, false, kV1, at};
  const HealthUpdate whole{"/web", InstanceN(1), "", false, true, false, kV1, at};
  const std::vector<Row> rows = {
      {"TASK_KILLING", UpdateN(1, Life::kKilling), "2 passing, 3 passing, 4 passing"},
      {"instance_changed Killing", killing, "2 passing, 3 passing, 4 passing"},
      {"unhealthy_instance_kill_event", KillAnnounced{"/web", "", InstanceN(1), "500", at},
       "2 passing, 3 passing, 4 passing"},
      {"unhealthy_task_kill_event", KillAnnounced{"/web", TaskN(1), "", "500", at},
       "2 passing, 3 passing, 4 passing"},
      {"health_status_changed", failing, "1 critical, 2 passing, 3 passing, 4 passing"},
      {"instance_health_changed", whole, "1 critical, 2 passing, 3 passing, 4 passing"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Registries r;
    ServeFour(r, 1);
    r.Push(row.said);
    CHECK(r.Router() == "2 3 4");
    CHECK(r.Consul() == row.consul);
  }
}

TEST_CASE("the panic threshold is for health alone: who is being killed leaves, to the last") {
  Registries r;
  ServeFour(r, 1);
  for (int n = 1; n <= 4; ++n) {
    r.Push(HealthUpdate{"/web", InstanceN(n), "", false, false, false, kV1, StampOf(kV1) + kLater});
  }
  CHECK(r.Router() == "3 4");
  for (int n = 1; n <= 4; ++n) {
    r.Push(UpdateN(n, Life::kKilling));
  }
  CHECK(r.Router().empty());
}

TEST_CASE("services.drain: out of the router at once, in Consul as draining for so long") {
  struct Row {
    const char* what;
    Observation said;
  };
  const std::vector<Row> rows = {
      {"TASK_KILLING", UpdateN(1, Life::kKilling)},
      {"an announced kill", KillAnnounced{"/web", TaskN(1), InstanceN(1), "500", StampOf(kV1) + kLater}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CatalogPolicy policy;
    policy.drain = seconds(30);
    Registries r(policy);
    ServeFour(r);
    r.Push(row.said);
    CHECK(r.Router() == "2 3 4");
    CHECK(r.Consul() == "1 draining, 2 passing, 3 passing, 4 passing");
    CHECK(r.d.last.wake == r.d.now + seconds(30));
    r.Wait(seconds(29));
    CHECK(r.Consul() == "1 draining, 2 passing, 3 passing, 4 passing");
    r.Wait(seconds(1));
    CHECK(r.Consul() == "2 passing, 3 passing, 4 passing");
    CHECK(r.Router() == "2 3 4");
  }
}

TEST_CASE("a draining task that ends is gone at once, one that was never there is not put") {
  CatalogPolicy policy;
  policy.drain = seconds(30);
  Registries r(policy);
  ServeFour(r);
  r.Push(UpdateN(1, Life::kKilling));
  r.Push(UpdateN(1, Life::kTerminal));
  CHECK(r.Consul() == "2 passing, 3 passing, 4 passing");
  r.Push(UpdateN(5, Life::kKilling));
  CHECK(r.Consul() == "2 passing, 3 passing, 4 passing");
}

TEST_CASE("an app that is stopped drains whole") {
  CatalogPolicy policy;
  policy.drain = seconds(30);
  Registries r(policy);
  ServeFour(r);
  r.Push(Deployment(DeploymentPhase::kStep, "StopApplication", kV2));
  CHECK(r.Router().empty());
  CHECK(r.Consul() == "1 draining, 2 draining, 3 draining, 4 draining");
  for (int n = 1; n <= 4; ++n) {
    r.Push(UpdateN(n, Life::kTerminal));
  }
  r.Push(AppTerminated{"/web", StampOf(kV2) + 1000});
  CHECK(r.Consul().empty());
}

// ------------------------------------------------------------------------- hints

TEST_CASE("a lone repeated Running during a deployment drains, and is undone if no kill follows") {
  Registries r;
  ServeFour(r);
  Scale(r);
  r.Push(InstanceRunning(1, StampOf(kV1) + kLater));
  CHECK(r.Router() == "2 3 4");
  CHECK(r.Consul() == "1 draining, 2 passing, 3 passing, 4 passing");
  CHECK(r.d.last.wake == r.d.now + kHintFor);
  r.Wait(kHintFor - milliseconds(1));
  CHECK(r.Router() == "2 3 4");
  r.Wait(milliseconds(1));
  CHECK(r.Router() == "1 2 3 4");
  CHECK(r.Consul() == "1 passing, 2 passing, 3 passing, 4 passing");
  // Another goal change later is another hint.
  r.Push(InstanceRunning(1, StampOf(kV1) + kLater + 20'000));
  CHECK(r.Router() == "2 3 4");
  r.Push(UpdateN(1, Life::kTerminal));
  CHECK(r.Consul() == "2 passing, 3 passing, 4 passing");
}

TEST_CASE("when a repeated Running is a hint") {
  struct Row {
    const char* what;
    const char* marathon;
    const char* verb;  // "": no deployment
    bool hint;
  };
  const std::vector<Row> rows = {
      {"1.8, Scale", "1.8.222", "ScaleApplication", true},
      {"1.10, Restart", "1.10.26", "RestartApplication", true},
      {"a pod's", "1.9.109-SNAPSHOT", "ScalePod", true},
      {"2.0", "2.0.0", "ScaleApplication", true},
      {"Start kills nobody", "1.8.222", "StartApplication", false},
      {"no deployment", "1.8.222", "", false},
      {"before goals", "1.7.216", "ScaleApplication", false},
      {"1.1", "1.1.1", "ScaleApplication", false},
      {"a version that is no version", "unknown", "ScaleApplication", false},
      {"no version told", "", "ScaleApplication", false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Registries r;
    ServeFour(r, 0, row.marathon);
    if (*row.verb != '\0') {
      Scale(r, row.verb);
    }
    r.Push(InstanceRunning(1, StampOf(kV1) + kLater));
    CHECK(r.Router() == (row.hint ? "2 3 4" : "1 2 3 4"));
  }
}

TEST_CASE("another leader has to tell its version anew") {
  Registries r;
  ServeFour(r);
  r.d.Attach();
  Scale(r);
  r.Push(InstanceRunning(1, StampOf(kV1) + kLater));
  CHECK(r.Router() == "1 2 3 4");
  r.Push(MarathonInfo{"1.8.222", "f1", "m1:8080"});
  r.Push(InstanceRunning(2, StampOf(kV1) + kLater));
  CHECK(r.Router() == "1 3 4");
}

TEST_CASE("a deployment of another app, or one that is over, makes no hint") {
  Registries r;
  ServeFour(r);
  r.Push(Deployment(DeploymentPhase::kStep, "ScaleApplication", kV1, "d9", "/other"));
  r.Push(InstanceRunning(1, StampOf(kV1) + kLater));
  CHECK(r.Router() == "1 2 3 4");
  Scale(r);
  r.Push(InstanceRunning(2, StampOf(kV1) + kLater));
  CHECK(r.Router() == "3 4");  // and what came before the deployment was told counts from now on
  r.Push(
      Deployment(GENERATE(DeploymentPhase::kSucceeded, DeploymentPhase::kFailed), "ScaleApplication", kV1));
  CHECK(r.Router() == "1 2 3 4");
}

TEST_CASE("a deployment that only reads have named may kill") {
  Registries r;
  ServeFour(r);
  AppSeen seen = SeenApp(App1("/web", kV1, 4), {SeenN(1), SeenN(2), SeenN(3), SeenN(4)});
  seen.deployments = {"d1"};
  r.Snapshot({seen});
  r.Push(InstanceRunning(1, StampOf(kV1) + kLater));
  CHECK(r.Router() == "2 3 4");
}

// Events by letter: U status_update TASK_RUNNING, I instance_changed Running, D the
// same instance_changed again, . half a second, _ two seconds.
TEST_CASE("a Running with a status_update beside it is a change of health, whatever their order") {
  struct Row {
    const char* events;
    const char* router;
  };
  const std::vector<Row> rows = {
      {"UI", "1 2 3 4"},   {"IU", "1 2 3 4"},    {"U.I", "1 2 3 4"},  {"I.U", "1 2 3 4"},
      {"UID", "1 2 3 4"},  {"IUD", "1 2 3 4"},   {"IDU", "1 2 3 4"},  {"UUI", "1 2 3 4"},
      {"UIUI", "1 2 3 4"}, {"UI_UI", "1 2 3 4"}, {"IUIU", "1 2 3 4"},  // health changes
      {"I", "2 3 4"},      {"ID", "2 3 4"},      {"UII", "2 3 4"},    {"UI_I", "2 3 4"},
      {"U_I", "2 3 4"},  // the pair of this one was lost: it is no pair of what comes seconds later
      {"I_U", "2 3 4"},  // nor takes a change of health a goal back
      {"I_UI", "2 3 4"},
  };
  for (const Row& row : rows) {
    INFO(row.events);
    Registries r;
    ServeFour(r);
    Scale(r);
    WallMs at = StampOf(kV1) + kLater;
    for (const char* event = row.events; *event != '\0'; ++event) {
      at += *event == 'I' ? 5 : 0;
      switch (*event) {
        case 'U':
          r.Push(UpdateN(1, Life::kRunning));
          break;
        case '.':
        case '_':
          r.Wait(*event == '.' ? milliseconds(500) : milliseconds(2000));
          break;
        default:
          r.Push(InstanceRunning(1, at));
      }
    }
    CHECK(r.Router() == row.router);
  }
}

TEST_CASE("the first Running of a task is none, doubled or beside a read") {
  Registries r;
  ServeFour(r);
  Scale(r);
  r.Push(InstanceRunning(5, StampOf(kV1) + kLater));  // before its status_update
  r.Push(UpdateN(5, Life::kRunning));
  r.Push(InstanceRunning(5, StampOf(kV1) + kLater));
  CHECK(r.Router() == "1 2 3 4 5");
  r.Push(UpdateN(6, Life::kRunning));
  r.Push(UpdateN(6, Life::kRunning));
  r.Push(InstanceRunning(6, StampOf(kV1) + kLater));
  r.Push(InstanceRunning(6, StampOf(kV1) + kLater));
  CHECK(r.Router() == "1 2 3 4 5 6");
}

TEST_CASE("hints alone never take more out than the panic threshold lets them") {
  struct Row {
    int threshold, hinted;
    const char* router;
  };
  const std::vector<Row> rows = {{50, 1, "2 3 4"}, {50, 2, "3 4"}, {50, 3, "3 4"},
                                 {50, 4, "3 4"},   {0, 4, ""},     {100, 4, "1 2 3 4"}};
  for (const Row& row : rows) {
    INFO(row.hinted << " of 4 at " << row.threshold << " %");
    Registries r({}, row.threshold);
    ServeFour(r);
    Scale(r);
    for (int n = 1; n <= row.hinted; ++n) {
      r.d.now += milliseconds(10);
      r.Push(InstanceRunning(n, StampOf(kV1) + kLater));
    }
    CHECK(r.Router() == row.router);
  }
}

TEST_CASE("hints and bad health share the threshold, and who is well stays longest") {
  Registries r;
  ServeFour(r, 1);
  Scale(r);
  r.Push(InstanceRunning(1, StampOf(kV1) + kLater));
  r.Push(InstanceRunning(2, StampOf(kV1) + kLater));
  CHECK(r.Router() == "3 4");
  r.d.now += seconds(1);
  r.Push(HealthUpdate{"/web", InstanceN(3), "", false, false, false, kV1, StampOf(kV1) + kLater});
  CHECK(r.Router() == "3 4");
  // A kill that is told takes its task out whatever the threshold says.
  r.Push(UpdateN(4, Life::kKilling));
  CHECK(r.Router() == "3");
}

TEST_CASE("a hint is part of the facts: told before its deployment, it counts once that is told") {
  Registries r;
  ServeFour(r);
  r.Push(InstanceRunning(1, StampOf(kV1) + kLater));
  CHECK(r.Router() == "1 2 3 4");
  r.Wait(seconds(1));
  Scale(r);
  CHECK(r.Router() == "2 3 4");
  r.Wait(seconds(9));
  CHECK(r.Router() == "1 2 3 4");
}

TEST_CASE("a hint at a task that is unreachable, ending or unhealthy changes nothing") {
  Registries r;
  ServeFour(r, 1);
  Scale(r);
  r.Push(UpdateN(1, Life::kUnreachable));
  r.Push(InstanceRunning(1, StampOf(kV1) + kLater));
  CHECK(r.Consul() == "1 critical, 2 passing, 3 passing, 4 passing");
  r.Push(UpdateN(2, Life::kKilling));
  r.Push(InstanceRunning(2, StampOf(kV1) + kLater));
  r.Wait(kHintFor);
  CHECK(r.Consul() == "1 critical, 3 passing, 4 passing");
}

}  // namespace
}  // namespace dispatcher
