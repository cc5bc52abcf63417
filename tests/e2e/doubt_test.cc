// Answers that are wrong, cut or refused, of Marathon and of Consul: nothing is
// deleted, and /readyz says what is the matter.
#include <fstream>

#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/consul_server.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

struct Doubt {
  std::string what;
  std::string faults;
  std::string shown;  // in /readyz
};

TEST_CASE("a doubtful answer of Marathon deletes nothing and is shown", "[doubt]") {
  const Doubt doubt = GENERATE(Doubt{"an empty list", R"({"read_empty":true})", "no apps"},
                               Doubt{"half a body", R"({"read_half":true})", ""},
                               Doubt{"a server error", R"({"read_status":500})", "500"},
                               Doubt{"a refusal", R"({"read_status":401})", "401"});
  CAPTURE(doubt.what);
  WorldOptions options = OfProfile(Profiles().back());
  options.settings = {"marathon.resync_interval=1s", "brake.confirm_after=1s"};
  World world(options);
  world.Deploy({.id = "/web", .instances = 5});
  world.Deploy({.id = "/api", .instances = 3, .checks = false});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();

  world.marathon().Faults(doubt.faults);
  // Believed or not, it was heard several times: reads that failed count as well.
  const double heard = world.dispatcher().Metric(kSnapshots);
  REQUIRE(
      WaitFor([&] { return world.dispatcher().Metric(kSnapshots) >= heard + 4; }, std::chrono::seconds(30)));
  REQUIRE(world.InConsul() == before);
  Readiness ready;
  REQUIRE(WaitFor([&] {
    ready = world.dispatcher().Ready();
    return (!ready.ok() || ready.Mentions("\"degraded\":[\"")) && ready.Mentions(doubt.shown);
  }));

  world.marathon().Faults(R"({"reset":true})");
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
  world.marathon().Scale("/web", 2);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
}

std::unique_ptr<ConsulServer> Guarded() {
  ConsulServerOptions options;
  options.acl = true;
  return ConsulServer::Start(options).value();
}

// Consul answers 200 and an empty list to a token that may read nothing.
TEST_CASE("a powerless Consul token deletes nothing and is shown", "[doubt]") {
  const auto consul = Guarded();
  const std::string good =
      consul
          ->CreateToken(R"(service_prefix "" {policy="write"} node_prefix "" {policy="write"}
                                                agent_prefix "" {policy="read"})")
          .value();
  const std::string powerless = consul->CreateToken(R"(key_prefix "nothing" {policy="read"})").value();
  TempDir dir;
  const std::string token_file = dir.path() + "/token";
  const auto give = [&](const std::string& token) { std::ofstream(token_file) << token; };

  give(good);
  WorldOptions options = OfProfile(Profiles().back());
  options.consul_url = options.view_url = consul->url();
  options.view_headers = {{"X-Consul-Token", consul->master_token()}};
  options.settings = {"marathon.resync_interval=1s", "brake.confirm_after=1s",
                      "adapters.consul.token_file=" + token_file};
  World world(options);
  world.Deploy({.id = "/web", .instances = 2});
  world.Deploy({.id = "/api", .instances = 3});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();

  give(powerless);
  world.dispatcher().Kill9();
  world.StartDispatcher();
  Readiness ready;
  REQUIRE(WaitFor([&] {
    ready = world.dispatcher().Ready();
    return ready.Mentions("consul");
  }));
  world.marathon().Delete("/web");
  world.marathon().WaitDeployed();
  const double heard = world.dispatcher().Metric(kSnapshots);
  REQUIRE(WaitFor([&] { return world.dispatcher().Metric(kSnapshots) >= heard + 2; }));
  REQUIRE(world.InConsul() == before);

  // With a good token again the deletion that was waiting goes through.
  give(good);
  REQUIRE(world.Differs(std::chrono::seconds(60)) == "");
}

TEST_CASE("a token that Consul refuses is shown by name of the adapter, and never logged", "[doubt]") {
  const auto consul = Guarded();
  TempDir dir;
  const std::string token_file = dir.path() + "/token";
  const std::string secret = "99999999-2222-3333-4444-555555555555";
  std::ofstream(token_file) << secret;
  WorldOptions options = OfProfile(Profiles().back());
  options.consul_url = options.view_url = consul->url();
  options.view_headers = {{"X-Consul-Token", consul->master_token()}};
  options.settings = {"adapters.consul.token_file=" + token_file};
  World world(options);
  world.Deploy({.id = "/web", .instances = 1});
  Readiness ready;
  const bool shown = WaitFor([&] {
    ready = world.dispatcher().Ready();
    return ready.Mentions("consul");
  });
  CAPTURE(ready.status, ready.body);
  REQUIRE(shown);
  REQUIRE(world.InConsul().empty());
  REQUIRE(world.dispatcher().Log().find(secret) == std::string::npos);
}

TEST_CASE("a Marathon that wants credentials is given them, and wrong ones are shown", "[doubt]") {
  TempDir dir;
  const std::string password_file = dir.path() + "/password";
  std::ofstream(password_file) << "wrong";
  WorldOptions options = OfProfile(Profiles().back());
  options.marathon.arguments = {"--user", "operator:s3cret"};
  options.marathon.headers = {{"Authorization", "Basic b3BlcmF0b3I6czNjcmV0"}};
  options.settings = {"marathon.username=operator", "marathon.password_file=" + password_file};
  World world(options);
  world.Deploy({.id = "/web", .instances = 2});
  REQUIRE(WaitFor([&] {
    const Readiness ready = world.dispatcher().Ready();
    return ready.status == 503 && ready.Mentions("401");
  }));
  REQUIRE(world.InConsul().empty());
  std::ofstream(password_file) << "s3cret";
  REQUIRE(world.Differs(std::chrono::seconds(60)) == "");
  REQUIRE(world.dispatcher().Log().find("s3cret") == std::string::npos);
}

}  // namespace
}  // namespace dispatcher::testing
