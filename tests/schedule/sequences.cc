#include "tests/schedule/sequences.h"

#include "dispatcher/base/json.h"

namespace dispatcher::schedule {
namespace {

constexpr const char* kWeb = "/web";
constexpr const char* kNext = R"({"labels":{"build":"2"}})";  // the app in another version
constexpr WallMs kAWhile = 200;                               // all that follows from it has happened

std::string Body(int checks) {
  JsonWriter json;
  json.BeginObject().Field("id", kWeb).Field("cmd", "serve").Field("instances", 2);
  json.Key("ports").BeginArray().Int(0).EndArray();
  json.Key("healthChecks").BeginArray();
  for (int i = 0; i < checks; ++i) {
    json.BeginObject().Field("protocol", "HTTP").Field("path", "/h" + std::to_string(i));
    json.Field("portIndex", 0).Field("gracePeriodSeconds", 0).Field("maxConsecutiveFailures", 3).EndObject();
  }
  json.EndArray().Key("unreachableStrategy").BeginObject();
  json.Field("inactiveAfterSeconds", 0).Field("expungeAfterSeconds", 0).EndObject().EndObject();
  return json.Take();
}

void Serves(Chronicle& c, const std::string& app) {
  c.world().Post(app);
  c.RunUntilQuiet();
  c.Run(kAWhile);
  c.Begin();
}

void Start(Chronicle& c, const std::string& app) {
  c.Begin();
  c.world().Post(app);
  c.RunUntilQuiet();
}

void ScaleUp(Chronicle& c, const std::string& app) {
  Serves(c, app);
  c.world().Scale(kWeb, 4);
  c.RunUntilQuiet();
}

void ScaleDown(Chronicle& c, const std::string& app) {
  c.world().Post(app);
  c.RunUntilQuiet();
  c.world().Scale(kWeb, 3);
  c.RunUntilQuiet();
  c.Begin();
  c.world().Scale(kWeb, 1);
  c.RunUntilQuiet();
}

void Upgrade(Chronicle& c, const std::string& app) {
  Serves(c, app);
  c.world().Put(kWeb, kNext);
  c.RunUntilQuiet();
}

void Restart(Chronicle& c, const std::string& app) {
  Serves(c, app);
  c.world().Restart(kWeb);
  c.RunUntilQuiet();
}

void Delete(Chronicle& c, const std::string& app) {
  Serves(c, app);
  c.world().Delete(kWeb);
  c.Run(kAWhile);
}

void DeleteAndPostAgain(Chronicle& c, const std::string& app) {
  Delete(c, app);
  c.world().Post(app);
  c.RunUntilQuiet();
}

void Fail(Chronicle& c, const std::string& app) {
  Serves(c, app);
  c.world().TaskEnded(c.world().Running().front().task, "TASK_FAILED", "Command exited with status 1");
  c.Run(kAWhile);
  c.RunUntilQuiet();
}

// The expunge tick is longer than `away`, or shorter.
void LoseAgent(Chronicle& c, const std::string& app, WallMs away) {
  Serves(c, app);
  const std::string host = c.world().Running().front().host;
  c.world().AgentUnreachable(host);
  c.Run(away);
  c.world().AgentReturn(host);
  c.Run(kAWhile);
  c.RunUntilQuiet();
}
void LoseAgentAWhile(Chronicle& c, const std::string& app) { LoseAgent(c, app, 60); }
void LoseAgentTooLong(Chronicle& c, const std::string& app) { LoseAgent(c, app, 400); }

void Flap(Chronicle& c, const std::string& app) {
  Serves(c, app);
  const std::string task = c.world().Running().front().task;
  for (const bool sick : {true, false, true}) {
    c.world().SetSick(task, sick);
    c.Run(25);  // fewer probes than failures that end it
  }
  c.Run(kAWhile);
  c.RunUntilQuiet();
}

void FailOver(Chronicle& c, const std::string& app) {
  Serves(c, app);
  c.ChangeLeader(100);
  c.RunUntilQuiet();
}

// One turns sick while nobody leads, and a deployment is under way.
void FailOverAmidst(Chronicle& c, const std::string& app) {
  Serves(c, app);
  c.world().Scale(kWeb, 3);
  c.Run(5);
  c.world().SetSick(c.world().Running().front().task, true);
  c.ChangeLeader(30);
  c.Run(kAWhile);
  c.RunUntilQuiet();
}

void Cancel(Chronicle& c, const std::string& app) {
  Serves(c, app);
  const world::Reply upgrade = c.world().Put(kWeb, kNext);
  c.Run(25);
  c.world().CancelDeployment(upgrade.deployment, /*force=*/true);
  c.Run(kAWhile);
}

void RollBack(Chronicle& c, const std::string& app) {
  Serves(c, app);
  const world::Reply upgrade = c.world().Put(kWeb, kNext);
  c.Run(25);
  c.world().CancelDeployment(upgrade.deployment, /*force=*/false);
  c.RunUntilQuiet();
}

// Two containers with an endpoint each, the first one with the app's first check.
std::string Pod(const std::string& app, int instances, const char* release) {
  const bool checked = app.find("\"protocol\"") != std::string::npos;
  return R"({"id":"/pod","scaling":{"kind":"fixed","instances":)" + std::to_string(instances) +
         R"(},"environment":{"RELEASE":")" + release +
         R"("},"containers":[{"name":"web","endpoints":[{"name":"web","hostPort":0,"protocol":["tcp"]}])" +
         (checked ? R"(,"healthCheck":{"http":{"endpoint":"web","path":"/"},"gracePeriodSeconds":0})" : "") +
         R"(},{"name":"log","endpoints":[{"name":"log","hostPort":0,"protocol":["tcp"]}]}]})";
}

void StartPod(Chronicle& c, const std::string& app) {
  c.Begin();
  c.world().PostPod(Pod(app, 2, "1"));
  c.RunUntilQuiet();
}

void ServesPod(Chronicle& c, const std::string& app) {
  StartPod(c, app);
  c.Run(kAWhile);
  c.Begin();
}

void UpgradePod(Chronicle& c, const std::string& app) {
  ServesPod(c, app);
  c.world().PutPod("/pod", Pod(app, 2, "2"));
  c.RunUntilQuiet();
}

void KillPodInstance(Chronicle& c, const std::string& app) {
  ServesPod(c, app);
  if (!c.world().Running().empty()) {
    c.world().KillPodInstance("/pod", c.world().Running().front().instance);
  }
  c.Run(kAWhile);
  c.RunUntilQuiet();
}

void DeletePod(Chronicle& c, const std::string& app) {
  c.world().Post(app);  // so that some app is left
  ServesPod(c, app);
  c.world().DeletePod("/pod");
  c.Run(kAWhile);
}

void MasterFailsOver(Chronicle& c, const std::string& app) {
  Serves(c, app);
  c.world().MasterFailover();
  c.Run(kAWhile);
}

}  // namespace

const std::vector<Circumstance>& Circumstances() {
  static const std::vector<Circumstance> all = {
      {"one check", 1, false, false, 0},
      {"no checks, TASK_KILLING, ports come back at once", 0, true, true, 0},
      {"two checks, definitions can be read late", 2, false, true, 40},
  };
  return all;
}

const std::vector<Sequence>& Sequences() {
  static const std::vector<Sequence> all = {
      {"1 start", Start},
      {"2 scale up", ScaleUp},
      {"3 scale down", ScaleDown},
      {"4 rolling upgrade", Upgrade},
      {"5 restart", Restart},
      {"6 delete", Delete},
      {"6 delete, and post again", DeleteAndPostAgain},
      {"7 task failure", Fail},
      {"8 agent unreachable, back in time", LoseAgentAWhile},
      {"8 agent unreachable, back too late", LoseAgentTooLong},
      {"9 health flaps", Flap},
      {"10 another leader", FailOver},
      {"10 another leader amidst a deployment", FailOverAmidst},
      {"11 a pod starts", StartPod, true},
      {"11 a pod is upgraded", UpgradePod, true},
      {"11 a pod's instance is killed", KillPodInstance, true},
      {"11 a pod is deleted", DeletePod, true},
      {"12 deployment cancelled", Cancel},
      {"12 deployment rolled back", RollBack},
      {"13 another Mesos master", MasterFailsOver},
  };
  return all;
}

Chronicle Play(const Sequence& sequence, const Circumstance& circumstance, const std::string& profile) {
  world::WorldOptions options;
  options.profile = profile;
  options.hosts = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
  options.standbys = {"127.0.0.2:8080"};
  options.heavy_plans = false;
  options.task_killing = circumstance.task_killing;
  options.lowest_port = circumstance.lowest_port;
  options.store_lag_ms = circumstance.store_lag_ms;
  options.expunge_ms = 200;
  Chronicle chronicle(options);
  sequence.play(chronicle, Body(circumstance.checks));
  return chronicle;
}

}  // namespace dispatcher::schedule
