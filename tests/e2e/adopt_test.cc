// `dispatcher sync --adopt`: what the showcase's four scripts made, by exactly their calls,
// or a dispatcher of another owner, is taken over in place while requests go through it.
#include <algorithm>
#include <iostream>

#include "dispatcher/base/strings.h"
#include "tests/e2e/frame/chain.h"
#include "tests/e2e/frame/load.h"
#include "tests/e2e/frame/master.h"
#include "tests/e2e/frame/sync_once.h"
#include "tests/support/allegro.h"
#include "tests/support/catch.h"
#include "tests/support/script_calls.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr const char* kHost = "web.service.consul";
constexpr std::chrono::milliseconds kInterval(20);  // of requests

// The operator's day: an app deployed, then the scripts run by hand.
class Site {
 public:
  explicit Site(bool scripts) : world_(WithoutDispatcher()), port_(FreePort()) {
    world_.Deploy(web());
    if (!scripts) {
      return;
    }
    const std::string port = std::to_string(port_);
    const std::map<std::string, std::string> here = {{":10000", ":" + port},
                                                     {"\"Port\":10000", "\"Port\":" + port},
                                                     {"http://vulcand.service.consul:", "http://127.0.0.1:"},
                                                     {"mesos.service.consul:5050", master_.address()}};
    Run("register-service", here);
    int number = 0;
    for (const SimTask& task : world_.marathon().TasksOf("/web")) {
      auto instance = here;
      instance["10.0.0.11:31001"] = task.endpoints[0].address + ":" + std::to_string(task.endpoints[0].port);
      instance["web1"] = "web" + std::to_string(++number);
      Run("register-instance", instance);
    }
    Run("register-mesos-marathon-services", here);
  }

  AppSpec web() const { return {.id = "/web", .instances = 2, .ports = {{.service_port = port_}}}; }
  World& world() { return world_; }
  Routers& routers() { return routers_; }
  std::string listener() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // As SyncOnce.
  std::pair<int, std::string> Sync(const std::vector<std::string>& further) {
    std::vector<std::string> arguments = {"--config", TEST_DATA "/../../deploy/showcase.yaml"};
    std::vector<std::string> settings = routers_.ShowcaseSettings();
    for (const std::string& setting :
         {"static_services.mesos-leader.targets=" + master_.address(),
          "static_services.mesos-leader.service_port=" + std::to_string(mesos_port_),
          "static_services.marathon-leader.service_port=" + std::to_string(marathon_port_)}) {
      settings.push_back(setting);
    }
    for (const std::string& setting : settings) {
      arguments.insert(arguments.end(), {"--set", setting});
    }
    arguments.insert(arguments.end(), further.begin(), further.end());
    return SyncOnce(world_, arguments);
  }

  // "" if Kong has no API of that name.
  std::string KongId(const std::string& name) {
    const HttpResponse answer = routers_.gateway().Call("GET", "/apis/" + name);
    return answer.status == 200 ? ParseJson(answer.body).root()["id"].StringOr("") : "";
  }

 private:
  void Run(const std::string& script, const std::map<std::string, std::string>& replace) {
    for (const ScriptCall& call : CallsOf(script, "vulcand", replace)) {
      routers_.vulcand().Call(call.method, call.path, call.body);
    }
    for (const ScriptCall& call : CallsOf(script, "consul", replace)) {
      world_.consul().Must("PUT", call.path, call.body);  // since 1.0 no POST is taken
    }
    for (const ScriptCall& call : CallsOf(script, "kong", replace)) {
      HttpClientOptions options;
      options.base = Url::Parse(routers_.gateway().url()).value();
      HttpRequest request;
      request.method = call.method;
      request.target = "/apis";
      request.body = call.body;
      request.content_type = call.content_type;
      REQUIRE(HttpClient(options).Call(request, Cancel())->status == 201);
    }
  }

  const Master master_;
  Routers routers_{{.gateway_version = "0.8.3"}};
  World world_;
  const int port_, mesos_port_ = FreePort(), marathon_port_ = FreePort();
};

TEST_CASE("what the four scripts made is taken over in place, under load", "[routers]") {
  Site site(true);
  Routers& routers = site.routers();
  const std::string proxy = routers.vulcand_proxy(), gateway = routers.gateway_proxy();
  for (const std::string& base : {proxy, site.listener(), gateway}) {
    INFO(base);
    REQUIRE(WaitFor([&] { return WhoAnswers(base, kHost).starts_with("web."); }));
  }
  const std::string api = site.KongId("web"), page = site.KongId("mesos-leader");
  routers.gateway().Must("POST", "/apis/web/plugins", R"({"name":"key-auth"})");

  const auto [dry_code, dry] = site.Sync({"--adopt", "scripts", "--dry-run"});
  INFO(dry);
  CHECK(dry_code == 1);
  CHECK(dry.find("vulcand: would be taken over: frontend web") != std::string::npos);
  CHECK(site.KongId("web") == api);

  Load through_kong(gateway, kHost, kInterval), through_proxy(proxy, kHost, kInterval),
      at_listener(site.listener(), kHost, kInterval);
  REQUIRE(WaitFor([&] { return through_kong.Sent() > 20 && at_listener.Sent() > 20; }));
  const auto [code, said] = site.Sync({"--adopt", "scripts"});
  INFO(said);
  CHECK(code == 0);
  const int sent = through_kong.Sent();
  REQUIRE(WaitFor([&] { return through_kong.Sent() > sent + 20; }));
  const auto kong_answers = through_kong.Stop(), proxy_answers = through_proxy.Stop(),
             listener_answers = at_listener.Stop();
  const size_t swap = said.find("listener web: ");
  std::cout << "  figure: --adopt scripts, " << routers.vulcand_is()
            << ": Vulcand's proxy: " << Show(proxy_answers) << "; its listener: " << Show(listener_answers)
            << "; Kong: " << Show(kong_answers) << "; " << said.substr(swap, said.find('\n', swap) - swap)
            << "\n";
  CHECK(Failed(proxy_answers) == 0);
  // Kong sends to the listener, and 0.8 never tries again: it can fail as often as requests fit into the
  // exchange.
  const std::string_view swapped = std::string_view(said).substr(swap);
  const size_t from = swapped.find(" for ") + 5;
  const auto gap = ParseInt(swapped.substr(from, swapped.find('.') - from));
  REQUIRE(gap.has_value());
  CHECK(Failed(kong_answers) <= *gap / kInterval.count() + 1);

  for (const char* taken : {"consul: taken over: service web", "vulcand: taken over: frontend web",
                            "vulcand: taken over: backend web", "vulcand: taken over: listener web",
                            "kong: taken over: service web", "kong: taken over: service mesos-leader",
                            "kong: taken over: service marathon-leader"}) {
    CAPTURE(taken);
    CHECK(said.find(taken) != std::string::npos);
  }
  for (const char* path : {"/v2/frontends/web", "/v2/backends/web", "/v2/listeners/web"}) {
    CHECK(routers.vulcand().Call("GET", path).status == 404);
  }
  CHECK(site.KongId("dispatcher._web.0") == api);
  CHECK(routers.gateway().GetJson("/apis/" + api + "/plugins").root()["data"].size() == 1);
  CHECK(site.KongId("dispatcher.static.mesos-leader.0") == page);
  CHECK(WaitFor([&] { return WhoAnswers(gateway, "mesos.service.consul") == "the page of Mesos"; }));
  const auto in_consul = RegistrationsOf(site.world().consul(), "web");
  CHECK((in_consul.size() == 1 && in_consul.at(0).id.starts_with("dispatcher:")));
  std::vector<std::string> tasks;
  for (const SimTask& task : site.world().marathon().TasksOf("/web")) {
    tasks.push_back(task.task);
  }
  for (const std::string& base : {proxy, site.listener(), gateway}) {
    CHECK(NotAlternating(base, kHost, tasks) == "");
  }

  // Nothing is left to do.
  const auto [again, last] = site.Sync({"--adopt", "scripts"});
  INFO(last);
  CHECK(again == 0);
  CHECK(last.find("taken over") == std::string::npos);
  for (const char* adapter : {"consul: ", "vulcand: ", "kong: "}) {
    CHECK(last.find(std::string("\n") + adapter) != std::string::npos);
  }
  CHECK(last.find(" 0 written, 0 removed, 0 refused, 0 held, 0 failed") != std::string::npos);
}

TEST_CASE("what a dispatcher of another owner wrote is taken over in place, under load", "[routers]") {
  Site site(false);
  Routers& routers = site.routers();
  const auto as = [](const std::string& owner, std::vector<std::string> further = {}) {
    further.insert(further.end(), {"--set", "owner=" + owner});
    return further;
  };
  REQUIRE(site.Sync(as("old")).first == 0);
  const std::string proxy = routers.vulcand_proxy(), gateway = routers.gateway_proxy();
  for (const std::string& base : {proxy, site.listener(), gateway}) {
    INFO(base);
    REQUIRE(WaitFor([&] { return WhoAnswers(base, kHost).starts_with("web."); }));
  }
  const std::string api = site.KongId("old._web.0");
  routers.gateway().Must("POST", "/apis/" + api + "/plugins", R"({"name":"key-auth"})");

  const auto [dry_code, dry] = site.Sync(as("new", {"--adopt", "owner:old", "--dry-run"}));
  INFO(dry);
  CHECK(dry_code == 1);
  CHECK(dry.find("vulcand: would be taken over: frontend old._web.0.~: exchanged for ours") !=
        std::string::npos);
  CHECK(site.KongId("old._web.0") == api);

  Load through_proxy(proxy, kHost, kInterval);
  PassingWatch in_consul(site.world().consul().url(), "web");
  REQUIRE(WaitFor([&] { return through_proxy.Sent() > 20 && in_consul.found() > 20; }));
  const auto [code, said] = site.Sync(as("new", {"--adopt", "owner:old"}));
  INFO(said);
  CHECK(code == 0);
  const int sent = through_proxy.Sent(), found = in_consul.found();
  REQUIRE(WaitFor([&] { return through_proxy.Sent() > sent + 20 && in_consul.found() > found + 20; }));
  CHECK(Failed(through_proxy.Stop()) == 0);
  CHECK(in_consul.Stop() == "");
  for (const char* taken :
       {"consul: taken over: service old-127-0-0-1/old:_web:0~", "vulcand: taken over: frontend old._web.0.~",
        "vulcand: taken over: listener old._web.0.~", "vulcand: taken over: backend old._web.0.~",
        "kong: taken over: service old._web.0.~", "kong: taken over: service old.static.mesos-leader.0.~"}) {
    CAPTURE(taken);
    CHECK(said.find(taken) != std::string::npos);
  }
  CHECK(said.find(": left: ") == std::string::npos);
  CHECK(site.KongId("new._web.0") == api);
  CHECK(routers.gateway().GetJson("/apis/" + api + "/plugins").root()["data"].size() == 1);
  const auto registered = RegistrationsOf(site.world().consul(), "web");
  CHECK((registered.size() == 1 && registered.at(0).id.starts_with("new:")));
  for (const std::string& base : {proxy, site.listener(), gateway}) {
    INFO(base);
    CHECK(WaitFor([&] { return WhoAnswers(base, kHost).starts_with("web."); }));
  }
  const auto [again, last] = site.Sync(as("new", {"--adopt", "owner:old"}));
  INFO(last);
  CHECK(again == 0);
  CHECK(last.find("taken over") == std::string::npos);
  CHECK(last.find("vulcand: ") != std::string::npos);
}

}  // namespace
}  // namespace dispatcher::testing
