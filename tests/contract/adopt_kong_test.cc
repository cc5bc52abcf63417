// `--adopt scripts` in Kong: an API or a service becomes ours in place, with what hangs on it.
#include "adapters/kong/kong.h"
#include "tests/contract/kong_subjects.h"
#include "tests/contract/scripts.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

struct KongPlace {
  std::string version, mode;
};

std::vector<KongPlace> Places() {
  return {{"0.8.3", "router"},  {"0.10.4", "router"},  {"0.10.4", "targets"},
          {"0.14.1", "router"}, {"0.14.1", "targets"}, {"2.8.5", "router"},
          {"2.8.5", "targets"}, {"3.9.3", "router"},   {"3.9.3", "targets"}};
}

std::unique_ptr<Adapter> Make(KongRig& rig, const KongPlace& place) {
  KongOptions options = rig.Options();
  options.mode = place.mode;
  options.router_url = place.mode == "router" ? "http://vulcand.service.consul" : "";
  return *MakeKongAdapter(options);
}

Service Named(const std::string& name, const std::string& host) {
  Profile profile;
  profile.names = {name};
  profile.hosts = {host};
  profile.service_port = 10000;
  return MakeService("/" + name, {{name + ".1", "10.0.0.1"}}, profile);
}

bool HasApis(const std::string& version) { return version.starts_with("0.8") || version.starts_with("0.10"); }

// What the scripts made, and on later Kongs what stands for it.
void RunScript(KongRig& rig, const KongPlace& place, const std::string& script) {
  for (const ScriptCall& call : CallsOf(script, "kong")) {
    if (place.version.starts_with("0.8")) {
      REQUIRE(rig.CallAs(call.method, "/apis", call.body, call.content_type).status == 201);
      continue;
    }
    const auto field = [&](const std::string& key) {
      const size_t at = ("&" + call.body).find("&" + key + "=") + key.size() + 1;
      return call.body.substr(at, call.body.find('&', at) - at);
    };
    rig.PutService(field("name"), field("request_host"));
  }
}

std::string IdOfNamed(KongRig& rig, const KongPlace& place, const std::string& name) {
  const std::string collection = HasApis(place.version) ? "/apis/" : "/services/";
  const auto found = JsonDocument::Parse(rig.Call("GET", collection + name).body);
  return found.ok() ? found->root()["id"].StringOr("") : "";
}

size_t PluginsOn(KongRig& rig, const KongPlace& place, const std::string& id) {
  const std::string collection = HasApis(place.version) ? "/apis/" : "/services/";
  const auto found = JsonDocument::Parse(rig.Call("GET", collection + id + "/plugins").body);
  return found.ok() ? found->root()["data"].size() : 0;
}

TEST_CASE("Kong: what register-service made becomes ours in place, and its plugin stays") {
  for (const KongPlace& place : Places()) {
    DYNAMIC_SECTION(place.version << ", mode " << place.mode) {
      KongRig rig(place.version);
      RunScript(rig, place, "register-service");
      const std::string id = IdOfNamed(rig, place, "web");
      REQUIRE_FALSE(id.empty());
      const std::string collection = HasApis(place.version) ? "/apis/" : "/services/";
      REQUIRE(rig.Call("POST", collection + id + "/plugins", R"({"name":"key-auth"})").status == 201);

      const auto adapter = Make(rig, place);
      const Service web = Named("web", "web.service.consul");
      const Entries wanted = Rendered(*adapter, web);
      REQUIRE(ReadAll(*adapter).ok());
      // Its host is theirs: refused, whatever else is written.
      CHECK_FALSE(AllOk(WriteAll(*adapter, Puts(wanted))));
      rig.kong().Reset();
      CHECK(Outcomes(AdoptScripts(*adapter, {web}, true)) == "would service web\n");
      CHECK(Total(rig.kong().Writes()) == 0);

      CHECK(Outcomes(AdoptScripts(*adapter, {web})) == "taken service web\n");
      for (const auto& [call, times] : rig.kong().Writes()) {
        CHECK(call.starts_with("PATCH "));
      }
      CHECK(Difference(*adapter, wanted) == "");
      const bool tags = place.version == "2.8.5" || place.version == "3.9.3";
      CHECK(IdOfNamed(rig, place, tags ? "dispatcher.web" : "dispatcher._web.0") == id);
      CHECK(PluginsOn(rig, place, id) == 1);

      // Nothing is left to do, for adoption or for a fresh dispatcher.
      const auto fresh = Make(rig, place);
      CHECK(Difference(*fresh, Rendered(*fresh, web)) == "");
      rig.kong().Reset();
      CHECK(AllOk(WriteAll(*fresh, Puts(wanted))));
      CHECK(AdoptScripts(*fresh, {web}).empty());
      CHECK(Total(rig.kong().Writes()) == 0);
    }
  }
}

TEST_CASE("Kong: Mesos's and Marathon's pages become static services in place") {
  for (const KongPlace& place : Places()) {
    if (place.mode != "router") {
      continue;
    }
    DYNAMIC_SECTION(place.version) {
      KongRig rig(place.version);
      RunScript(rig, place, "register-mesos-marathon-services");
      const auto adapter = Make(rig, place);
      const std::vector<Service> services = {Named("mesos-leader", "mesos.service.consul"),
                                             Named("marathon-leader", "marathon.service.consul")};
      CHECK(Outcomes(AdoptScripts(*adapter, services)) ==
            "taken service mesos-leader\ntaken service marathon-leader\n");
      Entries wanted = Rendered(*adapter, services[0]);
      wanted.merge(Rendered(*adapter, services[1]));
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

TEST_CASE("Kong: what is not just as the scripts make it stays, and it is said why") {
  const KongPlace place = {"2.8.5", "router"};
  struct Case {
    std::string name;
    std::function<void(KongRig&, const std::string& id)> change;
    std::string why;
  };
  const auto patch_route = [](KongRig& rig, const std::string& id, const std::string& body) {
    const auto routes = JsonDocument::Parse(rig.Call("GET", "/services/" + id + "/routes").body);
    const std::string route = routes->root()["data"].At(0)["id"].StringOr("");
    REQUIRE(rig.Call("PATCH", "/routes/" + route, body).status == 200);
  };
  const std::vector<Case> cases = {
      {"a second route",
       [](KongRig& rig, const std::string& id) {
         rig.Call("POST", "/routes", R"({"hosts":["b.test"],"service":{"id":")" + id + R"("}})");
       },
       "it has 2 routes instead of one"},
      {"another host",
       [&](KongRig& rig, const std::string& id) { patch_route(rig, id, R"({"hosts":["b.test"]})"); },
       "its host is b.test, which is none of ours"},
      {"a path", [&](KongRig& rig, const std::string& id) { patch_route(rig, id, R"({"paths":["/x"]})"); },
       "its route is not one whole host"},
      {"a method",
       [&](KongRig& rig, const std::string& id) { patch_route(rig, id, R"({"methods":["GET"]})"); },
       "its route takes only some of the requests"},
      {"another name",
       [](KongRig& rig, const std::string& id) { rig.Call("PATCH", "/services/" + id, R"({"name":"old"})"); },
       "no app that is published here is called so"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      KongRig rig(place.version);
      RunScript(rig, place, "register-service");
      c.change(rig, IdOfNamed(rig, place, "web"));
      const auto adapter = Make(rig, place);
      rig.kong().Reset();
      const auto adoptions = AdoptScripts(*adapter, {Named("web", "web.service.consul")});
      CHECK(Reasons(adoptions) == c.why + "\n");
      CHECK(Outcomes(adoptions).starts_with("left "));
      CHECK(Total(rig.kong().Writes()) == 0);
    }
  }
}

TEST_CASE("Kong: nothing is taken over that would send requests nowhere") {
  SECTION("targets that are not there yet") {
    const KongPlace place = {"3.9.3", "targets"};
    KongRig rig(place.version);
    RunScript(rig, place, "register-service");
    const auto adapter = Make(rig, place);
    CHECK(Reasons(AdoptScripts(*adapter, {Named("web", "web.service.consul")})) ==
          "task web.1 is not there yet\n");
  }
  SECTION("a router that does not have the service") {
    const KongPlace place = {"3.9.3", "router"};
    KongRig rig(place.version);
    RunScript(rig, place, "register-service");
    const auto adapter = Make(rig, place);
    const Service web = Named("web", "web.service.consul");
    AdoptionRequest request;
    request.from = Maker::kScripts;
    request.services = {std::make_shared<const Service>(web)};
    request.unready = {web.key};
    request.deadline = MonoClock::now() + std::chrono::seconds(5);
    CHECK(Outcomes(adapter->Adopt(request, Cancel())) == "left service web\n");
    request.unready.clear();
    request.deadline = MonoClock::now();
    CHECK(Outcomes(adapter->Adopt(request, Cancel())) == "failed service web\n");
  }
}

}  // namespace
}  // namespace dispatcher::testing
