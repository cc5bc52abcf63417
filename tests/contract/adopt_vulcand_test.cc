// `--adopt scripts` in Vulcand, models and real ones: ours takes the place of what the
// scripts made, and requests are answered all the time.
#include <iostream>

#include "adapters/vulcand/ids.h"
#include "tests/contract/asking.h"
#include "tests/contract/scripts.h"
#include "tests/contract/vulcand_place.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr const char* kHost = "web.service.consul";

Service WebOfTask(const NamedTask& task, int port) {
  Profile profile;
  profile.service_port = port;
  return MakeService("/web", {{"web.1", "127.0.0.1", task.port()}}, profile);
}

// What register-service and register-instance do, for that port and task; `name` for web.
void Register(const VulcandPlace& place, const NamedTask& task, int port, const std::string& name = "web") {
  const std::map<std::string, std::string> replace = {
      {"0.0.0.0:10000", "127.0.0.1:" + std::to_string(port)},
      {"10.0.0.11:31001", "127.0.0.1:" + std::to_string(task.port())},
      {"\"web\"", "\"" + name + "\""},
      {"/web/", "/" + name + "/"},
      {"web.service.consul", name + ".service.consul"}};
  for (const char* script : {"register-service", "register-instance"}) {
    for (const ScriptCall& call : CallsOf(script, "vulcand", replace)) {
      REQUIRE(place.Ask(call.method, call.path, call.body).first == 200);
    }
  }
}

bool Has(const VulcandPlace& place, const std::string& path) { return place.Ask("GET", path).first == 200; }

TEST_CASE("Vulcand: ours takes the place of what the scripts made while requests are answered") {
  NamedTask task("one");
  OnEachVulcand([&](const VulcandPlace& place) {
    for (const std::string& engine : Engines(place)) {
      INFO(engine);
      const int port = FreePort();
      const std::string listener = "http://127.0.0.1:" + std::to_string(port);
      Register(place, task, port);
      CHECK(WaitFor([&] { return Visit(listener, kHost).first == 200; }));
      CHECK(WaitFor([&] { return Visit(place.proxy_url, kHost).first == 200; }));

      const auto adapter = place.Make("o", engine);
      const Service web = WebOfTask(task, port);
      const Entries wanted = Rendered(*adapter, web);
      const std::string theirs[] = {"frontend web\n", "backend web\n", "listener web\n"};
      const auto all = [&](const std::string& word) {
        return word + theirs[0] + word + theirs[1] + word + theirs[2];
      };
      // Before ours stands nothing is touched; a dry run touches nothing either.
      CHECK(Outcomes(AdoptScripts(*adapter, {web})) == all("left "));
      CHECK_FALSE(AllOk(WriteAll(*adapter, Puts(wanted))));  // route and address are theirs
      CHECK(Outcomes(AdoptScripts(*adapter, {web}, true)) == all("would "));
      CHECK(Has(place, "/v2/frontends/web"));

      Asking through_proxy(place.proxy_url, kHost), through_listener(listener, kHost);
      CHECK(WaitFor([&] { return through_proxy.good() > 20 && through_listener.good() > 20; }));
      const auto adoptions = AdoptScripts(*adapter, {web});
      CHECK(Outcomes(adoptions) == all("taken "));
      const int before = through_listener.good();
      CHECK(WaitFor([&] { return through_listener.good() > before + 20; }));
      through_proxy.Stop();
      through_listener.Stop();
      CHECK(through_proxy.bad() == 0);
      std::cout << "  figure: listener exchanged with engine " << engine << ": " << adoptions.back().why
                << "; " << through_listener.bad() << " of "
                << through_listener.good() + through_listener.bad() << " requests failed there\n";

      for (const char* path : {"/v2/frontends/web", "/v2/backends/web", "/v2/listeners/web"}) {
        CHECK_FALSE(Has(place, path));
      }
      CHECK(Has(place, "/v2/hosts/web.service.consul"));
      CHECK(Difference(*adapter, wanted) == "");
      CHECK(Visit(listener, kHost).second == std::string("one ") + kHost);
      CHECK(Visit(listener, "other.test").first == 404);  // ours lets only its host through
      CHECK(AdoptScripts(*adapter, {web}).empty());
      CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    }
  });
}

TEST_CASE("Vulcand: what was broken off is finished the next time") {
  NamedTask task("one");
  OnEachVulcand([&](const VulcandPlace& place) {
    const int port = FreePort();
    Register(place, task, port);
    const auto adapter = place.Make("o");
    const Service web = WebOfTask(task, port);
    const Entries wanted = Rendered(*adapter, web);
    WriteAll(*adapter, Puts(wanted));
    REQUIRE(place.Ask("DELETE", "/v2/frontends/web").first == 200);
    CHECK(AllOk(WriteAll(*adapter, [&] {
      std::vector<Change> frontends = Puts(wanted);
      std::erase_if(frontends, [](const Change& change) { return change.id.kind != kFrontendKind; });
      return frontends;
    }())));
    CHECK(Outcomes(AdoptScripts(*adapter, {web})) == "taken backend web\ntaken listener web\n");
    CHECK(Difference(*adapter, wanted) == "");
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
  });
}

TEST_CASE("Vulcand: what is not just as the scripts make it stays whole, and it is said why") {
  NamedTask task("one");
  struct Case {
    std::string path, body, why;
  };
  const std::string frontend = R"({"Frontend":{"Id":"web","Type":"http","BackendId":"web",)";
  const std::vector<Case> cases = {
      {"/v2/frontends/web/middlewares",
       R"({"Middleware":{"Id":"rl","Type":"ratelimit","Priority":0,"Middleware":{"Requests":9,)"
       R"("PeriodSeconds":1,"Burst":9,"Variable":"client.ip"}}})",
       "middleware rl hangs on it"},
      {"/v2/frontends", frontend + R"~("Route":"Host(\"web.service.consul\") && PathRegexp(\"/a.*\")"}})~",
       "is not as the scripts make it"},
      {"/v2/frontends",
       frontend + R"~("Route":"Host(\"web.service.consul\") && PathRegexp(\"/.*\")",)~" +
           R"~("Settings":{"Limits":{"MaxBodyBytes":1000}}}})~",
       "its settings were changed"},
      {"/v2/frontends",
       R"~({"Frontend":{"Id":"second","Type":"http","BackendId":"web","Route":"Host(\"b.test\")"}})~",
       "frontend second sends requests to its backend"},
  };
  OnEachVulcand([&](const VulcandPlace& place) {
    for (const Case& c : cases) {
      INFO(c.why);
      const int port = FreePort();
      Register(place, task, port);
      REQUIRE(place.Ask("POST", c.path, c.body).first == 200);
      const auto adapter = place.Make("o");
      const Service web = WebOfTask(task, port);
      const Entries wanted = Rendered(*adapter, web);
      WriteAll(*adapter, Puts(wanted));
      const auto adoptions = AdoptScripts(*adapter, {web});
      CHECK(Outcomes(adoptions).starts_with("left frontend web\nleft backend web\nleft listener web\n"));
      CHECK(Reasons(adoptions).find(c.why) != std::string::npos);
      CHECK(Has(place, "/v2/backends/web/servers/web1"));
      CHECK(Has(place, "/v2/listeners/web"));
      WriteAll(*adapter, Deletes(wanted));
      for (const char* path :
           {"/v2/frontends/web/middlewares/rl", "/v2/frontends/second", "/v2/frontends/web",
            "/v2/backends/web/servers/web1", "/v2/backends/web", "/v2/listeners/web"}) {
        place.Ask("DELETE", path);
      }
    }
  });
}

TEST_CASE("Vulcand: an id that begins like theirs is not taken along by a delete with etcd v3") {
  NamedTask one("one"), two("two");
  OnEachVulcand([&](const VulcandPlace& place) {
    const int port = FreePort(), other_port = FreePort();
    Register(place, one, port);
    Register(place, two, other_port, "web-api");
    const auto adapter = place.Make("o");
    const Service web = WebOfTask(one, port);
    WriteAll(*adapter, Puts(Rendered(*adapter, web)));
    const auto adoptions = AdoptScripts(*adapter, {web});
    CHECK(Outcomes(adoptions) ==
          "left frontend web\nleft backend web\nleft listener web\n"
          "left frontend web-api\nleft backend web-api\nleft listener web-api\n");
    CHECK(Reasons(adoptions).find("web-api begins with its id") != std::string::npos);
    // Known exactly to etcd: no harm.
    if (Engines(place).size() == 2) {
      const auto exact = place.Make("o", "etcd");
      CHECK(Outcomes(AdoptScripts(*exact, {web})).starts_with("taken frontend web\ntaken backend web\n"));
      CHECK(Visit(place.proxy_url, "web-api.service.consul").second.starts_with("two "));
    }
    // Where both are ours to take, the longer goes first.
    Profile profile;
    profile.service_port = other_port;
    const Service api = MakeService("/web-api", {{"api.1", "127.0.0.1", two.port()}}, profile);
    WriteAll(*adapter, Puts(Rendered(*adapter, api)));
    CHECK(Outcomes(AdoptScripts(*adapter, {web, api})).starts_with("taken frontend web-api\n"));
    CHECK(AdoptScripts(*adapter, {web, api}).empty());
    WriteAll(*adapter, Puts(Rendered(*adapter, web)));
    CHECK(WaitFor([&] { return Visit(place.proxy_url, kHost).second.starts_with("one "); }));
    CHECK(
        WaitFor([&] { return Visit(place.proxy_url, "web-api.service.consul").second.starts_with("two "); }));
    WriteAll(*adapter, Deletes(Rendered(*adapter, web)));
    WriteAll(*adapter, Deletes(Rendered(*adapter, api)));
  });
}

}  // namespace
}  // namespace dispatcher::testing
