// publish: router, in both modes: one entry a service, at the router.
#include "adapters/consul/catalog_adapter.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/fake_consul.h"

namespace dispatcher::testing {
namespace {

std::unique_ptr<Adapter> Routed(const FakeConsul& fake, const std::string& mode,
                                const std::string& owner = "dispatcher") {
  ConsulOptions options;
  options.owner = owner;
  options.url = fake.url();
  options.agent_url = fake.agent_url();
  options.mode = mode;
  options.publish = "router";
  options.router_address = "10.0.0.9";
  auto adapter = *MakeConsulAdapter(options);
  adapter->SetFramework("f1");
  return adapter;
}

Service ShopWeb(Profile profile = {}) {
  profile.service_port = 10000;
  return MakeService("/shop/web", {{"shop_web.1", "10.0.0.1"}, {"shop_web.2", "10.0.0.2"}},
                     std::move(profile));
}

TEST_CASE("a name stands for the router at the service's port, whatever the instances do") {
  const std::string mode = GENERATE(std::string("catalog"), std::string("agent"));
  INFO(mode);
  FakeConsul fake;
  const auto adapter = Routed(fake, mode);
  Profile profile;
  profile.names = {"web", "shop"};
  profile.tags = {"a"};
  const Entries wanted = Rendered(*adapter, ShopWeb(profile));
  REQUIRE(wanted.size() == 2);
  for (const auto& [id, entry] : wanted) {
    CHECK(entry.fields.at("address") == "10.0.0.9:10000");
    CHECK(entry.task.empty());
    CHECK(entry.address.empty());
    CHECK(entry.service == ServiceKey{"/shop/web", 0});
    CHECK(entry.framework == "f1");
    CHECK(id.lane == (mode == "agent" ? "10.0.0.9" : ""));
  }
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  const std::string node = mode == "agent" ? "" : "dispatcher-10-0-0-9";
  if (mode == "catalog") {
    CHECK(fake.HasService(node, "dispatcher:_shop_web:0~"));
    CHECK(fake.HasService(node, "dispatcher:_shop_web:0.1~"));
  }
  // A fresh process reads what it would write, and the mark with it.
  const auto fresh = Routed(fake, mode);
  CHECK(Difference(*fresh, wanted) == "");
  const Entries read = *ReadAll(*fresh);
  for (const auto& [id, entry] : read) {
    CHECK(entry.service == ServiceKey{"/shop/web", 0});
    CHECK(entry.framework == "f1");
    CHECK(entry.task.empty());
  }
  // Without instances it is the same.
  Service empty = ShopWeb(profile);
  empty.instances.clear();
  CHECK(Difference(*fresh, Rendered(*fresh, empty)) == "");
  CHECK(AllOk(WriteAll(*fresh, Deletes(wanted))));
  CHECK(Difference(*fresh, {}) == "");
}

TEST_CASE("two owners stand beside each other at one router") {
  FakeConsul fake;
  const auto ours = Routed(fake, "catalog"), theirs = Routed(fake, "catalog", "other");
  const Entries wanted = Rendered(*ours, ShopWeb()), foreign = Rendered(*theirs, ShopWeb());
  CHECK(AllOk(WriteAll(*ours, Puts(wanted))));
  CHECK(AllOk(WriteAll(*theirs, Puts(foreign))));
  CHECK(AllOk(WriteAll(*ours, Deletes(wanted))));
  CHECK(Difference(*theirs, foreign) == "");
  CHECK(Difference(*ours, {}) == "");
}

TEST_CASE("what the router can't carry is not published") {
  FakeConsul fake;
  const auto adapter = Routed(fake, "catalog");
  const auto render = [&](auto change) {
    Service service = ShopWeb();
    Profile profile = *service.profile;
    change(profile);
    service.profile = std::make_shared<const Profile>(std::move(profile));
    return adapter->Render(service);
  };
  const auto portless = render([](Profile& p) { p.service_port = 0; });
  CHECK_FALSE(portless.published);
  CHECK(portless.refusal.find("servicePort") != std::string::npos);
  CHECK(portless.structure.empty());
  CHECK(portless.claims.empty());
  const auto tcp = render([](Profile& p) { p.http = false; });
  CHECK_FALSE(tcp.published);
  CHECK(tcp.refusal.empty());
  const auto asked = render([](Profile& p) {
    p.http = false;
    p.adapters = {"consul"};
  });
  CHECK(asked.refusal.find("not an HTTP port") != std::string::npos);
  CHECK(render([](Profile&) {}).claims.size() == 1);
}

TEST_CASE("publish: router and router_address go together") {
  ConsulOptions options;
  options.publish = "router";
  CHECK(
      Message(MakeConsulAdapter(options).status()) ==
      "adapters.consul.router_address is \"\", may be an address with publish: router, and nothing without");
  options.router_address = "10.0.0.9";
  CHECK(MakeConsulAdapter(options).ok());
  options.publish = "instances";
  CHECK_FALSE(MakeConsulAdapter(options).ok());
}

}  // namespace
}  // namespace dispatcher::testing
