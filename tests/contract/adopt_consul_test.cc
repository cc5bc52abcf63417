// `--adopt scripts` in Consul: the entry that register-service made makes way for ours.
#include "adapters/consul/catalog_adapter.h"
#include "tests/contract/consul_rig.h"
#include "tests/contract/scripts.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/fake_consul.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

Service WebAt(int port = 10000, const std::string& app = "/web") {
  Profile profile;
  profile.service_port = port;
  return MakeService(app, {{"web.1", "10.0.0.1"}}, profile);
}

struct Rig : ConsulRig {
  explicit Rig(const std::string& mode = "catalog", const std::string& publish = "router")
      : ConsulRig(mode, publish) {}
  // As register-service, at the router's agent.
  void Register(const std::map<std::string, std::string>& replace = {}) {
    for (const ScriptCall& call : CallsOf("register-service", "consul", replace)) {
      Put("/agent/10.0.0.9" + call.path, call.body);
    }
  }
  bool HasTheirs() const { return fake.HasService("node-10.0.0.9", "web"); }
};

TEST_CASE("Consul: the scripts' entry goes at its own agent once ours stands") {
  const std::string mode = GENERATE(std::string("catalog"), std::string("agent"));
  INFO(mode);
  Rig rig(mode);
  rig.Register();
  CHECK(Outcomes(AdoptScripts(*rig.adapter, {WebAt()})) == "left service web on node node-10.0.0.9\n");
  CHECK(rig.HasTheirs());

  const Entries wanted = Rendered(*rig.adapter, WebAt());
  CHECK(AllOk(WriteAll(*rig.adapter, Puts(wanted))));
  const int writes = rig.fake.writes();
  CHECK(Outcomes(AdoptScripts(*rig.adapter, {WebAt()}, true)) == "would service web on node node-10.0.0.9\n");
  CHECK(rig.fake.writes() == writes);
  CHECK(Outcomes(AdoptScripts(*rig.adapter, {WebAt()})) == "taken service web on node node-10.0.0.9\n");
  CHECK_FALSE(rig.HasTheirs());
  CHECK(rig.fake.writes() == writes + 1);
  CHECK(Difference(*rig.adapter, wanted) == "");
  // Once more: there is nothing to take any more.
  CHECK(AdoptScripts(*rig.adapter, {WebAt()}).empty());
}

TEST_CASE("Consul: what is not just as register-service makes it stays, and it is said why") {
  struct Case {
    std::map<std::string, std::string> replace;
    std::string why;
  };
  const std::vector<Case> cases = {
      {{{"\"Port\":10000", "\"Port\":10001"}}, "its port is 10001, that of ours is 10000"},
      {{{"\"Tags\":[]", "\"Tags\":[\"v1\"]"}}, "it has tags"},
      {{{"\"ID\":\"web\"", "\"ID\":\"web-1\""}}, "its id is not its name"},
      {{{"\"Port\"", "\"Address\":\"10.0.0.7\",\"Port\""}}, "it has an address of its own"},
      {{{"\"Port\"", "\"Meta\":{\"dispatcher-owner\":\"other\"},\"Port\""}}, "it is another dispatcher's"},
      {{{"\"web\"", "\"old\""}}, "no app that is published here is called so"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    Rig rig;
    rig.Register(c.replace);
    CHECK(AllOk(WriteAll(*rig.adapter, Puts(Rendered(*rig.adapter, WebAt())))));
    const int writes = rig.fake.writes();
    CHECK(Reasons(AdoptScripts(*rig.adapter, {WebAt()})) == c.why + "\n");
    CHECK(rig.fake.writes() == writes);
  }
  // Where a name stands for the instances, ours is no replacement.
  Rig instances("catalog", "instances");
  instances.Register();
  CHECK(Reasons(AdoptScripts(*instances.adapter, {WebAt()})).find("publish: router") != std::string::npos);
  CHECK(instances.HasTheirs());
}

TEST_CASE(
    "Consul: an entry without an agent is for its maker to take away, and a dead agent's is tried again") {
  Rig rig;
  rig.Put(
      "/v1/txn",
      R"([{"Node":{"Verb":"set","Node":{"Node":"outside","Address":"10.0.0.8"}}},)"
      R"({"Service":{"Verb":"set","Node":"outside","Service":{"ID":"web","Service":"web","Port":10000}}}])");
  CHECK(AllOk(WriteAll(*rig.adapter, Puts(Rendered(*rig.adapter, WebAt())))));
  CHECK(Reasons(AdoptScripts(*rig.adapter, {WebAt()})) ==
        "its node runs no agent: take it out of the catalog by hand\n");
  rig.Register();
  rig.fake.KillAgent("10.0.0.9", true);
  CHECK(Outcomes(AdoptScripts(*rig.adapter, {WebAt()})).find("failed service web on node node-10.0.0.9") !=
        std::string::npos);
  rig.fake.KillAgent("10.0.0.9", false);
  CHECK(Outcomes(AdoptScripts(*rig.adapter, {WebAt()})).find("taken service web on node node-10.0.0.9") !=
        std::string::npos);
}

TEST_CASE("Consul: the real one lets go of the scripts' entry, and the name resolves all the time") {
  std::string why;
  RealConsul* const real = SharedConsul(why);
  if (real == nullptr) {
    WARN("skipped: " << why);
    return;
  }
  const std::string owner = FreshOwner(), name = "adopt-" + owner;
  ConsulOptions options = RealOptions(*real, owner, "catalog");
  options.publish = "router";
  options.router_address = "127.0.0.2";
  const auto adapter = *MakeConsulAdapter(options);
  for (const ScriptCall& call : CallsOf("register-service", "consul", {{"\"web\"", "\"" + name + "\""}})) {
    REQUIRE(real->agent->Put(call.path, call.body).ok());
  }
  const auto ids = [&] {
    std::string found;
    const auto entries = real->server->Get("/v1/catalog/service/" + name);
    for (size_t i = 0; entries.ok() && i < entries->root().size(); ++i) {
      found += entries->root().At(i)["ServiceID"].StringOr("") + " ";
    }
    return found;
  };
  REQUIRE(WaitFor([&] { return ids() == name + " "; }));
  const Entries wanted = Rendered(*adapter, WebAt(10000, "/" + name));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(Outcomes(AdoptScripts(*adapter, {WebAt(10000, "/" + name)})).find("taken service " + name) !=
        std::string::npos);
  const std::string ours = owner + ":_" + name + ":0~ ";
  CHECK(WaitFor([&] { return ids() == ours; }));
  CHECK_FALSE(real->agent->Get("/v1/agent/services")->root()[name].exists());
  CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
}

}  // namespace
}  // namespace dispatcher::testing
