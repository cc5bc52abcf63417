// The brake, as an operator meets it: a Marathon that answers with nothing, what is
// held back and where that is to be seen, and what lets it go.
#include <fstream>

#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr std::string_view kSnapshotsRead =
    "dispatcher_marathon_reads_total{kind=\"snapshot\",result=\"ok\"}";
constexpr const char* kToken = "open-sesame";

WorldOptions Braked(TempDir& dir) {
  const std::string token_file = dir.path() + "/http-token";
  std::ofstream(token_file) << kToken;
  WorldOptions options = OfProfile(Profiles().back());
  options.settings = {"marathon.resync_interval=1s", "brake.confirm_after=1s",
                      "http.token_file=" + token_file};
  return options;
}

void HearSnapshots(World& world, int count) {
  const double heard = world.dispatcher().Metric(kSnapshotsRead);
  REQUIRE(WaitFor([&] { return world.dispatcher().Metric(kSnapshotsRead) >= heard + count; },
                  std::chrono::seconds(60)));
}

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

size_t HeldIn(const JsonDocument& plan) {
  size_t held = 0;
  plan.root()["adapters"].ForEach([&](JsonView adapter) {
    adapter["changes"].ForEach([&](JsonView change) { held += change["held"].BoolOr(false); });
  });
  return held;
}

TEST_CASE("a Marathon that was full and answers with no apps removes nothing, and it is shown", "[brake]") {
  TempDir dir;
  World world(Braked(dir));
  world.Deploy({.id = "/web", .instances = 5});
  world.Deploy({.id = "/api", .instances = 3, .checks = false});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();

  // One that knows better: nothing is even planned.
  world.marathon().Faults(R"({"read_empty":true})");
  HearSnapshots(world, 4);
  REQUIRE(world.InConsul() == before);
  CHECK(world.dispatcher().Ready().ok());
  CHECK(world.dispatcher().Ready().Mentions("Marathon answered with no apps at all while 2 are known"));
  CHECK(world.dispatcher().Metric("dispatcher_catalog_distrusts_snapshot") == 1);
  CHECK(CountOf(world.dispatcher().Log(), "Marathon answered with no apps at all") == 1);
  const HttpResponse plan = world.dispatcher().Call("GET", "/v1/plan");
  CHECK(plan.body.find("Marathon answered with no apps at all") != std::string::npos);
  CHECK(world.dispatcher().Call("POST", "/v1/release", kToken).body.starts_with(R"({"released":0,)"));

  // One that has just started knows nothing but what the registry holds.
  world.dispatcher().Kill9();
  world.StartDispatcher();
  REQUIRE(WaitFor([&] { return world.dispatcher().Ready().Mentions("removals are held back"); }));
  HearSnapshots(world, 4);
  REQUIRE(world.InConsul() == before);
  const Readiness ready = world.dispatcher().Ready();
  CAPTURE(ready.body);
  CHECK(ready.ok());
  CHECK(ready.Mentions("8 removals are held back (8 empty_answer)"));
  CHECK(ready.Mentions("`dispatcher release` lets them go"));
  CHECK(world.dispatcher().Metric(R"(dispatcher_removals_held{adapter="consul",cause="empty_answer"})") == 8);
  CHECK(world.dispatcher().Metric("dispatcher_removals_held") == 8);
  CHECK(CountOf(world.dispatcher().Log(), "held back: ") == 2);  // once a service
  const JsonDocument held = ParseJson(world.dispatcher().Call("GET", "/v1/plan").body);
  CHECK(HeldIn(held) == 8);

  // Marathon is itself again: all that was held is wanted.
  world.marathon().Faults(R"({"reset":true})");
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
  REQUIRE(WaitFor([&] { return world.dispatcher().Metric("dispatcher_removals_held") == 0; }));
  REQUIRE(
      WaitFor([&] { return world.dispatcher().Log().find("no removal is held back") != std::string::npos; }));
  CHECK_FALSE(world.dispatcher().Ready().Mentions("held back"));
}

TEST_CASE("only an operator with the token lets go what is held, all of it or one app's", "[brake]") {
  TempDir dir;
  World world(Braked(dir));
  world.Deploy({.id = "/web", .instances = 3});
  world.Deploy({.id = "/api", .instances = 2});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();
  CHECK(world.dispatcher().Call("POST", "/v1/release", kToken).body == R"({"released":0,"distrust":""})");
  world.dispatcher().Kill9();
  world.marathon().Faults(R"({"read_empty":true})");
  world.StartDispatcher();
  REQUIRE(WaitFor([&] { return world.dispatcher().Metric("dispatcher_removals_held") == 5; }));

  struct Case {
    const char *target, *token;
    int status;
    const char* says;
  };
  for (const Case& c :
       {Case{"/v1/release", "", 401, "Authorization: Bearer"},
        Case{"/v1/release", "wrong", 401, "Authorization: Bearer"},
        Case{"/v1/release?adapter=kong", kToken, 404, "there is no adapter kong, only consul"},
        Case{"/v1/release?service=web", kToken, 400, "adapter=NAME and app=ID"},
        Case{"/v1/release?app=/none", kToken, 404, "no app /none is known"}}) {
    CAPTURE(c.target, c.token);
    const HttpResponse answer = world.dispatcher().Call("POST", c.target, c.token);
    CHECK(answer.status == c.status);
    CHECK(answer.body.find(c.says) != std::string::npos);
  }
  HearSnapshots(world, 2);
  REQUIRE(world.InConsul() == before);

  CHECK(world.dispatcher().Call("POST", "/v1/release?app=/api&adapter=consul", kToken).status == 200);
  REQUIRE(WaitFor([&] { return world.InConsul().size() == 3; }));
  CHECK(world.dispatcher().Metric("dispatcher_removals_held") == 3);
  CHECK(world.dispatcher().Call("POST", "/v1/release", kToken).body.starts_with(R"({"released":3,)"));
  REQUIRE(WaitFor([&] { return world.InConsul().empty(); }));
  world.marathon().Faults(R"({"reset":true})");
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
}

}  // namespace
}  // namespace dispatcher::testing
