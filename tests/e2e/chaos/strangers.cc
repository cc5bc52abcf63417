#include "tests/e2e/chaos/strangers.h"

#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr const char* kAddress = "192.0.2.7";

// Names of theirs. The second is as a dispatcher with the owner "dispatcher2" would
// choose it, and ours is called "dispatcher".
const std::vector<std::string>& TheirNames() {
  static const std::vector<std::string> names = {"stranger", "dispatcher2._web.0"};
  return names;
}

std::string TheirHost(const std::string& name) {
  return name == "stranger" ? "stranger.example" : "web.other.example";
}

}  // namespace

Strangers::Strangers(Http& consul, Routers& routers)
    : consul_(consul), routers_(routers), port_(FreePort()) {}

void Strangers::Remember(Http& registry, const std::vector<std::string>& paths) {
  std::erase_if(looks_, [&](const Look& look) { return look.registry == &registry; });
  for (const std::string& path : paths) {
    looks_.push_back({&registry, path, registry.Must("GET", path)});
  }
}

void Strangers::PutInConsul() {
  const auto put = [&](const std::string& node, const std::string& id, const std::string& name, int port) {
    consul_.Must("PUT", "/v1/catalog/register",
                 R"({"Node":")" + node + R"(","Address":")" + kAddress + R"(","NodeMeta":{"of":"others"},)" +
                     R"("Service":{"ID":")" + id + R"(","Service":")" + name + R"(","Address":")" + kAddress +
                     R"(","Port":)" + std::to_string(port) + R"(,"Tags":["theirs","v1"],)" +
                     R"("Meta":{"dispatcher-owner":"dispatcher2"}},)" + R"("Check":{"Node":")" + node +
                     R"(","CheckID":"c-)" + id + R"(","Name":"theirs",)" + R"("ServiceID":")" + id +
                     R"(","Status":"passing"}})");
  };
  put("stranger", "stranger-1", "stranger", 80);
  // A service that we have, too, by another dispatcher, on a host of ours.
  put("dispatcher2-127.0.1.1", "dispatcher2:web.1:0", "web", 81);
  consul_.Must("PUT", "/v1/kv/stranger/key", "theirs");
  Remember(consul_,
           {"/v1/catalog/node/stranger", "/v1/health/node/stranger", "/v1/catalog/node/dispatcher2-127.0.1.1",
            "/v1/health/node/dispatcher2-127.0.1.1", "/v1/kv/stranger/key"});
}

void Strangers::PutInVulcand() {
  Http& vulcand = routers_.vulcand();
  std::vector<std::string> paths;
  for (const std::string& name : TheirNames()) {
    const std::string id = name == "stranger" ? name : name + ".~", host = TheirHost(name);
    const std::string backend = HttpPath("/v2/backends", {id}), frontend = HttpPath("/v2/frontends", {id});
    vulcand.Must("POST", "/v2/backends", R"({"Backend":{"Id":")" + id + R"(","Type":"http"}})");
    vulcand.Must("POST", backend + "/servers",
                 R"({"Server":{"Id":"web.1.0.~","URL":"http://)" + std::string(kAddress) + R"(:80"}})");
    vulcand.Must("POST", "/v2/frontends",
                 R"({"Frontend":{"Id":")" + id + R"(","Type":"http","BackendId":")" + id +
                     R"(","Route":"Host(`)" + host + R"~(`)"}})~");
    vulcand.Must("POST", frontend + "/middlewares",
                 R"({"Middleware":{"Id":"rl","Type":"ratelimit","Priority":0,"Middleware":{"Requests":9,)"
                 R"("PeriodSeconds":1,"Burst":9,"Variable":"client.ip"}}})");
    vulcand.Must("POST", "/v2/hosts", R"({"Host":{"Name":")" + host + R"("}})");
    paths.insert(paths.end(), {backend, backend + "/servers", frontend, frontend + "/middlewares",
                               HttpPath("/v2/hosts", {host})});
  }
  vulcand.Must("POST", "/v2/listeners",
               R"({"Listener":{"Id":"stranger","Protocol":"http","Address":{"Network":"tcp","Address":)"
               R"("127.0.0.1:)" +
                   std::to_string(port_) + R"("}}})");
  paths.emplace_back("/v2/listeners/stranger");
  Remember(vulcand, paths);
}

void Strangers::PutInKongs() {
  for (Http* const kong : {&routers_.kong(), &routers_.gateway()}) {
    std::vector<std::string> paths;
    for (const std::string& name : TheirNames()) {
      const std::string tags = R"("tags":["dispatcher-owner:dispatcher2","theirs"])";
      const std::string service = "/services/" + name, route = "/routes/" + name;
      const std::string upstream = "/upstreams/" + name + ".up";
      kong->Must("POST", "/services",
                 R"({"name":")" + name + R"(","host":")" + kAddress + R"(","port":80,)" + tags + "}");
      kong->Must("POST", service + "/routes",
                 R"({"name":")" + name + R"(","hosts":[")" + TheirHost(name) + R"("],)" + tags + "}");
      kong->Must("POST", service + "/plugins", R"({"name":"key-auth"})");
      kong->Must("POST", "/upstreams", R"({"name":")" + name + R"(.up",)" + tags + "}");
      kong->Must("POST", upstream + "/targets",
                 R"({"target":")" + std::string(kAddress) + R"(:80","weight":7})");
      paths.insert(paths.end(), {service, service + "/plugins", route, upstream, upstream + "/targets"});
    }
    Remember(*kong, paths);
  }
}

std::string Strangers::Differs() {
  std::string difference;
  for (const Look& look : looks_) {
    HttpResponse answer;
    WaitFor([&] {
      answer = look.registry->Call("GET", look.path);
      return answer.status / 100 != 5;  // Consuls elect anew
    });
    if (answer.body != look.text) {
      difference += look.registry->url() + look.path + " was\n" + look.text + "\nand is " +
                    std::to_string(answer.status) + "\n" + answer.body + "\n";
    }
  }
  return difference;
}

Endpoints Strangers::ConsulEndpoints() const {
  return {{{"stranger", kAddress, 80}, "passing"}, {{"web", kAddress, 81}, "passing"}};
}

Endpoints Strangers::RouterEndpoints() const {
  Endpoints endpoints;
  for (const std::string& name : TheirNames()) {
    endpoints[{TheirHost(name), kAddress, 80}] = "";
  }
  return endpoints;
}

}  // namespace dispatcher::testing
