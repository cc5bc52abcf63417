// Ids: six forms side by side, and instances that outlive their tasks.
#include "tests/irregularities/words.h"
#include "tests/support/catch.h"

namespace dispatcher::irregularities {
namespace {

TEST_CASE("irregularity 43: tasks and instances of every form, after an upgrade of Marathon") {
  const std::string uuid = "5dd78972-6771-11e5-94e1-000000000001";
  struct Form {
    std::string task, instance;
  };
  const std::vector<Form> forms = {
      {"web." + uuid, "web.marathon-" + uuid},                        // 0.7 to 1.7
      {"web." + uuid + ".2", "web.marathon-" + uuid},                 // resident, 1.5+
      {"web.instance-" + uuid + "._app.1", "web.instance-" + uuid},   // 1.8+
      {"web.instance-" + uuid + ".$anon", "web.instance-" + uuid},    // 1.4 to 1.7
      {"web.instance-" + uuid + ".nginx.3", "web.instance-" + uuid},  // 1.8+
  };
  Words w(8);
  for (const Form& form : forms) {
    INFO(form.task);
    Script s("1.8.180");
    Listens(s.Lists(w.App({.checks = 1})));
    const auto about = [&](const std::string& state) {
      return w.Raw("status_update_event",
                   R"("slaveId":"S0","taskId":")" + form.task + R"(","taskStatus":")" + state +
                       R"(","message":"","appId":"/web","host":"10.0.0.1","ports":[31001],)" +
                       R"("ipAddresses":[],"version":")" + At(0) + "\"");
    };
    s.Event(about("TASK_RUNNING"));
    s.Event(w.Raw("health_status_changed_event", R"("appId":"/web","instanceId":")" + form.instance +
                                                     R"(","version":")" + At(0) + R"(","alive":true)"));
    CHECK(s.Wants() == Lines{form.task + " 10.0.0.1:31001 passing"});
    s.Event(about("TASK_FAILED"));
    CHECK(s.Sees().empty());
    CHECK(s.violation() == "");
  }
  // 0.6 and before; no instance follows from it, so its own id names its health.
  const std::string ancient = "web_0-1396592784349";
  Script s("0.8.2");
  Words old(1);
  Listens(s.Lists(old.App({})));
  s.Event(old.Raw("status_update_event",
                  R"("taskId":")" + ancient + R"(","taskStatus":"TASK_RUNNING","appId":"/web",)" +
                      R"("host":"10.0.0.1","ports":[31001],"version":")" + At(0) + "\""));
  CHECK(s.Wants() == Lines{ancient + " 10.0.0.1:31001 passing"});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 44: the end of an instance's earlier incarnation, told after the next one began") {
  Words w(8);
  Script s("1.8.180");
  const Who first{.number = 1}, second{.number = 1, .ports = {31009}, .incarnation = 2};
  Listens(s.Lists(w.App({.listed = {w.Listed(first, "TASK_RUNNING")}})));
  s.Event(w.Status(first, "TASK_FAILED")).Event(w.Changed(first, "Provisioned"));
  CHECK(s.Wants().empty());
  s.Lists(w.App({.listed = {w.Listed(second, "TASK_RUNNING")}}));
  s.Event(w.Status(second, "TASK_RUNNING"));
  CHECK(s.Wants() == Lines{w.Line(second, "passing")});
  const int reads = s.reads();
  s.Event(w.Changed(first, "Failed"));  // late, and it names no incarnation
  CHECK(s.Wants() == Lines{w.Line(second, "passing")});
  s.Answer();
  CHECK(s.Wants() == Lines{w.Line(second, "passing")});
  CHECK(s.reads() <= reads + 1);
  s.Event(w.Status(first, "TASK_RUNNING")).Settle();
  CHECK(s.Wants() == Lines{w.Line(second, "passing")});
  s.Event(w.Status(second, "TASK_KILLED"));
  CHECK(s.Sees().empty());
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 57: a resident task begins anew under the id that it had") {
  for (const int minor : {1, 3, 4}) {
    CAPTURE(minor);
    Words w(minor);
    Script s("1." + std::to_string(minor) + ".0");
    const Who first{.number = 1};
    Listens(s.Lists(w.App({.listed = {w.Listed(first, "TASK_RUNNING")}})));
    s.Event(w.Status(first, "TASK_FAILED"));
    const Who second{.number = 1, .ports = {31009}, .staged = w.now + 1000};
    if (minor == 4) {
      s.Event(w.Changed(first, "Failed"));
    }
    s.Snapshot();  // which lists it as it was
    CHECK(s.Wants().empty());
    w.now += 2000;
    s.Lists(w.App({.listed = {w.Listed(second, "TASK_RUNNING")}}));
    s.Event(w.Status(second, "TASK_RUNNING"));
    CHECK(s.Wants().empty());  // it may be an old word
    s.Answer();
    CHECK(s.Wants() == Lines{w.Line(second, "passing")});
    s.Again(0).Answer();
    CHECK(s.Wants() == Lines{w.Line(second, "passing")});
    s.Event(w.Status(second, "TASK_KILLED"));
    CHECK(s.Sees().empty());
    CHECK(s.violation() == "");
  }
}

}  // namespace
}  // namespace dispatcher::irregularities
