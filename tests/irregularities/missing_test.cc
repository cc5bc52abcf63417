// What is never said, or never arrives.
#include "tests/irregularities/words.h"
#include "tests/support/catch.h"

namespace dispatcher::irregularities {
namespace {

TEST_CASE("irregularity 1: RUNNING is told once, or again and again, and never to who comes later") {
  Words w(1);
  Script s("1.1.1");
  s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})).Attach();
  CHECK(s.Wants().empty());
  s.Settle();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  const int reads = s.reads();
  for (int i = 0; i < 10; ++i) {
    s.Event(w.Status(kOne, "TASK_RUNNING")).Settle();
  }
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.reads() == reads);
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 2: one client does not get what others get") {
  Words w(1);
  Script s("1.1.1");
  Listens(s.Lists(w.App({.instances = 2})));
  s.Event(w.Status(kOne, "TASK_RUNNING"));
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  s.Lists(
      w.App({.instances = 2, .listed = {w.Listed(kOne, "TASK_RUNNING"), w.Listed(kTwo, "TASK_RUNNING")}}));
  s.Snapshot();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing"), w.Line(kTwo, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 3: events seconds late, a deployment_success that never comes") {
  Words w(4);
  CatalogPolicy policy;
  policy.route_when = RouteWhen::kReady;
  Script s("1.4.2", policy);
  const std::string ready = R"(,"readinessChecks":[{"name":"r","portName":"http"}])";
  Listens(s.Lists(w.App({.more = ready})));
  s.Event(w.Deployment("info", "ScaleApplication", 0));
  s.Lists(w.App({.more = ready, .listed = {w.Listed(kOne, "TASK_RUNNING")}, .deployment = "plan-0"}));
  s.Snapshot();
  CHECK(s.Sees() == Lines{w.Line(kOne, "if-there unknown")});
  // Six seconds later the event of what was read long since.
  s.Pass(std::chrono::seconds(6)).Event(w.Status(kOne, "TASK_RUNNING")).Settle();
  CHECK(s.Sees() == Lines{w.Line(kOne, "if-there unknown")});
  s.Lists(w.App({.more = ready, .listed = {w.Listed(kOne, "TASK_RUNNING")}})).Snapshot();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 4: a full buffer drops in silence up to 1.7, and ends the stream from 1.8 on") {
  for (const int minor : {6, 8}) {
    Words w(minor);
    Script s(minor == 6 ? "1.6.322" : "1.8.180");
    Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
    // Dropped: KILLED of the first, RUNNING of the second.
    s.Lists(w.App({.listed = {w.Listed(kTwo, "TASK_RUNNING")}}));
    if (minor == 6) {
      s.Snapshot();  // the next one that is due
    } else {
      s.Lose();
      CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
      s.Attach().Answer();
    }
    CHECK(s.Wants() == Lines{w.Line(kTwo, "passing")});
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 5: the rest of a batch is lost and the stream goes on") {
  Words w(6);
  Script s("1.6.322");
  Listens(s.Lists(w.App({.instances = 2, .listed = {w.Listed(kOne, "TASK_RUNNING")}})));
  s.Event(w.Status(kTwo, "TASK_RUNNING"));
  // Lost: KILLED of the first, RUNNING of the third. What comes then is as ever.
  s.Event(w.Changed(kThree, "Running"));
  CHECK(s.Sees() == Lines{w.Line(kOne, "yes passing"), w.Line(kTwo, "yes passing")});
  s.Lists(
      w.App({.instances = 2, .listed = {w.Listed(kTwo, "TASK_RUNNING"), w.Listed(kThree, "TASK_RUNNING")}}));
  s.Answer();  // which the event without its status_update asked for
  CHECK(s.Sees() == Lines{w.Line(kTwo, "yes passing"), w.Line(kThree, "yes passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 6: two tasks come back from LOST and one is told") {
  Words w(3);
  Script s("1.3.14");
  const std::string both =
      w.App({.instances = 2, .listed = {w.Listed(kOne, "TASK_RUNNING"), w.Listed(kTwo, "TASK_RUNNING")}});
  Listens(s.Lists(both));
  s.Event(w.Status(kOne, "TASK_LOST")).Event(w.Status(kTwo, "TASK_LOST"));
  CHECK(s.Sees().empty());
  s.Event(w.Status(kOne, "TASK_RUNNING"));
  CHECK(s.Sees().empty());  // that alone may be an old word
  s.Answer();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing"), w.Line(kTwo, "passing")});
  // A second LOST is not told: nobody can know before a read.
  s.Lists(w.App({.instances = 2, .listed = {w.Listed(kTwo, "TASK_RUNNING")}})).Snapshot();
  CHECK(s.Wants() == Lines{w.Line(kTwo, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 7: the end of a task that Marathon had forgotten") {
  Words three(3), four(4);
  for (const auto& [minor, event] : std::vector<std::pair<int, std::string>>{
           {1, ""},  // not told before 1.3.1
           {3,
            three.Raw("unknown_task_terminated_event",
                      R"("taskId":")" + three.Task(kOne) + R"(","runSpecId":"/web","status":"TASK_KILLED")")},
           {4, four.Raw("unknown_instance_terminated_event",
                        R"("instanceId":")" + four.Instance(kOne) +
                            R"(","runSpecId":"/web","condition":"Running")")}}) {
    Words w(minor);
    Script s("1." + std::to_string(minor) + ".1");
    Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
    s.Lists(w.App({.listed = {w.Listed(kTwo, "TASK_RUNNING")}}));
    if (event.empty()) {
      s.Snapshot();
      CHECK(s.Wants() == Lines{w.Line(kTwo, "passing")});
    } else {
      s.Event(event);
      CHECK(s.Wants().empty());
    }
    s.Event(w.Status(kOne, "TASK_RUNNING"));  // late
    CHECK(s.Wants() == (event.empty() ? Lines{w.Line(kTwo, "passing")} : Lines{}));
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 8: a kill is told when it is over, unless TASK_KILLING is enabled") {
  for (const bool killing : {false, true}) {
    Words w(4);
    Script s("1.4.13");
    Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
    s.Event(w.Deployment("info", "ScaleApplication", 1000)).Settle();
    CHECK(s.Wants().size() == 1);
    if (killing) {
      s.Event(w.Status(kOne, "TASK_KILLING")).Event(w.Changed(kOne, "Killing"));
    }
    CHECK(s.Wants().size() == (killing ? 0 : 1));
    s.Pass(std::chrono::seconds(60)).Event(w.Status(kOne, "TASK_KILLED")).Event(w.Changed(kOne, "Killed"));
    CHECK(s.Sees().empty());
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 9: no api_post_event for a restart or a delete") {
  Words w(8);
  Script s("1.8.180");
  Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
  const Who next{.number = 2, .version = 5'000};
  s.Event(w.Deployment("info", "RestartApplication", 5'000));
  s.Lists(
      w.App({.version = 5'000, .listed = {w.Listed(kOne, "TASK_RUNNING"), w.Listed(next, "TASK_RUNNING")}}));
  s.Answer();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing"), w.Line(next, "passing")});
  s.Event(w.Deployment("success", "RestartApplication", 5'000));
  s.Unlists("/web").Event(w.Deployment("info", "StopApplication", 9'000));
  CHECK(s.Wants().empty());
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 10: one that turned unhealthy while nobody led is never told to be") {
  Words w(4);
  Script s("1.4.13");
  const auto listed = [&](bool alive, WallMs at) {
    return w.App(
        {.checks = 1, .listed = {w.Listed(kOne, "TASK_RUNNING", "[" + Words::Result(alive, at) + "]")}});
  };
  Listens(s.Lists(listed(true, 1'000)));
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  s.Lose().Lists(w.App({.checks = 1, .listed = {w.Listed(kOne, "TASK_RUNNING")}}));
  s.Leads("m2:8080").Attach().Answer();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});  // no result says nothing
  s.Lists(listed(false, 60'000)).Snapshot();
  CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 11: an instance is expunged: Killed without any status_update") {
  for (const int minor : {4, 8}) {
    Words w(minor);
    Script s("1." + std::to_string(minor) + ".13");
    Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
    s.Event(w.Status(kOne, "TASK_UNREACHABLE")).Event(w.Changed(kOne, "Unreachable"));
    CHECK(s.Sees() == Lines{w.Line(kOne, "if-there critical")});
    s.Event(w.Changed(kOne, "Killed"));
    CHECK(s.Sees().empty());
    s.Event(w.Status(kOne, "TASK_RUNNING")).Answer();  // the agent is back
    CHECK(s.Sees().empty());
    CHECK(s.violation() == "");
  }
  // Of one that nothing was heard of before: its RUNNING comes late.
  Words w(4);
  Script s("1.4.13");
  Listens(s.Lists(w.App({})));
  s.Event(w.Changed(kTwo, "Killed")).Event(w.Status(kTwo, "TASK_RUNNING"));
  CHECK(s.Sees().empty());
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 12: scaled to nothing or deleted: what is told and what is still listed") {
  Words w(1);
  Script s("1.1.1");
  Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
  // To zero: no app_terminated_event, the service stays.
  s.Lists(w.App({.version = 2'000, .instances = 0}));
  s.Event(w.Deployment("info", "ScaleApplication", 2'000)).Event(w.Status(kOne, "TASK_KILLED")).Settle();
  CHECK(s.Sees().empty());
  CHECK(s.stage().catalog().Build({"/web", 0})->want == Want::kYes);
  // Up again, then deleted: REST has it no more, its task still speaks.
  const Who again{.number = 2, .version = 3'000};
  s.Lists(w.App({.version = 3'000, .listed = {w.Listed(again, "TASK_RUNNING")}})).Snapshot();
  CHECK(s.Wants() == Lines{w.Line(again, "passing")});
  s.Unlists("/web").Event(w.Deployment("info", "StopApplication", 4'000)).Settle();
  CHECK(s.Wants().empty());
  s.Event(w.Status(again, "TASK_RUNNING")).Settle();
  CHECK(s.Wants().empty());
  s.Event(w.Status(again, "TASK_KILLED")).Event(w.Of("app_terminated_event")).Settle();
  CHECK(s.Sees().empty());
  CHECK(s.stage().catalog().Build({"/web", 0})->want == Want::kNo);
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 13: tasks whose version was collected have no health after a failover") {
  Words w(4);
  Script s("1.4.13");
  const Who old = kOne, next{.number = 2, .version = 5'000};
  const auto listed = [&](const std::string& of_old) {
    return w.App({.version = 5'000,
                  .instances = 2,
                  .checks = 1,
                  .listed = {w.Listed(old, "TASK_RUNNING", of_old),
                             w.Listed(next, "TASK_RUNNING", "[" + Words::Result(true, 6'000) + "]")}});
  };
  s.Keeps("/web", At(0), w.App({.checks = 1}));
  Listens(s.Lists(listed("[" + Words::Result(true, 1'000) + "]")));
  CHECK(s.Wants() == Lines{w.Line(old, "passing"), w.Line(next, "passing")});
  s.Lose().Leads("m2:8080").Lists(listed("")).Attach().Settle();
  CHECK(s.Wants() == Lines{w.Line(old, "passing"), w.Line(next, "passing")});
  CHECK(s.violation() == "");
}

}  // namespace
}  // namespace dispatcher::irregularities
