// What a service is in Vulcand: ids, routes, claims, refusals. Pure.
#include <algorithm>
#include <set>

#include "adapters/vulcand/api.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"
#include "adapters/vulcand/render.h"
#include "adapters/vulcand/routes.h"
#include "adapters/vulcand/vulcand.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("Vulcand's ids can be read back, and none is the beginning of another") {
  CHECK(VulcandId("dispatcher", {"/shop/cart", 0}) == "dispatcher._shop_cart.0.~");
  CHECK(SharedVulcandId("dispatcher", "web") == "dispatcher.web.shared.~");
  CHECK(VulcandServerId("shop_cart.1-2.instance-3", 0) == "shop_cart.1-2.instance-3.0.~");
  std::vector<std::string> ids;
  for (const char* app :
       {"/web", "/web.0", "/web/0", "/w_b", "/W", "/web.shared", "/a~b", "/web.r12345678"}) {
    for (const int port : {0, 1, 10}) {
      const ServiceKey key{app, port};
      const std::string id = VulcandId("o", key), more = RouteId(id, "Host(`a`)");
      INFO(id);
      CHECK(ParseVulcandId("o", id) == key);
      CHECK(ParseVulcandId("o", more) == key);
      CHECK(!ParseVulcandId("oo", id).has_value());
      CHECK(!ParseVulcandId("", id).has_value());
      CHECK(!IsSharedVulcandId(id));
      CHECK(std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("._:~-").find(c) != std::string_view::npos;
      }));
      ids.insert(ids.end(), {id, more});
    }
    ids.push_back(SharedVulcandId("o", std::string(app).substr(1)));
    CHECK(ParseVulcandId("o", ids.back()) == ServiceKey{});
    CHECK(IsSharedVulcandId(ids.back()));
  }
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == ids.size());
  for (const char* task : {"web.1", "web.1.3", "a_b.marathon-1.Web", "web.11"}) {
    const auto back = ParseVulcandServerId(VulcandServerId(task, 7));
    REQUIRE(back.has_value());
    CHECK(back->task == task);
    CHECK(back->port == 7);
  }
  for (const std::string& one : ids) {
    for (const std::string& other : ids) {
      CHECK((one == other || !other.starts_with(one)));
    }
  }
  for (const char* id : {"web", "o._web.0", "o._web.~", "o._web.0~", "o._web.x.~", "o._web.00.~",
                         "o._Web.0.~", "o", "o.", "o.:zz.0.~", "o.:61.0.~", "o._web.r1234567.~", "o.~"}) {
    INFO(id);
    CHECK(!ParseVulcandId("o", id).has_value());
  }
  for (const char* id : {"web1", "web.1.~", "web.1.0", "web.1.0~"}) {
    CHECK((std::string(id) == "web.1.~" || !ParseVulcandServerId(id).has_value()));
  }
}

TEST_CASE("Vulcand: a server of another port than its backend's was not made by us") {
  CHECK(ParseServer("o", "o._web.0.~", "web.1.0.~", JsonView()).has_value());
  CHECK(!ParseServer("o", "o._web.0.~", "web.1.1.~", JsonView()).has_value());
}

TEST_CASE("Vulcand's routes: what is narrower is tried first") {
  // Tried in reverse order of the text.
  const std::vector<std::string> order = {RouteText("a.test", "/api/v2"), RouteText("a.test", "/api"),
                                          RouteText("a.test", "/%7E"),    RouteText("a.test", "/"),
                                          RouteText("0.test", "/"),       RouteText("*.test", "/api"),
                                          RouteText("*.test", "")};
  for (size_t i = 1; i < order.size(); ++i) {
    INFO(order[i - 1] << " before " << order[i]);
    CHECK((order[i - 1] > order[i] || i == 3));
  }
  CHECK(RouteText("a.test", "/%7E") > RouteText("a.test", "/"));
  CHECK(RouteText("Web.Example.com", "") == "Host(`web.example.com`) && PathRegexp(`/.*`)");
  CHECK(RouteText("a", "/x.y/") == "Host(`a`) && PathRegexp(`^/x\\.y(/.*)?$`)");
  CHECK(RouteText("*.a.b", "/") == " HostRegexp(`^[^.]+\\.a\\.b$`) && PathRegexp(`/.*`)");
  CHECK(ScopeText({"a.b"}) == "Host(`a.b`)");
  CHECK(ScopeText({"a.b", "*.c"}) == "HostRegexp(`^([^.]+\\.c|a\\.b)$`)");

  for (const char* same :
       {R"(Host("web.test") && PathRegexp("/.*"))", "Host(`WEB.test`)", "PathRegexp(`/.*`)&&Host(`web.test`)",
        "Host (`web.test` ) &&  PathRegexp(`.*`)"}) {
    INFO(same);
    CHECK(RouteMeaning(same) == RouteMeaning(RouteText("web.test", "/")));
  }
  for (const char* other : {"Host(`web.test`) && PathRegexp(`/x`)", "Host(`web2.test`)",
                            "Host(`web.test`) && Method(`GET`)", "nonsense", ""}) {
    INFO(other);
    CHECK(RouteMeaning(other) != RouteMeaning(RouteText("web.test", "/")));
  }
}

VulcandRules Rules(bool listeners = false) {
  return {"o", "vulcand", Expose::kLabelled, listeners, "0.0.0.0"};
}

Service NamedWeb(Profile profile) {
  profile.names = {"web"};
  return MakeService("/web", {{"web.1", "10.0.0.1"}}, std::move(profile));
}

std::vector<std::string> IdsOf(const dispatcher::Rendered& rendered) {
  std::vector<std::string> ids;
  for (const Entry& entry : rendered.structure) {
    ids.push_back(entry.id.kind + " " + entry.id.id);
  }
  return ids;
}

TEST_CASE("a service in Vulcand: a frontend for each host and path, the first under the plain id") {
  Profile profile;
  profile.hosts = {"b.test", "a.test"};
  profile.paths = {"/x", "/y"};
  const dispatcher::Rendered rendered = RenderService(Rules(), NamedWeb(profile));
  REQUIRE(rendered.published);
  REQUIRE(rendered.structure.size() == 5);
  CHECK(rendered.structure[0].id.id == "o._web.0.~");
  CHECK(rendered.structure[1].id.id == "o._web.0.~");
  CHECK(rendered.structure[1].fields.at("route") == RouteText("b.test", "/x"));
  CHECK(rendered.structure[2].id.id == RouteId("o._web.0.~", RouteText("b.test", "/y")));
  CHECK(rendered.claims == std::vector<Claim>{{"route b.test/x", false},
                                              {"route b.test/y", false},
                                              {"route a.test/x", false},
                                              {"route a.test/y", false}});
  // A host that is added or doubled changes nothing about the others.
  profile.hosts = {"b.test", "a.test", "B.test", "c.test"};
  const dispatcher::Rendered more = RenderService(Rules(), NamedWeb(profile));
  CHECK(more.structure.size() == 7);
  const std::vector<std::string> before = IdsOf(rendered), after = IdsOf(more);
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
}

TEST_CASE("several apps under one name share the backend and its frontends, not their listeners") {
  Profile profile;
  profile.names = {"web"};
  profile.hosts = {"web.test"};
  profile.shared = true;
  const auto service = [&](const std::string& app, int port) {
    Profile own = profile;
    own.service_port = port;
    return MakeService(app, {{app.substr(1) + ".1", "10.0.0.1"}}, own);
  };
  const Service blue = service("/blue", 10001), green = service("/green", 10002);
  const dispatcher::Rendered a = RenderService(Rules(true), blue), b = RenderService(Rules(true), green);
  REQUIRE(a.structure.size() == 3);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(a.structure[i].id == b.structure[i].id);
    CHECK(a.structure[i].service == ServiceKey{});
    CHECK(a.structure[i].Fingerprint() == b.structure[i].Fingerprint());
  }
  CHECK(a.structure[2].id != b.structure[2].id);
  CHECK(a.claims ==
        std::vector<Claim>{{"name web", true}, {"route web.test/", true}, {"listener 0.0.0.0:10001", false}});
  const Entry server = RenderInstance(Rules(true), blue, *blue.instances[0])[0];
  CHECK(server.id.id == "o.web.shared.~/blue.1.0.~");
  CHECK(server.service == ServiceKey{"/blue", 0});
}

TEST_CASE("what Vulcand can't hold is refused in words, and what is not meant for it is left out") {
  struct Case {
    std::string name;
    std::function<void(Profile&)> change;
    std::string refusal;  // a part of it; "" = none
    bool published = false;
  };
  for (const Case& c : std::vector<Case>{
           {"usual", [](Profile&) {}, "", true},
           {"not HTTP", [](Profile& p) { p.http = false; }, ""},
           {"kept out by a label", [](Profile& p) { p.routed = false; }, ""},
           {"not HTTP, but asked for", [](Profile& p) { p.http = false, p.adapters = {"vulcand"}; },
            "not an HTTP port"},
           {"kept out, but asked for", [](Profile& p) { p.routed = false, p.adapters = {"vulcand"}; },
            "labels keep it out"},
           {"no label", [](Profile& p) { p.labelled = false; }, ""},
           {"no host", [](Profile& p) { p.hosts.clear(); }, "no host"},
           {"a backtick", [](Profile& p) { p.paths = {"/a`b"}; }, "a backtick"},
           {"strip-path", [](Profile& p) { p.paths = {"/a"}, p.strip_path = true; }, "strip-path"},
           {"strip-path of nothing", [](Profile& p) { p.paths = {"/"}, p.strip_path = true; }, "", true},
           {"no service port", [](Profile& p) { p.service_port = 0; }, "service port"},
       }) {
    INFO(c.name);
    Service service = NamedWeb({});
    Profile profile = *service.profile;
    c.change(profile);
    service.profile = std::make_shared<const Profile>(profile);
    const dispatcher::Rendered rendered = RenderService(Rules(true), service);
    CHECK(rendered.published == c.published);
    CHECK(rendered.refusal.empty() == c.refusal.empty());
    CHECK(rendered.refusal.find(c.refusal) != std::string::npos);
  }
  Service without = NamedWeb({});
  Profile profile = *without.profile;
  profile.service_port = 0;
  without.profile = std::make_shared<const Profile>(profile);
  CHECK(RenderService(Rules(false), without).published);
}

TEST_CASE("Vulcand's errors are told apart by their text, not by 400 and 500") {
  struct Case {
    int status;
    std::string message;
    absl::StatusCode code;
  };
  using Code = absl::StatusCode;
  for (const Case& c : std::vector<Case>{
           {200, "", Code::kOk},
           {404, "Key not found", Code::kNotFound},
           {404, "100: Key not found (/vulcand/backends/x) [7]", Code::kNotFound},
           {400, "501: All the given peers are not reachable (Tried to connect to each peer twice)",
            Code::kUnavailable},
           {500, "client: etcd cluster is unavailable or misconfigured; error #0: EOF", Code::kUnavailable},
           {500, "etcdserver: request timed out", Code::kUnavailable},
           {500, "route should be a valid route expression: x", Code::kInvalidArgument},
           {400, "route should be a valid route expression: x", Code::kInvalidArgument},
           {500, "endpoint url 'x' is not valid", Code::kInvalidArgument},
           {500, "Unsupported backend type tcp", Code::kInvalidArgument},
           {500, "unsupported protocol 'x', supported protocols are http and https", Code::kInvalidArgument},
           {500, "Missing mandatory parameter: Backend", Code::kInvalidArgument},
           {400, "backend id can not be empty", Code::kInvalidArgument},
           {500, "supply a non empty address", Code::kInvalidArgument},
           {500, "json: cannot unmarshal number", Code::kInvalidArgument},
           {500, "can not delete backend 'b', it is in use by [...]", Code::kAborted},
           {500, "Frontend with parameters missing", Code::kUnknown},
           {502, "", Code::kUnknown},
           {403, "", Code::kPermissionDenied},
           {301, "", Code::kFailedPrecondition},
       }) {
    INFO(c.status << " " << c.message);
    HttpResponse response;
    response.status = c.status;
    response.body = "{\"message\":\"" + c.message + "\"}";
    CHECK(VulcandApi::StatusOf(response).code() == c.code);
  }
}

TEST_CASE("Vulcand's settings that can't be are refused by name") {
  const auto refusal = [](auto change) {
    VulcandOptions options;
    change(options);
    const auto adapter = MakeVulcandAdapter(options);
    return adapter.ok() ? std::string() : std::string(Message(adapter.status()));
  };
  CHECK(refusal([](VulcandOptions&) {}).empty());
  const auto names = [&](auto change, std::string_view setting) {
    const std::string text = refusal(change);
    INFO(text);
    CHECK(text.find(setting) != std::string::npos);
  };
  names([](VulcandOptions& o) { o.engine = "x"; }, "adapters.vulcand.engine");
  names([](VulcandOptions& o) { o.engine = "etcd"; }, "adapters.vulcand.etcd_url");
  names([](VulcandOptions& o) { o.engine = "etcd", o.etcd_url = "http://a:1", o.etcd_key = "a/"; },
        "etcd_key");
  names([](VulcandOptions& o) { o.expose = "x"; }, "adapters.vulcand.expose");
  names([](VulcandOptions& o) { o.owner = "A-b"; }, "owner");
  names([](VulcandOptions& o) { o.url = "nowhere"; }, "adapters.vulcand.url");
  names([](VulcandOptions& o) { o.listeners = true, o.listener_address = ""; }, "listener_address");
}

}  // namespace
}  // namespace dispatcher::testing
