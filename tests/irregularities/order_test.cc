// What comes in another order than it happened, or before it can be read.
#include <algorithm>

#include "tests/irregularities/words.h"
#include "tests/support/catch.h"

namespace dispatcher::irregularities {
namespace {

TEST_CASE("irregularity 24: events of several emitters in any order") {
  Words w(8);
  std::vector<std::string> events = {w.Status(kOne, "TASK_STARTING"), w.Changed(kOne, "Running"),
                                     w.Status(kOne, "TASK_RUNNING"), w.Alive(kOne, true),
                                     w.Healthy(kOne, true)};
  const std::string listed = w.App(
      {.checks = 1, .listed = {w.Listed(kOne, "TASK_RUNNING", "[" + Words::Result(true, w.now) + "]")}});
  std::sort(events.begin(), events.end());
  do {
    Script s("1.8.180");
    Listens(s.Lists(w.App({.checks = 1}))).Lists(listed);
    for (const std::string& event : events) {
      s.Event(event);
    }
    s.Settle();
    REQUIRE(s.Wants() == Lines{w.Line(kOne, "passing")});
    REQUIRE(s.violation() == "");
  } while (std::next_permutation(events.begin(), events.end()));
}

TEST_CASE("irregularity 25: a deployment and its first tasks before REST shows the app") {
  for (const bool known : {false, true}) {
    Words w(8);
    Script s("1.8.180");
    if (known) {
      s.Lists(w.App({.instances = 0}));  // an older version of it
    }
    Listens(s);
    const Who next{.number = 1, .version = 5'000};
    s.Event(w.Deployment("info", "StartApplication", 5'000)).Answer();
    s.Event(w.Status(next, "TASK_RUNNING")).Answer();
    CHECK(s.Wants().empty());
    s.Pass(std::chrono::milliseconds(300)).Answer();
    CHECK(s.Wants().empty());  // still 404, or the old version
    s.Lists(w.App({.version = 5'000, .listed = {w.Listed(next, "TASK_RUNNING")}}));
    s.Pass(std::chrono::seconds(1)).Answer();
    CHECK(s.Wants() == Lines{w.Line(next, "passing")});
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 26: success says nothing of health or readiness, and reads keep what is over") {
  Words w(8);
  CatalogPolicy policy;
  policy.route_when = RouteWhen::kReady;
  Script s("1.8.180", policy);
  const std::string ready = R"(,"readinessChecks":[{"name":"r","portName":"http"}])";
  const auto app = [&](const std::string& deployment) {
    return w.App({.more = ready, .listed = {w.Listed(kOne, "TASK_RUNNING")}, .deployment = deployment});
  };
  Listens(s.Lists(w.App({.more = ready})));
  s.Event(w.Deployment("info", "ScaleApplication", 5'000)).Event(w.Status(kOne, "TASK_RUNNING"));
  CHECK(s.Wants().empty());
  // Running is told, ready is not: readiness has no event of its own.
  s.Lists(app("plan-5000")).Settle();
  CHECK(s.Wants().empty());
  s.Event(w.Deployment("success", "ScaleApplication", 5'000));
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  s.Snapshot();  // which still lists the deployment
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 27: deployment_success before app_terminated and the removed checks (up to 1.5)") {
  for (const bool success_first : {false, true}) {
    Words w(4);
    Script s("1.4.13");
    Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
    s.Unlists("/web").Event(w.Deployment("info", "StopApplication", 5'000));
    s.Event(w.Status(kOne, "TASK_KILLED")).Event(w.Changed(kOne, "Killed"));
    const std::string success = w.Deployment("success", "StopApplication", 5'000);
    const std::string terminated = w.Of("app_terminated_event");
    s.Event(success_first ? success : terminated);
    s.Event(w.Of("remove_health_check_event"));
    s.Event(success_first ? terminated : success).Settle();
    CHECK(s.Sees().empty());
    CHECK(s.stage().catalog().Build({"/web", 0})->want == Want::kNo);
    // An app of that name made anew at once is another.
    const Who next{.number = 2, .version = 20'000};
    w.now = 20'000;
    s.Lists(w.App({.version = 20'000, .listed = {w.Listed(next, "TASK_RUNNING")}}));
    s.Event(w.Deployment("info", "StartApplication", 20'000)).Event(terminated).Settle();
    CHECK(s.Wants() == Lines{w.Line(next, "passing")});
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 28: health before the RUNNING of the same instance") {
  for (const int minor : {3, 4, 8}) {
    Words w(minor);
    Script s("1." + std::to_string(minor) + ".14");
    Listens(s.Lists(w.App({.checks = 1})));
    s.Event(w.Alive(kOne, true));
    CHECK(s.Sees().empty());
    s.Event(w.Status(kOne, "TASK_RUNNING"));
    CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 29: stamps of different events are by different clocks") {
  // Health stamped a little before the RUNNING it follows counts; instance_changed
  // stamped after a KILLED that came first changes nothing.
  Words w(4);
  Script s("1.4.13");
  Listens(s.Lists(w.App({.checks = 1})));
  w.now = 20'000;
  s.Event(w.Status(kOne, "TASK_RUNNING"));
  w.now = 19'989;
  s.Event(w.Alive(kOne, true));
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  s.Event(w.Status(kOne, "TASK_KILLED"));
  w.now = 30'000;
  s.Event(w.Changed(kOne, "Running")).Event(w.Alive(kOne, true)).Settle();
  CHECK(s.Sees().empty());
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 30: the port of a killed task is another's before its end is told") {
  Words w(8);
  Script s("1.8.180");
  const Who next{.number = 2, .ports = kOne.ports};
  Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
  s.Event(w.Status(next, "TASK_RUNNING"));
  CHECK(s.Wants() == Lines{w.Line(next, "passing")});  // never both
  s.Event(w.Status(kOne, "TASK_KILLED"));
  CHECK(s.Wants() == Lines{w.Line(next, "passing")});  // by the task's id, not by its address
  s.Event(w.Status(kOne, "TASK_RUNNING")).Lists(w.App({.listed = {w.Listed(next, "TASK_RUNNING")}}));
  s.Settle();
  CHECK(s.Wants() == Lines{w.Line(next, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 31: RUNNING after a word that was not the end, and after one that was") {
  Words w(8);
  Script s("1.8.180");
  Listens(s.Lists(
      w.App({.instances = 2, .listed = {w.Listed(kOne, "TASK_RUNNING"), w.Listed(kTwo, "TASK_RUNNING")}})));
  s.Event(w.Status(kOne, "TASK_UNREACHABLE")).Event(w.Status(kTwo, "TASK_KILLED"));
  CHECK(s.Sees() == Lines{w.Line(kOne, "if-there critical")});
  s.Lists(w.App({.instances = 2, .listed = {w.Listed(kOne, "TASK_RUNNING")}}));
  s.Event(w.Status(kOne, "TASK_RUNNING")).Event(w.Status(kTwo, "TASK_RUNNING"));
  CHECK(s.Wants().empty());  // it may be an old word
  s.Answer();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.violation() == "");
}

}  // namespace
}  // namespace dispatcher::irregularities
