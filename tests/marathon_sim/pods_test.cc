// /v2/pods over sockets.
#include "tests/marathon_sim/sim_client.h"

namespace dispatcher::sim {
namespace {

constexpr const char* kPod = R"({"id":"/shop/cart","scaling":{"kind":"fixed","instances":1},
    "networks":[{"mode":"host"}],"containers":[{"name":"web","endpoints":[{"name":"web","hostPort":0}]}]})";

TEST_CASE("a pod's life over REST") {
  TestSim t;
  CHECK(t.Get("/v2/pods/::status").body == "[]");
  const HttpResponse posted = t.Post("/v2/pods", kPod);
  REQUIRE(posted.status == 201);
  CHECK(!FindHeader(posted.headers, "Marathon-Deployment-Id").empty());
  REQUIRE(t.WaitRunning(1));
  CHECK(Parse(t.Get("/v2/pods/::status")).root().At(0)["instances"].size() == 1);
  CHECK(Parse(t.Get("/v2/pods/shop/cart::status")).root()["id"].String() == "/shop/cart");
  CHECK(Parse(t.Get("/v2/pods/shop/cart")).root()["containers"].size() == 1);
  const std::string version = Parse(t.Get("/v2/pods/shop/cart::versions")).root().At(0).StringOr("");
  CHECK(Parse(t.Get("/v2/pods/shop/cart::versions/" + version)).root()["version"].String() == version);
  CHECK(t.Get("/v2/pods/shop/cart::versions/1999").status == 404);
  CHECK(t.Get("/v2/pods/other::status").status == 404);
  CHECK(t.Get("/v2/apps/shop/cart").status == 404);

  const std::string instance = t.Running().front().instance;
  CHECK(t.Call("DELETE", "/v2/pods/shop/cart::instances/" + instance).status == 200);
  REQUIRE(testing::WaitFor([&] { return t.WaitRunning(1) && t.Running().front().instance != instance; }));
  CHECK(t.Call("DELETE", "/v2/pods/shop/cart").status == 202);
  REQUIRE(t.WaitRunning(0));
  CHECK(t.Get("/v2/pods/::status").body == "[]");
  CHECK(t.Call("PATCH", "/v2/pods/shop/cart").status == 405);
}

}  // namespace
}  // namespace dispatcher::sim
