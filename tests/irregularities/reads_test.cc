// What reads leave out, and when.
#include "tests/irregularities/words.h"
#include "tests/support/catch.h"

namespace dispatcher::irregularities {
namespace {

TEST_CASE("irregularity 51: an app without tasks is an app, not an error") {
  // 0.15.3 answered /v2/tasks with 404 then; that address is never asked.
  Words w(1);
  Script s("0.15.3");
  Listens(s.Lists(w.App({.instances = 0})));
  CHECK(s.Sees().empty());
  CHECK(s.stage().catalog().Build({"/web", 0})->want == Want::kYes);
  CHECK(s.reads() == 2);  // info and the snapshot
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 52: after a failover health is unknown, for a while or for ever") {
  for (const char* empty : {"", "[]"}) {
    Words w(4);
    Script s("1.4.1");
    const auto app = [&](const std::string& results) {
      return w.App(
          {.instances = 2,
           .checks = 1,
           .listed = {w.Listed(kOne, "TASK_RUNNING", results), w.Listed(kTwo, "TASK_RUNNING", results)}});
    };
    Listens(s.Lists(app("[" + Words::Result(true, 1'000) + "]")));
    const Lines both{w.Line(kOne, "passing"), w.Line(kTwo, "passing")};
    CHECK(s.Wants() == both);
    s.Lose().Leads("m2:8080").Lists(app(empty)).Attach().Settle();
    CHECK(s.Wants() == both);
    for (int i = 0; i < 5; ++i) {
      s.Pass(std::chrono::hours(1)).Snapshot();
    }
    CHECK(s.Wants() == both);
    // Who starts now knows of neither: nothing is created, nothing removed.
    Script fresh("1.4.1");
    Listens(fresh.Lists(app(empty)));
    CHECK(fresh.Sees() == Lines{w.Line(kOne, "if-there unknown"), w.Line(kTwo, "if-there unknown")});
    CHECK(s.violation() + fresh.violation() == "");
  }
}

TEST_CASE("irregularity 54: a task that started after the read of everything began") {
  Words w(4);
  Script s("1.4.13");
  Listens(s.Lists(w.App({.instances = 2, .listed = {w.Listed(kOne, "TASK_RUNNING")}})));
  s.Lose().Attach();
  s.Begin().Begin();  // info and the snapshot, which does not list the second
  s.Event(w.Status(kTwo, "TASK_RUNNING"));
  s.End().End();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing"), w.Line(kTwo, "passing")});
  // One that ended in the meantime and is still listed stays dead.
  s.Lists(
      w.App({.instances = 2, .listed = {w.Listed(kOne, "TASK_RUNNING"), w.Listed(kTwo, "TASK_RUNNING")}}));
  s.Lose().Attach().Begin().Begin();
  s.Event(w.Status(kOne, "TASK_FAILED"));
  s.End().End();
  CHECK(s.Wants() == Lines{w.Line(kTwo, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 55: killed for its health: announced, and then told again when it is over") {
  for (const int minor : {1, 3, 4, 8}) {
    Words w(minor);
    Script s("1." + std::to_string(minor) + ".1");
    Listens(s.Lists(w.App({.checks = 1})));
    s.Event(w.Status(kOne, "TASK_RUNNING")).Event(w.Alive(kOne, true)).Event(w.Failed(kOne));
    CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
    s.Event(w.Kill(kOne));
    CHECK(s.Wants().empty());
    const int reads = s.reads();
    s.Event(w.Status(kOne, "TASK_KILLED")).Event(w.Kill(kOne)).Event(w.Alive(kOne, true)).Answer();
    CHECK(s.Sees().empty());
    CHECK(s.reads() == reads);
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 56: on a container network ipAddresses are all there is, and the kill comes first") {
  const std::string cni =
      R"(,"container":{"portMappings":[{"containerPort":8080}]},"networks":[{"mode":"container","name":"n"}])";
  Words w(8);
  const Who one{.number = 1, .ports = {}, .ips = {"192.168.1.7"}};
  const Who two{.number = 2, .host = "10.0.0.2", .ports = {}, .ips = {"192.168.1.8"}};
  const auto text = [&](const std::vector<std::string>& tasks) {
    std::string app = w.App({.more = cni, .listed = tasks});
    const std::string twice = R"(,"networks":[{"mode":"host"}])";
    return app.erase(app.find(twice), twice.size());
  };
  Script s("1.8.180");
  Listens(s.Lists(text({w.Listed(one, "TASK_RUNNING")})));
  CHECK(s.Wants() == Lines{w.Task(one) + " 192.168.1.7:8080 passing"});
  s.Event(w.Status(two, "TASK_RUNNING"));
  CHECK(s.Wants() ==
        Lines{w.Task(one) + " 192.168.1.7:8080 passing", w.Task(two) + " 192.168.1.8:8080 passing"});
  // Rolled to another agent: whatever word of the kill is first, it leaves then.
  s.Event(w.Changed(one, "Killing"));
  CHECK(s.Wants() == Lines{w.Task(two) + " 192.168.1.8:8080 passing"});
  s.Event(w.Status(one, "TASK_KILLED"));
  CHECK(s.Wants() == Lines{w.Task(two) + " 192.168.1.8:8080 passing"});
  CHECK(s.violation() == "");
}

}  // namespace
}  // namespace dispatcher::irregularities
