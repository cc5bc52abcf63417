// Fields that are missing, odd or named otherwise.
#include "tests/irregularities/words.h"
#include "tests/support/catch.h"

namespace dispatcher::irregularities {
namespace {

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("irregularity 32: health events name neither host nor ports") {
  for (const int minor : {3, 4, 8}) {
    Words w(minor);
    Script s("1." + std::to_string(minor) + ".14");
    Listens(s.Lists(w.App({.checks = 1})));
    s.Event(w.Alive(kOne, true));
    CHECK(s.Sees().empty());
    s.Lists(w.App(
        {.checks = 1, .listed = {w.Listed(kOne, "TASK_RUNNING", "[" + Words::Result(true, w.now) + "]")}}));
    const int reads = s.reads();
    s.Answer();
    CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
    CHECK(s.reads() == reads + 1);
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 33: no ports while staging, starting or killing, nor host, nor version") {
  Words w(4);
  Script s("1.4.13");
  const Who bare{.number = 1, .ports = {}};
  Listens(s.Lists(w.App({})));
  s.Event(w.Status(bare, "TASK_STAGING")).Event(w.Status(bare, "TASK_STARTING"));
  CHECK(s.Sees().empty());
  s.Event(w.Status(kOne, "TASK_RUNNING"));
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  s.Event(w.Status(bare, "TASK_RUNNING"));  // empty is no fact
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  s.Event(w.Status(bare, "TASK_KILLING"));
  CHECK(s.Wants().empty());
  // 0.8: listed with ports [], host null and the version of 1970.
  Script old("0.8.2");
  Words zero(1);
  const std::string odd =
      Replaced(zero.Listed(bare, "TASK_RUNNING"), R"("host":"10.0.0.1")", R"("host":null)");
  old.Lists(zero.App(
      {.listed = {Replaced(odd, R"("version":")" + At(0), R"("version":"1970-01-01T00:00:00.000Z)")}}));
  Listens(old);
  CHECK(old.Sees().empty());
  old.Event(zero.Status(kOne, "TASK_RUNNING"));
  CHECK(old.Wants() == Lines{zero.Line(kOne, "passing")});
  CHECK(s.violation() + old.violation() == "");
}

TEST_CASE("irregularity 34: ipAddresses missing, empty, or the agent's own") {
  const std::string user =
      R"(,"container":{"docker":{"network":"USER","portMappings":[{"containerPort":80}]}})";
  Who inside{.number = 1, .ports = {}, .ips = {"192.168.1.7"}};
  Who untold = inside;
  untold.ips.clear();
  Words w(4);
  Script s("1.4.13");
  Listens(s.Lists(w.App({.more = user})));
  s.Event(w.Status(untold, "TASK_RUNNING"));
  CHECK(s.Sees().empty());
  s.Lists(w.App({.more = user, .listed = {w.Listed(untold, "TASK_RUNNING")}})).Answer();
  CHECK(s.Sees().empty());  // nothing to connect to yet, and none invented
  s.Lists(w.App({.more = user, .listed = {w.Listed(inside, "TASK_RUNNING")}})).Settle();
  CHECK(s.Wants() == Lines{w.Task(inside) + " 192.168.1.7:80 passing"});
  s.Event(w.Status(untold, "TASK_RUNNING"));
  CHECK(s.Wants() == Lines{w.Task(inside) + " 192.168.1.7:80 passing"});
  // On the agent's network its own address is listed too, and changes nothing.
  Script host("1.1.1");
  Words one(1);
  const Who plain{.number = 1, .ips = {"10.0.0.1"}};
  Listens(host.Lists(one.App({})));
  host.Event(one.Status(plain, "TASK_RUNNING"));
  CHECK(host.Wants() == Lines{one.Line(plain, "passing")});
  CHECK(s.violation() + host.violation() == "");
}

TEST_CASE("irregularity 35: a host called unknown, an empty slaveId or n/a, null host and agentId") {
  Words w(8);
  Script s("1.8.180");
  Listens(s.Lists(w.App({})));
  s.Event(w.Changed(kOne, "Scheduled"));
  const Who nowhere{.number = 1, .host = "unknown", .ports = {}};
  for (const char* slave : {"", "n/a"}) {
    s.Event(Replaced(w.Status(nowhere, "TASK_STAGING"), R"("slaveId":"S0")",
                     std::string(R"("slaveId":")") + slave + "\""));
  }
  CHECK(s.Sees().empty());
  s.Event(w.Status(kOne, "TASK_RUNNING"));
  s.Event(w.Status(nowhere, "TASK_RUNNING"));
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 36: failed_health_check_event: taskId, instanceId, or an instance's id as taskId") {
  for (const int minor : {3, 4, 5, 8}) {
    Words w(minor);
    Script s("1." + std::to_string(minor) + ".14");
    Listens(s.Lists(w.App({.checks = 1})));
    s.Event(w.Status(kOne, "TASK_RUNNING")).Event(w.Alive(kOne, true));
    CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
    s.Event(w.Failed(kOne));
    CHECK(s.Wants() == Lines{w.Line(kOne, "critical")});
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 37: what the documentation shows and no Marathon sends") {
  Words w(4);
  Script s("1.4.13");
  Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
  const int reads = s.reads();
  s.Event(w.Raw("remove_health_check_event", R"("appId":"/web","healthCheck":{"protocol":"HTTP"})"));
  s.Event(w.Raw("framework_message_event", R"("executorId":"e","slaveId":"S0","message":"aGVsbG8=")"));
  s.Event(w.Raw("event_stream_detached", R"("remoteAddress":"10.0.0.9")"));
  s.Event(
      w.Raw("deployment_info", R"("plan":{"id":"p","steps":[{"action":"ScaleApplication","app":"/web"}]})"));
  s.Answer();
  CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
  CHECK(s.reads() <= reads + 1);
  s.Event(w.Status(kOne, "TASK_UNREACHABLE")).Event(w.Changed(kOne, "Unreachable "));
  CHECK(s.Sees() == Lines{w.Line(kOne, "if-there critical")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 38: type up to 1.1.1 and action since, app or pod") {
  for (const int minor : {1, 3, 8}) {
    Words w(minor);
    Script s("1." + std::to_string(minor) + ".1");
    Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
    const std::string stop = w.Deployment("info", "StopApplication", 5'000);
    CHECK((stop.find(R"("type":"StopApplication")") != std::string::npos) == (minor == 1));
    s.Event(stop);
    CHECK(s.Wants().empty());
    CHECK(s.violation() == "");
  }
  Words w(4);
  Script s("1.4.13");
  Listens(s.Lists(w.App({.listed = {w.Listed(kOne, "TASK_RUNNING")}})));
  std::string pods = w.Deployment("info", "StopPod", 5'000);
  for (size_t at = pods.find(R"("app":)"); at != std::string::npos; at = pods.find(R"("app":)")) {
    pods.replace(at, 6, R"("pod":)");
  }
  s.Event(pods);
  CHECK(s.Wants().empty());
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 39: health results that are absent, null or too few say nothing") {
  for (const char* results : {"", "[]", "[null]", "[null,null]"}) {
    INFO(results);
    Words w(1);
    Script s("1.1.1");
    const auto app = [&](const std::string& text) {
      return w.App({.checks = 2, .listed = {w.Listed(kOne, "TASK_RUNNING", text)}});
    };
    const std::string alive = Words::Result(true, 1'000);
    Listens(s.Lists(app(results)));
    CHECK(s.Sees() == Lines{w.Line(kOne, "if-there unknown")});
    s.Lists(app("[" + alive + ",null]")).Snapshot();
    CHECK(s.Wants().empty());
    s.Lists(app("[" + alive + "," + alive + "]")).Snapshot();
    CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
    for (const std::string& fewer : {std::string(results), "[" + Words::Result(true, 9'000) + ",null]"}) {
      s.Lists(app(fewer)).Snapshot();
      CHECK(s.Wants() == Lines{w.Line(kOne, "passing")});
    }
    CHECK(s.violation() == "");
  }
}

TEST_CASE("irregularity 40: GONE_BY_OPERATOR is GONE in lists, UNKNOWN may return, Scheduled is STAGING") {
  Words w(8);
  Script s("1.8.180");
  Listens(s.Lists(
      w.App({.instances = 2, .listed = {w.Listed(kOne, "TASK_RUNNING"), w.Listed(kTwo, "TASK_RUNNING")}})));
  s.Event(w.Status(kOne, "TASK_GONE_BY_OPERATOR"));
  CHECK(s.Wants() == Lines{w.Line(kTwo, "passing")});
  s.Lists(w.App({.instances = 2, .listed = {w.Listed(kOne, "TASK_GONE"), w.Listed(kTwo, "TASK_RUNNING")}}));
  s.Snapshot();
  CHECK(s.Wants() == Lines{w.Line(kTwo, "passing")});
  s.Event(w.Status(kTwo, "TASK_UNKNOWN"));
  CHECK(s.Wants().empty());
  s.Lists(w.App({.instances = 2, .listed = {w.Listed(kTwo, "TASK_RUNNING")}})).Snapshot();
  CHECK(s.Wants() == Lines{w.Line(kTwo, "passing")});
  const Who next{.number = 3};
  s.Lists(
      w.App({.instances = 2, .listed = {w.Listed(kTwo, "TASK_RUNNING"), w.Listed(next, "TASK_STAGING")}}));
  s.Snapshot();
  CHECK(s.Wants() == Lines{w.Line(kTwo, "passing")});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 41: the uri of a request with two slashes") {
  Words w(4);
  Script s("1.4.13");
  Listens(s.Lists(w.App({})));
  const Who other{.number = 2, .app = "/my/app"};
  s.Lists(w.App({.id = "/my/app", .listed = {w.Listed(other, "TASK_RUNNING")}}));
  s.Event(w.Raw("api_post_event",
                R"("clientIp":"10.0.0.9","uri":"/v2/apps//my/app","appDefinition":{"id":"/my/app"})"));
  s.Answer();
  CHECK(s.Wants() == Lines{w.Line(other, "passing")});
  CHECK(s.stage().catalog().Apps() == std::vector<AppId>{"/my/app", "/web"});
  CHECK(s.violation() == "");
}

TEST_CASE("irregularity 42: containers on several agents have the same address") {
  const std::string bridge =
      R"(,"container":{"docker":{"network":"BRIDGE","portMappings":[{"containerPort":80,"hostPort":0}]}})";
  Words w(4);
  Script s("1.4.13");
  const Who one{.number = 1, .ips = {"172.17.0.2"}};
  const Who two{.number = 2, .host = "10.0.0.2", .ips = {"172.17.0.2"}};
  Listens(s.Lists(w.App({.instances = 2, .more = bridge})));
  s.Event(w.Status(one, "TASK_RUNNING")).Event(w.Status(two, "TASK_RUNNING"));
  CHECK(s.Wants() == Lines{w.Line(one, "passing"), w.Line(two, "passing")});
  s.Event(w.Status(one, "TASK_KILLED"));
  CHECK(s.Wants() == Lines{w.Line(two, "passing")});
  CHECK(s.violation() == "");
}

}  // namespace
}  // namespace dispatcher::irregularities
