// What is said twice, or contradicts itself.
#include "tests/irregularities/words.h"
#include "tests/support/catch.h"

namespace dispatcher::irregularities {
namespace {

// /web with two checks and one running task, whose results are given.
std::string TwoChecks(const Words& w, const std::string& results) {
  return w.App({.checks = 2, .listed = {w.Listed(kOne, "TASK_RUNNING", results)}});
}
std::string BothAlive(WallMs at) {
  return "[" + Words::Result(true, at) + "," + Words::Result(true, at) + "]";
}

TEST_CASE("irregularity 14: a goal change says Running again just before the kill (1.8+)") {
  Words w(8);
  Script s("1.8.180");
  Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
  s.Event(w.Deployment("info", "ScaleApplication", 5'000)).Settle();
  s.Event(w.Changed(kOne, "Running"));
  CHECK(s.Sees().size() == 1);  // as it was, or draining: it is not dead
  s.Pass(std::chrono::seconds(1)).Event(w.Status(kOne, "TASK_KILLED")).Event(w.Changed(kOne, "Killed"));
  CHECK(s.Sees().empty());
  s.Event(w.Changed(kOne, "Running"));  // late
  CHECK(s.Sees().empty());
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 15: RUNNING again whenever Mesos' own check changes its mind") {
  for (const int minor : {3, 4, 8}) {
    Words w(minor);
    Script s("1." + std::to_string(minor) + ".14");
    Listens(s.Lists(w.App({.checks = 1})));
    s.Event(w.Status(kOne, "TASK_RUNNING"));
    CHECK(s.Wants().empty());
    s.Event(w.Status(kOne, "TASK_RUNNING")).Event(w.Alive(kOne, true));
    CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
    s.Event(w.Status(kOne, "TASK_RUNNING")).Event(w.Alive(kOne, false));
    CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
    s.Event(w.Status(kOne, "TASK_KILLED")).Event(w.Status(kOne, "TASK_RUNNING"));
    CHECK(s.Sees().empty());
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 16: instance_health_changed twice, false in the grace period, and for no reason") {
  Words w(8);
  Script s("1.8.180");
  Listens(s.Lists(w.App({.checks = 1})));
  s.Event(w.Status(kOne, "TASK_RUNNING"));
  s.Event(w.Healthy(kOne, false));  // a failure that is ignored: not alive yet
  CHECK(s.Sees() == Lines{w.Line(kOne, "if-there unknown")});
  s.Event(w.Healthy(kOne, true)).Event(w.Healthy(kOne, true)).Event(w.Alive(kOne, true));
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  // Another app with an equal check was deleted: told once more.
  const int reads = s.reads();
  s.Event(w.Healthy(kOne, true)).Answer();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.reads() <= reads + 1);
  s.Event(w.Healthy(kOne, false));
  CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 17: one check passes, the other fails, and the instance is called healthy (1.4)") {
  Words w(4);
  Script s("1.4.13");
  Listens(s.Lists(TwoChecks(w, "")));
  s.Event(w.Failed(kOne)).Event(w.Alive(kOne, true)).Event(w.Healthy(kOne, true));
  CHECK(s.Wants().empty());
  s.Lists(TwoChecks(w, "[" + Words::Result(true, 11'000) + "," + Words::Result(false, 11'000) + "]"));
  s.Answer();
  CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
  s.Lists(TwoChecks(w, BothAlive(20'000)));
  w.now = 20'000;
  s.Event(w.Alive(kOne, true)).Event(w.Healthy(kOne, true)).Settle();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 18: not alive twice in a row, while the task list says alive") {
  Words w(3);
  Script s("1.3.5");
  const auto listed = [&](bool alive, WallMs at) {
    return w.App(
        {.checks = 1, .listed = {w.Listed(kOne, "TASK_RUNNING", "[" + Words::Result(alive, at) + "]")}});
  };
  Listens(s.Lists(listed(true, 1'000)));
  s.Event(w.Alive(kOne, false));
  CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
  w.now += 17'000;
  s.Event(w.Alive(kOne, false));
  CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
  s.Lists(listed(true, w.now - 500)).Snapshot();  // from before the second word
  CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
  s.Lists(listed(true, w.now + 1'000)).Snapshot();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 19: healthy after the first of several checks, the old tasks are killed early") {
  Words w(4);
  Script s("1.4.13");
  const Who next{.number = 2, .version = 5'000};
  const auto listed = [&](const std::string& of_next) {
    return w.App({.version = 5'000,
                  .checks = 2,
                  .listed = {w.Listed(kOne, "TASK_RUNNING", BothAlive(1'000)),
                             w.Listed(next, "TASK_RUNNING", of_next)}});
  };
  s.Keeps("/web", At(0), w.App({.checks = 2}));
  Listens(s.Lists(listed("")));
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  s.Event(w.Alive(next, true)).Event(w.Healthy(next, true));
  s.Lists(listed("[" + Words::Result(true, 11'000) + "]")).Answer();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});  // one of two says nothing yet
  s.Event(w.Status(kOne, "TASK_KILLED"));
  CHECK(s.Wants().empty());  // Marathon's own doing
  s.Lists(listed(BothAlive(20'000)));
  w.now = 20'000;
  s.Event(w.Alive(next, true)).Settle();
  CHECK(s.Wants() == Lines{w.Line(next, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 20: a cancelled deployment succeeds and fails, before or after its rollback") {
  for (const bool failed_first : {false, true}) {
    Words w(4);
    Script s("1.4.13");
    Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
    s.Event(w.Deployment("info", "RestartApplication", 5'000));
    const std::string rollback = w.Deployment("info", "RestartApplication", 9'000);
    const std::string failed = w.Deployment("failed", "RestartApplication", 5'000);
    s.Lists(w.App({.version = 9'000, .listed = {w.Listed(kOne, "TASK_RUNNING")}}));
    s.Event(failed_first ? failed : rollback).Event(failed_first ? rollback : failed);
    s.Event(w.Deployment("success", "RestartApplication", 5'000));
    s.Event(w.Deployment("success", "RestartApplication", 9'000)).Settle();
    CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
    // The failed one may be remembered, none runs.
    const auto report = s.stage().catalog().Explain("/web", s.stage().now());
    for (const std::string& known : report->deployments) {
      CHECK(known.find("plan-5000") != std::string::npos);
    }
    CHECK(s.violation() == "");
  }
  // A delete that was cancelled gives the tasks back, whichever of the two words comes last.
  for (const bool failed_first : {false, true}) {
    Words w(4);
    Script s("1.4.13");
    Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
    s.Event(w.Deployment("info", "StopApplication", 5'000));
    CHECK(s.Wants().empty());
    s.Event(w.Deployment(failed_first ? "failed" : "success", "StopApplication", 5'000));
    s.Event(w.Deployment(failed_first ? "success" : "failed", "StopApplication", 5'000));
    CHECK(s.Wants().size() == (failed_first ? 1 : 0));
    s.Lists(w.App({.version = 9'000, .listed = {w.Listed(kOne, "TASK_RUNNING")}})).Settle();
    s.Snapshot();
    CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 21: a health check actor writes back what is old: transitions missed or doubled") {
  Words w(3);
  Script s("1.3.14");
  Listens(s.Lists(w.App({.checks = 1, .listed = {w.Listed(kOne, "TASK_RUNNING")}})));
  s.Event(w.Alive(kOne, true)).Event(w.Alive(kOne, true));
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  s.Event(w.Alive(kOne, false));
  CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
  // It is alive again and nobody says so.
  s.Lists(w.App(
      {.checks = 1, .listed = {w.Listed(kOne, "TASK_RUNNING", "[" + Words::Result(true, 30'000) + "]")}}));
  s.Snapshot();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 22: add_health_check_event for every check of every app when a leader starts") {
  Words w(8);
  Script s("1.8.180");
  Listens(s.Lists(w.App(
      {.checks = 1, .listed = {w.Listed(kOne, "TASK_RUNNING", "[" + Words::Result(true, 1'000) + "]")}})));
  const int reads = s.reads();
  for (int i = 0; i < 200; ++i) {
    s.Event(w.Of("add_health_check_event", i % 2 == 0 ? "/web" : "/other")).Answer();
  }
  CHECK(s.reads() == reads);
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 23: Mesos delivers an update again that was not acknowledged") {
  Words w(1);
  Script s("1.1.1");
  Listens(s.Lists(w.App({.instances = 2})));
  s.Event(w.Status(kOne, "TASK_RUNNING"));
  const size_t running = 0;
  s.Event(w.Status(kTwo, "TASK_RUNNING")).Again(running).Again(running);
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing"), w.Line(kTwo, "passing")});
  const int reads = s.reads();
  s.Event(w.Status(kOne, "TASK_FAILED")).Again(2).Again(running).Again(2).Answer();
  CHECK(s.Wants() == Lines{w.Line(kTwo, "passing")});
  CHECK(s.reads() == reads);
  CHECK(s.violation() == "");
}

}  // namespace
}  // namespace dispatcher::irregularities
