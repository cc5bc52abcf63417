// `--adopt owner:OLD` in Vulcand, models and real ones, while requests are answered.
#include "adapters/vulcand/ids.h"
#include "tests/contract/asking.h"
#include "tests/contract/scripts.h"
#include "tests/contract/vulcand_place.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr const char* kOwnedHost = "owned.test";

Service OwnedService(const NamedTask& task, int port) {
  Profile profile;
  profile.hosts = {kOwnedHost, "second.test"};
  profile.service_port = port;
  return MakeService("/owned", {{"owned.1", "127.0.0.1", task.port()}}, profile);
}

// From owner "old" to owner "new".
std::vector<Adoption> Succeed(const VulcandPlace& place, const std::string& engine, const std::string& from,
                              Adapter& adapter, const Service& service) {
  AdoptionRequest request;
  request.from = Maker::kOwner;
  request.whose = from;
  request.predecessor = place.Make(from, engine);
  return AdoptAs(request, adapter, {service});
}

TEST_CASE("Vulcand: another owner's routing becomes ours, and back, while requests are answered") {
  NamedTask task("one");
  OnEachVulcand([&](const VulcandPlace& place) {
    for (const std::string& engine : Engines(place)) {
      INFO(engine);
      const int port = FreePort();
      const std::string listener = "http://127.0.0.1:" + std::to_string(port);
      const Service service = OwnedService(task, port);
      const auto first = place.Make("old", engine);
      CHECK(AllOk(WriteAll(*first, Puts(Rendered(*first, service)))));
      CHECK(WaitFor([&] { return Visit(place.proxy_url, kOwnedHost).first == 200; }));
      CHECK(WaitFor([&] { return Visit(listener, kOwnedHost).first == 200; }));
      Asking through_proxy(place.proxy_url, kOwnedHost), at_second(place.proxy_url, "second.test");
      CHECK(WaitFor([&] { return through_proxy.good() > 20 && at_second.good() > 20; }));
      // There and back: their routes have a blank more or less each time.
      const std::vector<std::pair<std::string, std::string>> ways = {
          {"old", "new"}, {"new", "old"}, {"old", "new"}};
      for (const auto& [from, to] : ways) {
        const auto adapter = place.Make(to, engine);
        const Entries wanted = Rendered(*adapter, service);
        WriteAll(*adapter, Puts(wanted));  // routes and address are theirs
        const auto adoptions = Succeed(place, engine, from, *adapter, service);
        INFO(Outcomes(adoptions) << Reasons(adoptions));
        CHECK(adoptions.size() == wanted.size());
        CHECK(Outcomes(adoptions).find("left ") == std::string::npos);
        CHECK(Outcomes(adoptions).find("failed ") == std::string::npos);
        CHECK(Difference(*adapter, wanted) == "");
        CHECK(ReadAll(*place.Make(from, engine))->empty());
      }
      const int before = through_proxy.good();
      CHECK(WaitFor([&] { return through_proxy.good() > before + 20; }));
      through_proxy.Stop();
      at_second.Stop();
      CHECK(through_proxy.bad() + at_second.bad() == 0);
      CHECK(WaitFor([&] { return Visit(listener, kOwnedHost).second.starts_with("one "); }));
      const auto last = place.Make("new", engine);
      CHECK(AllOk(WriteAll(*last, Deletes(Rendered(*last, service)))));
    }
  });
}

TEST_CASE(
    "Vulcand: a frontend of another owner's that carries more than ours would stays, and what it needs") {
  NamedTask task("one");
  struct Case {
    std::string path, body, remove, why;
  };
  const std::string id = VulcandId("old", {"/owned", 0});
  const std::vector<Case> cases = {
      {"/v2/frontends/" + id + "/middlewares",
       R"({"Middleware":{"Id":"rl","Type":"ratelimit","Priority":0,"Middleware":{"Requests":9,)"
       R"("PeriodSeconds":1,"Burst":9,"Variable":"client.ip"}}})",
       "/v2/frontends/" + id + "/middlewares/rl", "middleware rl hangs on it"},
      {"/v2/frontends",
       R"~({"Frontend":{"Id":"theirs","Type":"http","BackendId":")~" + id +
           R"~(","Route":"Host(\"b.test\")"}})~",
       "/v2/frontends/theirs", "frontend theirs sends requests to its backend, too"},
  };
  OnEachVulcand([&](const VulcandPlace& place) {
    for (const Case& c : cases) {
      INFO(c.why);
      const Service service = OwnedService(task, FreePort());
      const auto first = place.Make("old");
      CHECK(AllOk(WriteAll(*first, Puts(Rendered(*first, service)))));
      REQUIRE(place.Ask("POST", c.path, c.body).first == 200);
      const auto adapter = place.Make("new");
      WriteAll(*adapter, Puts(Rendered(*adapter, service)));
      const auto adoptions = Succeed(place, "api", "old", *adapter, service);
      CHECK(Reasons(adoptions).find(c.why) != std::string::npos);
      CHECK(Outcomes(adoptions).find("left backend " + id) != std::string::npos);
      CHECK(Outcomes(adoptions).find("left server " + id) != std::string::npos);
      CHECK(place.Ask("GET", "/v2/backends/" + id + "/servers/owned.1.0.~").first == 200);
      // Once that is gone it is finished.
      REQUIRE(place.Ask("DELETE", c.remove).first == 200);
      CHECK(Outcomes(Succeed(place, "api", "old", *adapter, service)).find("left ") == std::string::npos);
      CHECK(Difference(*adapter, Rendered(*adapter, service)) == "");
      CHECK(ReadAll(*place.Make("old"))->empty());
      CHECK(AllOk(WriteAll(*adapter, Deletes(Rendered(*adapter, service)))));
    }
  });
}

}  // namespace
}  // namespace dispatcher::testing
