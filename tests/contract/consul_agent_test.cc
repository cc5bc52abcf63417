// What is particular to the agent mode: checks, maintenance, agents that are gone.
#include "adapters/consul/agent_adapter.h"
#include "adapters/consul/checks.h"
#include "adapters/consul/registration.h"
#include "dispatcher/base/json.h"
#include "tests/contract/on_each.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/fake_consul.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

CheckSpec Check(CheckProtocol protocol) {
  CheckSpec check;
  check.protocol = protocol;
  return check;
}

TEST_CASE("Marathon's health checks become Consul's") {
  struct Case {
    std::string name;
    CheckSpec check;
    std::string key, value;  // "" = not mapped
  };
  CheckSpec path = Check(CheckProtocol::kHttp), index = Check(CheckProtocol::kHttps),
            port = Check(CheckProtocol::kTcp), missing = Check(CheckProtocol::kHttp),
            command = Check(CheckProtocol::kCommand);
  path.path = "ping?x=1";
  index.path = "/p";
  index.port_index = 1;
  port.port = 9;
  port.port_index = 1;
  missing.port_index = 2;
  command.command = "test -d /tmp";
  Instance instance;
  instance.address = "10.0.0.1";
  instance.ports = {31000, 31001};
  for (const Case& c : std::vector<Case>{
           {"HTTP", Check(CheckProtocol::kHttp), "HTTP", "http://10.0.0.1:31000/"},
           {"a path without its slash", path, "HTTP", "http://10.0.0.1:31000/ping?x=1"},
           {"HTTPS by index", index, "HTTP", "https://10.0.0.1:31001/p"},
           {"a port wins over an index", port, "TCP", "10.0.0.1:9"},
           {"no such port", missing, "", ""},
           {"MESOS_HTTP", Check(CheckProtocol::kMesosHttp), "HTTP", "http://10.0.0.1:31000/"},
           {"MESOS_HTTPS", Check(CheckProtocol::kMesosHttps), "HTTP", "https://10.0.0.1:31000/"},
           {"MESOS_TCP", Check(CheckProtocol::kMesosTcp), "TCP", "10.0.0.1:31000"},
           {"other", Check(CheckProtocol::kOther), "", ""},
           {"COMMAND", command, "", ""},
       }) {
    INFO(c.name);
    auto profile = std::make_shared<Profile>();
    profile->checks = {c.check};
    instance.profile = profile;
    const MappedChecks mapped = MapChecks(instance, "s", false);
    CHECK(mapped.count == (c.key.empty() ? 0 : 1));
    if (!c.key.empty()) {
      const auto json = JsonDocument::Parse(mapped.json);
      REQUIRE(json.ok());
      const JsonView check = json->root().At(0);
      CHECK(check[c.key].StringOr("") == c.value);
      CHECK(check["Interval"].StringOr("") == "60s");
      CHECK(check["Timeout"].StringOr("") == "20s");
      CHECK(check["TLSSkipVerify"].BoolOr(false) == c.value.starts_with("https:"));
    }
  }
  auto profile = std::make_shared<Profile>();
  profile->checks = {command};
  instance.profile = profile;
  const auto script = JsonDocument::Parse(MapChecks(instance, "s", true).json);
  REQUIRE(script.ok());
  CHECK(script->root().At(0)["Args"].Dump() == R"(["/bin/sh","-c","test -d /tmp"])");
}

TEST_CASE("a new check starts as Marathon sees it, which is no part of its hash") {
  struct Case {
    Condition condition;
    std::string status;
  };
  Instance instance;
  instance.address = "10.0.0.1";
  instance.ports = {1};
  auto profile = std::make_shared<Profile>();
  profile->checks = {Check(CheckProtocol::kTcp)};
  instance.profile = profile;
  const std::string hash = MapChecks(instance, "s", false).hash;
  for (const Case& c : {Case{Condition::kPassing, "passing"}, Case{Condition::kUnknown, "passing"},
                        Case{Condition::kCritical, "critical"}, Case{Condition::kDraining, "critical"}}) {
    instance.condition = c.condition;
    const MappedChecks mapped = MapChecks(instance, "s", false);
    CHECK(JsonDocument::Parse(mapped.json)->root().At(0)["Status"].StringOr("") == c.status);
    CHECK(mapped.hash == hash);
  }
}

Profile WithChecks(std::vector<CheckProtocol> protocols) {
  Profile profile;
  profile.names = {"web"};
  for (const CheckProtocol protocol : protocols) {
    profile.checks.push_back(Check(protocol));
  }
  return profile;
}

TEST_CASE("checks are compared by hash and number, and those that went are removed") {
  const auto agents = [](const std::string& name) { return name.find("agent") != std::string::npos; };
  OnEachOf(agents, [](Subject& subject, const std::string&) {
    const std::string owner = FreshOwner();
    const auto adapter = subject.Make(owner);
    const auto rendered = [&](std::vector<CheckProtocol> protocols) {
      return Rendered(*adapter,
                      MakeService("/web", {{"web.1", subject.hosts()[0]}}, WithChecks(std::move(protocols))));
    };
    for (const auto& protocols : std::vector<std::vector<CheckProtocol>>{
             {CheckProtocol::kTcp, CheckProtocol::kHttp, CheckProtocol::kTcp},
             {CheckProtocol::kHttp},
             {CheckProtocol::kTcp},
             {}}) {
      CHECK(AllOk(WriteAll(*adapter, Puts(rendered(protocols)))));
      CHECK(Difference(*adapter, rendered(protocols)) == "");
    }
  });
}

TEST_CASE("a dead agent's services are taken out of the catalog once its node is known to be down") {
  FakeConsul fake;
  ConsulOptions options;
  options.url = fake.url();
  options.agent_url = fake.agent_url();
  options.mode = "agent";
  const auto adapter = *MakeConsulAdapter(options);
  const Entries wanted = Rendered(*adapter, MakeService("/web", {{"web.1", "10.0.0.2"}}));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  REQUIRE(Difference(*adapter, wanted) == "");
  fake.KillAgent("10.0.0.2", true);
  CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
  CHECK(Difference(*adapter, {}) == "");
}

TEST_CASE("an agent of another datacenter is refused, with what to do") {
  FakeConsul fake;
  fake.MoveAgent("10.0.0.2");
  ConsulOptions options;
  options.url = fake.url();
  options.agent_url = fake.agent_url();
  options.mode = "agent";
  options.datacenter = GENERATE("", "dc1");
  const auto adapter = *MakeConsulAdapter(options);
  const Entries here = Rendered(*adapter, MakeService("/web", {{"web.1", "10.0.0.1"}}));
  CHECK(AllOk(WriteAll(*adapter, Puts(here))));
  const Entries there = Rendered(*adapter, MakeService("/db", {{"db.1", "10.0.0.2"}}));
  const auto refused = WriteAll(*adapter, Puts(there));
  REQUIRE(refused.size() == 1);
  CHECK(refused[0] ==
        absl::FailedPreconditionError(
            "the Consul agent of 10.0.0.2 is of datacenter dc2 and this dispatcher writes to dc1: run "
            "one dispatcher a datacenter, or set adapters.*.datacenter and agent_url"));
  CHECK(Difference(*adapter, here) == "");
}

TEST_CASE("real Consul: an operator's maintenance survives our writes") {
  std::string why;
  RealConsul* real = SharedConsul(why);
  if (real == nullptr) {
    WARN("skipped: " << why);
    return;
  }
  const std::string owner = FreshOwner();
  const auto adapter = *MakeConsulAdapter(RealOptions(*real, owner, "agent"));
  const auto rendered = [&](Condition condition, std::vector<CheckProtocol> protocols) {
    return Rendered(*adapter, MakeService("/web", {{"web.1", "127.0.0.1", 31000, condition}},
                                          WithChecks(std::move(protocols))));
  };
  const Entries wanted = rendered(Condition::kPassing, {CheckProtocol::kTcp});
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  const std::string id = ServiceId(owner, "web.1", 0, 0);
  const auto held = [&] {
    const auto checks = real->server->Get("/v1/agent/checks");
    return checks.ok() && checks->root()["_service_maintenance:" + id].exists();
  };
  REQUIRE(real->server->Put("/v1/agent/service/maintenance/" + id + "?enable=true&reason=operator", "").ok());
  CHECK(AllOk(WriteAll(*adapter, Puts(rendered(Condition::kPassing, {})))));
  CHECK(held());
  CHECK(Difference(*adapter, rendered(Condition::kPassing, {})) == "");
  CHECK(held());
  REQUIRE(real->server->Put("/v1/agent/service/maintenance/" + id + "?enable=false", "").ok());
  // Ours comes when draining, and goes when not.
  CHECK(AllOk(WriteAll(*adapter, Puts(rendered(Condition::kDraining, {})))));
  CHECK(held());
  CHECK(Difference(*adapter, rendered(Condition::kDraining, {})) == "");
  CHECK(AllOk(WriteAll(*adapter, Puts(rendered(Condition::kPassing, {})))));
  CHECK(!held());
  CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
}

TEST_CASE("real Consul: several agents, one of which dies") {
  std::string why;
  RealConsul* real = SharedConsul(why);
  if (real == nullptr) {
    WARN("skipped: " << why);
    return;
  }
  const std::string owner = FreshOwner();
  const auto adapter = *MakeConsulAdapter(RealOptions(*real, owner, "agent"));
  const Entries here = Rendered(*adapter, MakeService("/a", {{"a.1", "127.0.0.1"}}));
  const Entries there = Rendered(*adapter, MakeService("/b", {{"b.1", "127.0.0.2"}}));
  CHECK(AllOk(WriteAll(*adapter, Puts(here))));
  CHECK(AllOk(WriteAll(*adapter, Puts(there))));
  Entries both = here;
  both.insert(there.begin(), there.end());
  REQUIRE(Difference(*adapter, both) == "");

  real->agent->Kill();
  CHECK(AllOk(WriteAll(*adapter, Puts(here))));
  CHECK(WriteAll(*adapter, Puts(there))[0].code() == absl::StatusCode::kUnavailable);
  CHECK(Difference(*adapter, both) == "");  // reading needs the catalog only
  // Consul notices the death after some seconds; until then nothing is taken out.
  std::vector<absl::Status> results;
  CHECK(WaitFor(
      [&] {
        results = WriteAll(*adapter, Deletes(there));
        return AllOk(results);
      },
      std::chrono::seconds(60)));
  CHECK(Difference(*adapter, here) == "");
  CHECK(AllOk(WriteAll(*adapter, Deletes(here))));
  REQUIRE(real->agent->Restart() == absl::OkStatus());
}

TEST_CASE("real Consul: scripts are refused by an agent that does not allow them, as bad input") {
  std::string why;
  RealConsul* real = SharedConsul(why);
  if (real == nullptr) {
    WARN("skipped: " << why);
    return;
  }
  ConsulOptions options = RealOptions(*real, FreshOwner(), "agent");
  options.script_checks = true;
  const auto adapter = *MakeConsulAdapter(options);
  const Entries wanted = Rendered(
      *adapter, MakeService("/web", {{"web.1", "127.0.0.1"}}, WithChecks({CheckProtocol::kCommand})));
  CHECK(WriteAll(*adapter, Puts(wanted))[0].code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace dispatcher::testing
