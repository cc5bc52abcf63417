#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "dispatcher/admin/admin_server.h"
#include "dispatcher/base/json.h"
#include "dispatcher/net/client.h"
#include "tests/admin/served.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

std::string ErrorOf(const HttpResponse& response) {
  const auto document = JsonDocument::Parse(response.body);
  return document.ok() ? document->root()["error"].StringOr("") : "not JSON: " + response.body;
}

TEST_CASE("Ready is a matter of the status, degraded is not") {
  Served served;
  CHECK(served.Get("/healthz").status == 200);
  HttpResponse ready = served.Get("/readyz");
  CHECK(ready.status == 200);
  CHECK(ready.body == R"({"ready":true,"not_ready":[],"degraded":["consul: 1 removal is held"]})");

  LeaderReport& leader = served.source.report.leader;
  leader.elected = true;
  leader.leads = false;
  leader.state = "standby";
  leader.holder = Holder{"dispatcher", "host-1", 7, "10.0.0.1:8090"};
  const auto document = JsonDocument::Parse(served.Get("/readyz").body);
  CHECK(document->root()["leader"]["state"].StringOr("") == "standby");
  CHECK(document->root()["leader"]["holder"].StringOr("") == "host-1, process 7, http 10.0.0.1:8090");

  served.source.report.ready = false;
  served.source.report.not_ready = {"no snapshot yet"};
  ready = served.Get("/readyz");
  CHECK(ready.status == 503);
  CHECK(JsonDocument::Parse(ready.body)->root()["not_ready"].At(0).StringOr("") == "no snapshot yet");
  CHECK(served.Get("/healthz").status == 200);
}

TEST_CASE("An app is shown with what every room knows of it, and of no other app") {
  Served served;
  const HttpResponse response = served.Get("/v1/apps/shop/cart");
  REQUIRE(response.status == 200);
  CHECK(FindHeader(response.headers, "Content-Type") == "application/json");
  const auto document = JsonDocument::Parse(response.body);
  REQUIRE(document.ok());
  const JsonView app = document->root();
  CHECK(app["id"].StringOr("") == "/shop/cart");
  CHECK(app["tasks"].At(0)["phase"].StringOr("") == "Serving");
  CHECK(app["tasks"].At(0)["facts"].At(0).StringOr("") == "life Running: status_update_event, 3.2 s ago");
  CHECK(app["services"].At(0)["names"].At(0).StringOr("") == "shop-cart");
  CHECK(app["services"].At(0)["tags"].At(0).StringOr("") == "say \"hi\"");
  CHECK(app["services"].At(0)["instances"].At(0)["port"].IntOr(0) == 31000);
  CHECK(app["services"].At(0)["instances"].At(0)["condition"].StringOr("") == "passing");
  REQUIRE(app["adapters"].size() == 2);
  const JsonView consul = app["adapters"].At(0);
  CHECK(consul["adapter"].StringOr("") == "consul");
  CHECK(consul["not_published"].At(0)["reason"].StringOr("") == "/shop/cart: name web is held by /web");
  REQUIRE(consul["entries"].size() == 2);
  CHECK(consul["entries"].At(0)["state"].StringOr("") == "right");
  CHECK(consul["entries"].At(0)["since_seconds"].Double() == 200.0);
  CHECK(consul["entries"].At(1)["why"].StringOr("") == "absent from 1 read");
  CHECK(consul["entries"].At(1)["found"].BoolOr(false));
  CHECK_FALSE(app["adapters"].At(1)["read"].BoolOr(true));
  REQUIRE(app["decisions"].size() == 1);
  CHECK(app["decisions"].At(0)["text"].StringOr("") == "Placed -> Running");
}

TEST_CASE("A static service is explained like an app") {
  Served served;
  auto service = std::make_shared<Service>(*served.source.services[0]);
  service->key = {"static.mesos", 0};
  served.source.services.push_back(service);
  const auto document = JsonDocument::Parse(served.Get("/v1/apps/static.mesos").body);
  CHECK(document->root()["id"].StringOr("") == "static.mesos");
  CHECK(document->root()["services"].size() == 1);
  CHECK(served.Get("/v1/apps/static.marathon").status == 404);
}

TEST_CASE("Lists of apps, services, adapters and changes") {
  Served served;
  CHECK(served.Get("/v1/apps").body ==
        R"({"apps":[{"id":"/shop/cart","state":"known","instances":3,"running":2,"serving":1,)"
        R"("names":["shop-cart"],"adapters":[{"adapter":"consul","published":1,"wanted":2,"right":1,)"
        R"("held":1,"failed":1,"refused":1}]}],"static":[]})");
  CHECK(JsonDocument::Parse(served.Get("/v1/services").body)->root()["services"].size() == 1);
  const auto adapters = JsonDocument::Parse(served.Get("/v1/adapters").body);
  const JsonView consul = adapters->root()["adapters"].At(0);
  CHECK(consul["puts"].IntOr(0) == 11);
  CHECK(consul["held"].At(0)["task"].StringOr("") == "shop_cart.1");
  CHECK(consul["compared"].BoolOr(false));
  CHECK(consul["gated"].IntOr(0) == 3);
  CHECK(consul["failed"].IntOr(0) == 1);
  CHECK(consul["failed_changes"].At(0)["error"].StringOr("") == "UNAVAILABLE: connection refused");
  CHECK(consul["latency"]["count"].IntOr(0) == 6);
  CHECK(consul["latency"]["p99_seconds"].Double() == 60.0);
  CHECK(consul["failing"].At(0)["lane"].StringOr("") == "10.0.0.7");
  CHECK(consul["panics"].At(0).StringOr("") == "/shop/cart: 1 of 1 running instances");
  const auto plan = JsonDocument::Parse(served.Get("/v1/plan").body);
  const JsonView changes = plan->root()["adapters"].At(0)["changes"];
  REQUIRE(changes.size() == 2);
  CHECK(changes.At(0)["op"].StringOr("") == "put");
  CHECK(changes.At(0)["address"].StringOr("") == "10.0.0.1:31000");
  CHECK(changes.At(1)["op"].StringOr("") == "delete");
  CHECK(changes.At(1)["held"].BoolOr(false));
}

TEST_CASE("The list of apps has static services apart, and what only a registry knows") {
  Served served;
  auto service = std::make_shared<Service>(*served.source.services[0]);
  service->key = {"static.mesos", 0};
  served.source.services.push_back(service);
  AppStanding orphan;
  orphan.app = "/gone";
  orphan.held = 2;
  AppStanding nothing;
  nothing.app = "/nothing";
  served.source.standings[1].second = {orphan, nothing};
  const auto document = JsonDocument::Parse(served.Get("/v1/apps").body);
  const JsonView list = document->root();
  REQUIRE(list["apps"].size() == 2);
  CHECK(list["apps"].At(0)["id"].StringOr("") == "/gone");
  CHECK(list["apps"].At(0)["state"].StringOr("") == "unknown");
  CHECK(list["apps"].At(0)["adapters"].At(0)["held"].IntOr(0) == 2);
  REQUIRE(list["static"].size() == 1);
  CHECK(list["static"].At(0)["id"].StringOr("") == "static.mesos");
  CHECK(list["static"].At(0)["state"].StringOr("") == "static");

  // What Marathon does not have is explained by what the registries hold of it.
  CHECK(served.Get("/v1/apps/gone").status == 404);
  served.source.apps = {"/gone"};
  const auto gone = JsonDocument::Parse(served.Get("/v1/apps/gone").body);
  CHECK(gone->root()["state"].StringOr("") == "unknown");
  CHECK(gone->root()["missing"].size() == 1);
  CHECK(gone->root()["adapters"].At(0)["entries"].At(1)["words"].StringOr("") == "its removal is held back");
}

TEST_CASE("What does not exist says so, with the nearest name") {
  Served served;
  CHECK(served.Get("/nothing").status == 404);
  const HttpResponse app = served.Get("/v1/apps/shop/carts");
  CHECK(app.status == 404);
  CHECK(ErrorOf(app) == "no app /shop/carts is known: do you mean /shop/cart?");
  const std::pair<const char*, const char*> meant[] = {
      {"cart", "no app /cart is known: do you mean /shop/cart, /test/cart or /x/cart?"},
      {"carrt", "no app /carrt is known: do you mean /shop/cart, /test/cart or /x/cart?"},
      {"other", "no app /other is known"},
      {"shop_cart.6a7d", "shop_cart.6a7d is a task's id: ask for /shop/cart shop_cart.6a7d"},
      {"carts", "no app /carts is known: do you mean /shop/cart, /test/cart or /x/cart?"},
  };
  served.source.apps = {"/shop/cart", "/test/cart", "/x/cart"};
  for (const auto& [asked, said] : meant) {
    CHECK(ErrorOf(served.Get("/v1/apps/" + std::string(asked))) == said);
  }
  served.source.apps.insert(served.source.apps.begin(), "/a/cart");
  CHECK(ErrorOf(served.Get("/v1/apps/cart")) ==
        "no app /cart is known: do you mean /a/cart, /shop/cart, /test/cart or another one?");
  CHECK(served.Call("DELETE", "/v1/apps").status == 405);
  CHECK(served.Call("POST", "/readyz").status == 405);
}

TEST_CASE("Release needs the token that is configured") {
  constexpr char kToken[] = "sesame-open";
  HttpSettings from_environment;
  from_environment.token = kToken;
  char name[] = "/tmp/dispatcher_token_XXXXXX";
  close(mkstemp(name));
  std::ofstream(name) << kToken << "\n";
  HttpSettings from_file;
  from_file.token_file = name;

  for (const HttpSettings& settings : {from_environment, from_file}) {
    Served served(settings);
    for (const HttpHeaders& headers : {HttpHeaders{}, HttpHeaders{{"Authorization", "Bearer wrong-token"}},
                                       HttpHeaders{{"Authorization", "Bearer sesame-ope"}},
                                       HttpHeaders{{"Authorization", "Bearer sesame-open2"}},
                                       HttpHeaders{{"Authorization", "Basic sesame-open"}},
                                       HttpHeaders{{"Authorization", "sesame-open"}}}) {
      const HttpResponse refused = served.Call("POST", "/v1/release", headers);
      CHECK(refused.status == 401);
      CHECK(FindHeader(refused.headers, "WWW-Authenticate") == "Bearer");
      CHECK(refused.body.find(kToken) == std::string::npos);
    }
    CHECK(served.source.releases == 0);
    CHECK(served.Call("POST", "/v1/release", {{"Authorization", "Bearer sesame-open"}}).status == 200);
    CHECK(served.source.releases == 1);
    CHECK(served.Get("/v1/release").status == 404);
  }

  // A rotated file counts at once, a lost one closes the door.
  Served served(from_file);
  std::ofstream(name) << "other\n";
  CHECK(served.Call("POST", "/v1/release", {{"Authorization", "Bearer sesame-open"}}).status == 401);
  CHECK(served.Call("POST", "/v1/release", {{"Authorization", "bearer other"}}).status == 200);
  std::remove(name);
  CHECK(served.Call("POST", "/v1/release", {{"Authorization", "Bearer other"}}).status == 403);

  Served open;
  const HttpResponse refused = open.Call("POST", "/v1/release", {{"Authorization", "Bearer x"}});
  CHECK(refused.status == 403);
  CHECK(ErrorOf(refused) ==
        "changing something is switched off: set http.token_file (or DISPATCHER_HTTP__TOKEN) to allow it");
  CHECK(open.source.releases == 0);
}

TEST_CASE("A release may be for one adapter and one app, and says what came of it") {
  HttpSettings settings;
  settings.token = "sesame-open";
  struct Case {
    const char* target;
    int status;
    const char *adapter, *app, *says;
  };
  for (const Case& c : {
           Case{"/v1/release", 200, "", "", "\"released\":1,\"distrust\":\"Marathon answered with no apps\""},
           Case{"/v1/release?adapter=consul", 200, "consul", "", "\"released\":1"},
           Case{"/v1/release?app=%2Fshop%2Fcart&adapter=consul", 200, "consul", "/shop/cart",
                "\"released\":1"},
           Case{"/v1/release?adapter=nobody", 404, "nobody", "", "there is no adapter nobody, only consul"},
           Case{"/v1/release?lane=h1", 400, "", "", "lane"},
       }) {
    INFO(c.target);
    Served served(settings);
    const HttpResponse answer = served.Call("POST", c.target, {{"Authorization", "Bearer sesame-open"}});
    CHECK(answer.status == c.status);
    CHECK(answer.body.find(c.says) != std::string::npos);
    CHECK(served.source.releases == (c.status == 400 ? 0 : 1));
    CHECK(served.source.scope.adapter == c.adapter);
    CHECK(served.source.scope.app == c.app);
  }
}

TEST_CASE("Every answer carries the headers a scanner expects") {
  Served served;
  for (const auto& [method, target] :
       std::vector<std::pair<const char*, const char*>>{{"GET", "/"},
                                                        {"GET", "/healthz"},
                                                        {"GET", "/readyz"},
                                                        {"GET", "/metrics"},
                                                        {"GET", "/v1/apps"},
                                                        {"GET", "/v1/apps/nobody"},
                                                        {"GET", "/nothing"},
                                                        {"POST", "/v1/release"},
                                                        {"PUT", "/v1/log"},
                                                        {"DELETE", "/v1/apps"}}) {
    INFO(method << " " << target);
    const HttpResponse response = served.Call(method, target);
    CHECK(FindHeader(response.headers, "Referrer-Policy") == "no-referrer");
    CHECK(FindHeader(response.headers, "Cross-Origin-Resource-Policy") == "same-origin");
    CHECK(FindHeader(response.headers, "Content-Security-Policy").find("frame-ancestors 'none'") !=
          std::string_view::npos);
    CHECK(FindHeader(response.headers, "X-Content-Type-Options") == "nosniff");
    CHECK(FindHeader(response.headers, "X-Frame-Options") == "DENY");
    CHECK(FindHeader(response.headers, "Cache-Control") == "no-store");
    CHECK(FindHeader(response.headers, "Content-Security-Policy").starts_with("default-src 'none'"));
  }
  CHECK(FindHeader(served.Get("/").headers, "Content-Type") == "text/html; charset=utf-8");
}

TEST_CASE("A bad address to listen on is named") {
  FakeSource source;
  HttpSettings settings;
  settings.listen = "203.0.113.1:1";
  const absl::Status status = AdminServer(settings, source).Start();
  CHECK(absl::IsUnavailable(status));
  CHECK(Message(status).find("203.0.113.1:1") != std::string::npos);
}

}  // namespace
}  // namespace dispatcher
