// Not what the API says but where requests go: through the proxy, the model's and the
// real one's, to tasks that answer.
#include <set>

#include "adapters/vulcand/ids.h"
#include "tests/contract/subjects.h"
#include "tests/contract/vulcand_place.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using Answer = std::pair<int, std::string>;

Service WebServedBy(const std::vector<TaskSpec>& tasks, int port,
                    std::vector<std::string> hosts = {"web.test"}) {
  Profile profile;
  profile.hosts = std::move(hosts);
  profile.service_port = port;
  return MakeService("/web", tasks, profile);
}

std::string At(int port) { return "http://127.0.0.1:" + std::to_string(port); }

// Who answers, over a few requests.
std::set<std::string> Answering(const std::string& base, const std::string& host) {
  std::set<std::string> answers;
  for (int i = 0; i < 8; ++i) {
    const Answer answer = Visit(base, host);
    answers.insert(answer.first == 200 ? answer.second.substr(0, answer.second.find(' '))
                                       : std::to_string(answer.first));
  }
  return answers;
}

TEST_CASE("requests alternate over the tasks that were written, and over no other") {
  NamedTask one("one"), two("two");
  OnEachVulcand([&](const VulcandPlace& place) {
    for (const std::string& engine : Engines(place)) {
      INFO(engine);
      const auto adapter = place.Make("o", engine);
      const int port = FreePort();
      const auto rendered = [&](const std::vector<TaskSpec>& tasks) {
        return Rendered(*adapter, WebServedBy(tasks, port));
      };
      const TaskSpec first{"web.1", "127.0.0.1", one.port()}, second{"web.2", "127.0.0.1", two.port()};
      CHECK(AllOk(WriteAll(*adapter, Puts(rendered({first, second})))));
      using Names = std::set<std::string>;
      for (const std::string& base : {place.proxy_url, At(port)}) {
        CHECK(WaitFor([&] { return Answering(base, "web.test") == Names{"one", "two"}; }));
        // The task sees the Host that the client sent.
        CHECK(Visit(base, "web.test").second.ends_with(" web.test"));
        CHECK(Visit(base, "WEB.test:80").first == 200);
      }
      std::vector<Change> gone = Deletes(rendered({first}));
      std::erase_if(gone, [](const Change& change) { return change.id.kind != kServerKind; });
      CHECK(AllOk(WriteAll(*adapter, gone)));
      CHECK(WaitFor([&] { return Answering(At(port), "web.test") == Names{"two"}; }));
      CHECK(AllOk(WriteAll(*adapter, Deletes(rendered({first, second})))));
      CHECK(WaitFor([&] { return Visit(place.proxy_url, "web.test").first == 404; }));
      CHECK(WaitFor([&] { return Visit(At(port), "web.test").first == 0; }));
    }
  });
}

TEST_CASE("a listener lets only its own service's hosts through, a wildcard too") {
  NamedTask one("one"), two("two");
  OnEachVulcand([&](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    const int port = FreePort(), other_port = FreePort();
    CHECK(AllOk(WriteAll(*adapter, Puts(Rendered(*adapter, WebServedBy({{"web.1", "127.0.0.1", one.port()}},
                                                                       port, {"web.test", "*.web.test"}))))));
    Profile profile;
    profile.hosts = {"a.web.test"};
    profile.service_port = other_port;
    CHECK(AllOk(WriteAll(
        *adapter,
        Puts(Rendered(*adapter, MakeService("/other", {{"other.1", "127.0.0.1", two.port()}}, profile))))));
    CHECK(WaitFor([&] { return Visit(At(other_port), "a.web.test").first == 200; }));
    CHECK(Visit(At(port), "web.test").second == "one web.test");
    CHECK(Visit(At(port), "b.web.test").second == "one b.web.test");
    CHECK(Visit(At(other_port), "b.web.test").first == 404);
    CHECK(Visit(At(other_port), "web.test").first == 404);
    // A whole host is tried before the wildcard that matches it too.
    CHECK(Visit(place.proxy_url, "a.web.test").second == "two a.web.test");
    CHECK(Visit(place.proxy_url, "b.web.test").second == "one b.web.test");
    CHECK(Visit(place.proxy_url, "x.y.web.test").first == 404);
  });
}

TEST_CASE("the longer path has the request, and a path is whole segments") {
  NamedTask one("one"), two("two"), three("three");
  OnEachVulcand([&](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    const auto write = [&](const std::string& app, const NamedTask& task, const std::string& path) {
      Profile profile;
      profile.hosts = {"web.test"};
      profile.paths = {path};
      profile.service_port = FreePort();
      CHECK(AllOk(WriteAll(
          *adapter,
          Puts(Rendered(*adapter, MakeService(app, {{"t.1", "127.0.0.1", task.port()}}, profile))))));
    };
    write("/root", one, "/");
    write("/api", two, "/api");
    write("/v2", three, "/api/v2");
    struct Case {
      std::string path, task;
    };
    for (const Case& c : {Case{"/", "one"}, Case{"/x", "one"}, Case{"/apix", "one"}, Case{"/api", "two"},
                          Case{"/api/", "two"}, Case{"/api/v1?q=1", "two"}, Case{"/api/v2", "three"},
                          Case{"/api/v2/x", "three"}, Case{"/api/v20", "two"}}) {
      INFO(c.path);
      CHECK(
          WaitFor([&] { return Visit(place.proxy_url, "web.test", c.path).second == c.task + " web.test"; }));
    }
  });
}

TEST_CASE("a service's listener moves to another port, and its host changes in place") {
  NamedTask one("one");
  OnEachVulcand([&](const VulcandPlace& place) {
    for (const std::string& engine : Engines(place)) {
      INFO(engine);
      const auto adapter = place.Make("o", engine);
      const int before = FreePort(), after = FreePort();
      const std::vector<TaskSpec> tasks = {{"web.1", "127.0.0.1", one.port()}};
      CHECK(AllOk(WriteAll(*adapter, Puts(Rendered(*adapter, WebServedBy(tasks, before))))));
      CHECK(WaitFor([&] { return Visit(At(before), "web.test").first == 200; }));
      const Entries wanted = Rendered(*adapter, WebServedBy(tasks, after, {"new.test"}));
      CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
      CHECK(WaitFor([&] { return Visit(At(after), "new.test").first == 200; }));
      CHECK(WaitFor([&] { return Visit(At(before), "new.test").first == 0; }));
      CHECK(Visit(place.proxy_url, "web.test").first == 404);
      CHECK(Difference(*adapter, wanted) == "");
      CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    }
  });
}

TEST_CASE("a frontend that was made to hide the client's Host is mended where that shows") {
  NamedTask one("one");
  OnEachVulcand([&](const VulcandPlace& place) {
    for (const std::string& engine : Engines(place)) {
      INFO(engine);
      const auto adapter = place.Make("o", engine);
      const Entries wanted =
          Rendered(*adapter, WebServedBy({{"web.1", "127.0.0.1", one.port()}}, FreePort()));
      // Somebody made it first, without the setting.
      const std::string id = VulcandId("o", {"/web", 0});
      REQUIRE(
          place.Ask("POST", "/v2/backends", R"({"Backend":{"Id":")" + id + R"(","Type":"http"}})").first ==
          200);
      const std::string route = wanted.at({"", std::string(kFrontendKind), id}).fields.at("route");
      REQUIRE(place
                  .Ask("POST", "/v2/frontends",
                       R"({"Frontend":{"Id":")" + id + R"(","Type":"http","BackendId":")" + id +
                           R"(","Route":")" + route + R"(","Settings":{"Hostname":"web.test"}}})")
                  .first == 200);
      std::vector<Change> servers = Puts(wanted);
      std::erase_if(servers, [](const Change& change) { return change.id.kind != kServerKind; });
      CHECK(AllOk(WriteAll(*adapter, servers)));
      CHECK(WaitFor([&] { return Visit(place.proxy_url, "web.test").first == 200; }));

      CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
      CHECK(WaitFor([&] { return Visit(place.proxy_url, "web.test").second == "one web.test"; }));
      CHECK(Difference(*adapter, wanted) == "");
      CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    }
  });
}

TEST_CASE("a service that comes back gets no request to a task of its former life") {
  NamedTask old("old"), fresh("fresh");
  OnEachVulcand([&](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    const int port = FreePort();
    const Entries before = Rendered(*adapter, WebServedBy({{"web.1", "127.0.0.1", old.port()}}, port));
    const Entries after = Rendered(*adapter, WebServedBy({{"web.2", "127.0.0.1", fresh.port()}}, port));
    CHECK(AllOk(WriteAll(*adapter, Puts(before))));
    CHECK(WaitFor([&] { return Answering(place.proxy_url, "web.test") == std::set<std::string>{"old"}; }));
    CHECK(AllOk(WriteAll(*adapter, Deletes(before))));
    CHECK(AllOk(WriteAll(*adapter, Puts(after))));
    CHECK(WaitFor([&] { return Answering(place.proxy_url, "web.test") == std::set<std::string>{"fresh"}; }));
  });
}

}  // namespace
}  // namespace dispatcher::testing
