// `--adopt allegro`: what allegro/marathon-consul registered makes way for ours.
#include "tests/contract/consul_rig.h"
#include "tests/contract/scripts.h"
#include "tests/contract/subjects.h"
#include "tests/support/allegro.h"
#include "tests/support/catch.h"
#include "tests/support/fake_consul.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

AllegroEntry AllegroOf(const std::string& task, const std::string& address, int port = 31000) {
  return {.task = task, .name = "web", .address = address, .port = port};
}

std::vector<Adoption> AdoptAllegro(Adapter& adapter, const Service& service, bool dry_run = false,
                                   const std::string& tag = "marathon") {
  AdoptionRequest request;
  request.from = Maker::kAllegro;
  request.whose = tag;
  return AdoptAs(request, adapter, {service}, dry_run);
}

struct AllegroRig : ConsulRig {
  explicit AllegroRig(const std::string& mode = "catalog", const std::string& publish = "instances")
      : ConsulRig(mode, publish) {}
  void Register(const std::string& body, const std::string& host = "10.0.0.1") {
    Put("/agent/" + host + "/v1/agent/service/register", body);
  }
  void Register(const AllegroEntry& entry) { Register(BodyOf(entry), entry.address); }
};

Service TaggedWeb(Condition condition = Condition::kPassing) {
  Profile profile;
  profile.tags = {"urlprefix-/web"};
  return MakeService("/web", {{"web.1", "10.0.0.1", 31000, condition}, {"web.2", "10.0.0.2"}}, profile);
}

TEST_CASE("marathon-consul: its entries go at their agents, each once ours stands") {
  const std::string mode = GENERATE(std::string("catalog"), std::string("agent"));
  INFO(mode);
  AllegroRig rig(mode);
  AllegroEntry one = AllegroOf("web.1", "10.0.0.1"), two = AllegroOf("web.2", "10.0.0.2");
  one.tags = two.tags = {"urlprefix-/web"};
  two.id = "web.2";  // as early versions called it
  rig.Register(one);
  rig.Register(two);
  const std::string both =
      "service web.1_web_31000 on node node-10.0.0.1\n|service web.2 on node node-10.0.0.2\n";
  const auto all = [&](const std::string& word) {
    return word + both.substr(0, both.find('|')) + word + both.substr(both.find('|') + 1);
  };
  CHECK(Outcomes(AdoptAllegro(*rig.adapter, TaggedWeb())) == all("left "));
  CHECK(Reasons(AdoptAllegro(*rig.adapter, TaggedWeb())) ==
        "ours does not stand beside it\nours does not stand beside it\n");

  const Entries wanted = Rendered(*rig.adapter, TaggedWeb());
  CHECK(AllOk(WriteAll(*rig.adapter, Puts(wanted))));
  const int writes = rig.fake.writes();
  CHECK(Outcomes(AdoptAllegro(*rig.adapter, TaggedWeb(), true)) == all("would "));
  CHECK(rig.fake.writes() == writes);
  CHECK(Outcomes(AdoptAllegro(*rig.adapter, TaggedWeb())) == all("taken "));
  CHECK(rig.fake.writes() == writes + 2);
  CHECK_FALSE(rig.fake.HasService("node-10.0.0.1", "web.1_web_31000"));
  CHECK_FALSE(rig.fake.HasService("node-10.0.0.2", "web.2"));
  CHECK(Difference(*rig.adapter, wanted) == "");
  CHECK(AdoptAllegro(*rig.adapter, TaggedWeb()).empty());
}

TEST_CASE("marathon-consul: what is not just as it makes them stays, and it is said why") {
  struct Case {
    std::string why;
    AllegroEntry entry;
    std::string meta = {};
  };
  const auto with = [](auto change) {
    AllegroEntry entry = AllegroOf("web.1", "10.0.0.1");
    change(entry);
    return entry;
  };
  const std::vector<Case> cases = {
      {"no task web.9 runs and is published here", AllegroOf("web.9", "10.0.0.1")},
      {"its address is 10.0.0.1:31009, that of ours is 10.0.0.1:31000",
       AllegroOf("web.1", "10.0.0.1", 31009)},
      {"ours of that task is called web: who asks for the old name would find nobody",
       with([](AllegroEntry& entry) { entry.name = "shop.web"; })},
      {"it has the tag v1, ours has not", with([](AllegroEntry& entry) { entry.tags = {"v1"}; })},
      {"its id is not as marathon-consul makes it", with([](AllegroEntry& entry) { entry.id = "web-1"; })},
      {"it has not exactly one tag marathon-task:<task id>",
       with([](AllegroEntry& entry) { entry.tags = {"marathon-task:web.2"}; })},
      {"it lacks the tag marathon: if its maker had another consul-tag, say allegro:TAG",
       with([](AllegroEntry& entry) { entry.tag = "west"; })},
      {"it is another dispatcher's", AllegroOf("web.1", "10.0.0.1"),
       R"(,"Meta":{"dispatcher-owner":"other"})"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    AllegroRig rig;
    std::string body = BodyOf(c.entry);
    body.insert(body.size() - 1, c.meta);
    rig.Register(body);
    CHECK(AllOk(WriteAll(*rig.adapter, Puts(Rendered(*rig.adapter, TaggedWeb())))));
    const int writes = rig.fake.writes();
    const auto adoptions = AdoptAllegro(*rig.adapter, TaggedWeb());
    CHECK(Reasons(adoptions) == c.why + "\n");
    CHECK(Outcomes(adoptions).starts_with("left "));
    CHECK(rig.fake.writes() == writes);
  }
  // What only a person could have called so is nobody's.
  AllegroRig rig;
  rig.Register(R"({"ID":"db","Name":"db","Port":5432,"Tags":["v1"]})");
  CHECK(AdoptAllegro(*rig.adapter, TaggedWeb()).empty());
  // Another tag is asked for by its name.
  AllegroEntry west = AllegroOf("web.1", "10.0.0.1");
  west.tag = "west";
  rig.Register(west);
  CHECK(AllOk(WriteAll(*rig.adapter, Puts(Rendered(*rig.adapter, TaggedWeb())))));
  CHECK(Outcomes(AdoptAllegro(*rig.adapter, TaggedWeb(), false, "west")).starts_with("taken "));
}

TEST_CASE("marathon-consul: where ours is critical, or a name stands for a router, its entries stay") {
  const std::string mode = GENERATE(std::string("catalog"), std::string("agent"));
  AllegroRig rig(mode);
  rig.Register(AllegroOf("web.1", "10.0.0.1"));
  CHECK(AllOk(WriteAll(*rig.adapter, Puts(Rendered(*rig.adapter, TaggedWeb(Condition::kCritical))))));
  CHECK(Reasons(AdoptAllegro(*rig.adapter, TaggedWeb(Condition::kCritical))) == "ours is critical\n");
  CHECK(AllOk(WriteAll(*rig.adapter, Puts(Rendered(*rig.adapter, TaggedWeb())))));
  CHECK(Outcomes(AdoptAllegro(*rig.adapter, TaggedWeb())).starts_with("taken "));

  AllegroRig router(mode, "router");
  router.Register(AllegroOf("web.1", "10.0.0.1"));
  CHECK(Reasons(AdoptAllegro(*router.adapter, TaggedWeb())).find("set publish: instances") !=
        std::string::npos);
}

TEST_CASE("marathon-consul: the real agent lets go of its entry, and a passing one is found all the time") {
  std::string why;
  RealConsul* const real = SharedConsul(why);
  if (real == nullptr) {
    WARN("skipped: " << why);
    return;
  }
  for (const std::string mode : {"catalog", "agent"}) {
    INFO(mode);
    const std::string owner = FreshOwner(), name = "allegro-" + owner, task = name + ".1";
    const auto adapter = *MakeConsulAdapter(RealOptions(*real, owner, mode));
    AllegroEntry entry = {.task = task, .name = name, .address = "127.0.0.2", .port = 31000};
    REQUIRE(real->agent->Put("/v1/agent/service/register", BodyOf(entry)).ok());
    PassingWatch watch(real->server->url(), name);
    REQUIRE(WaitFor([&] { return watch.found() > 0; }));
    const Service service = MakeService("/" + name, {{task, "127.0.0.2"}});
    const Entries wanted = Rendered(*adapter, service);
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(WaitFor([&] {
      return Outcomes(AdoptAllegro(*adapter, service)).find("taken service " + task) != std::string::npos;
    }));
    CHECK(WaitFor([&] {
      const auto left = real->server->Get("/v1/catalog/service/" + name);
      return left.ok() && left->root().size() == 1 &&
             left->root().At(0)["ServiceID"].StringOr("").starts_with(owner + ":");
    }));
    const int before = watch.found();
    CHECK(WaitFor([&] { return watch.found() > before + 5; }));
    CHECK(watch.Stop() == "");
    CHECK_FALSE(real->agent->Get("/v1/agent/services")->root()[entry.Id()].exists());
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
  }
}

}  // namespace
}  // namespace dispatcher::testing
