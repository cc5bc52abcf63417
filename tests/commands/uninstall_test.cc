#include "dispatcher/admin/admin_server.h"
#include "dispatcher/net/server.h"
#include "tests/admin/fake_source.h"
#include "tests/commands/execute.h"
#include "tests/support/catch.h"
#include "tests/support/certificates.h"

namespace dispatcher {
namespace {

Outcome RunUninstall(std::vector<std::string> arguments, const std::string& typed = "") {
  arguments.insert(arguments.begin(), {"uninstall", "--set", "log.level=off"});
  return Execute(arguments, {}, typed);
}

TEST_CASE("uninstall: slips get a message with a remedy, and nothing is removed") {
  CHECK(RunUninstall({"--adapter", "memori"}).err ==
        "dispatcher: --adapter memori: there is no such adapter in the settings; did you mean memory?\n");
  CHECK(RunUninstall({"--output", "json"}).err ==
        "dispatcher: --output json asks no question: add --yes, or --dry-run to see what would go\n");
  CHECK(RunUninstall({"--timeout", "3"}).err ==
        "dispatcher: --timeout: \"3\" is not a duration: write 250ms, 60s or 1m30s\n");
}

TEST_CASE("uninstall does not work against a dispatcher that runs, unless told to") {
  HttpSettings settings;
  settings.listen = "127.0.0.1:0";
  FakeSource source = ExampleSource();
  AdminServer server(settings, source);
  REQUIRE(server.Start().ok());
  const std::string listen = "http.listen=" + server.address();
  const Outcome refused = RunUninstall({"--yes", "--set", listen});
  CHECK(refused.code == 1);
  CHECK(refused.err ==
        "dispatcher: a dispatcher runs at http://" + server.address() +
            " and would put back what owner \"dispatcher\" loses: stop it first, or say --force "
            "if that one has other settings\n");
  CHECK(RunUninstall({"--yes", "--force", "--set", listen}).code == 0);
  CHECK(RunUninstall({"--dry-run", "--set", listen}).code == 0);
}

TEST_CASE("uninstall takes a port that speaks TLS for a dispatcher, trusted or not") {
  const testing::TestCa ca;
  const testing::CertificateFiles own = ca.Issue("server");
  HttpSettings settings;
  settings.listen = "127.0.0.1:0";
  settings.tls_cert_file = own.cert;
  settings.tls_key_file = own.key;
  FakeSource source = ExampleSource();
  auto server = std::make_unique<AdminServer>(settings, source);
  REQUIRE(server->Start().ok());
  const std::string address = server->address();
  const std::vector<std::string> words = {"--yes",
                                          "--set",
                                          "http.listen=" + address,
                                          "--set",
                                          "http.tls_cert_file=" + own.cert,
                                          "--set",
                                          "http.tls_key_file=" + own.key};
  const Outcome refused = RunUninstall(words);
  CHECK(refused.code == 1);
  CHECK(refused.err.starts_with("dispatcher: a dispatcher runs at https://" + address));
  server.reset();
  CHECK(RunUninstall(words).code == 0);
}

TEST_CASE("uninstall does not work against a dispatcher that leads, unless told to") {
  std::string session = "some-session";
  int status = 200;
  HttpServer consul;
  consul.Handle("GET", "/v1/kv/dispatcher/leader", [&](const HttpCall&) {
    HttpReply reply;
    reply.status = status;
    reply.headers = {{"X-Consul-Index", "7"}};
    reply.body = R"([{"Key":"dispatcher/leader","Value":"eyJob3N0IjoiaG9zdC0xIiwicGlkIjo3fQ==")" +
                 (session.empty() ? "" : R"(,"Session":")" + session + "\"") + "}]";
    return reply;
  });
  REQUIRE(consul.Start("127.0.0.1", 0).ok());
  const std::string lock = "leader.consul_url=http://127.0.0.1:" + std::to_string(consul.port());
  const std::vector<std::string> elected = {"--yes", "--set", "http.listen=127.0.0.1:1", "--set", lock};
  const Outcome refused = RunUninstall(elected);
  CHECK(refused.code == 1);
  CHECK(refused.err.find("dispatcher: host-1, process 7 leads, and would put back") == 0);
  std::vector<std::string> forced = elected;
  forced.emplace_back("--force");
  CHECK(RunUninstall(forced).code == 0);
  session.clear();
  CHECK(RunUninstall(elected).code == 0);
  status = 500;
  const Outcome unknown = RunUninstall(elected);
  CHECK(unknown.code == 1);
  CHECK(unknown.err.find("say --force if none runs") != std::string::npos);
}

TEST_CASE("uninstall with nothing there asks nothing and is content") {
  const std::vector<std::string> nowhere = {"--set", "http.listen=127.0.0.1:1"};
  const Outcome nothing = RunUninstall(nowhere);
  CHECK(nothing.code == 0);
  CHECK(nothing.out == "memory: 0 to remove\n");
  CHECK(
      RunUninstall({"--dry-run", "--output", "json"}).out ==
      R"({"dry_run":true,"complete":true,"adapters":[{"adapter":"memory","found":0,"entries":[],"errors":[]}]})"
      "\n");
}

TEST_CASE("uninstall touches nothing if it can't look everywhere") {
  const Outcome blind = RunUninstall({"--timeout", "100ms", "--yes", "--set", "http.listen=127.0.0.1:1",
                                      "--set", "adapters.consul.url=http://127.0.0.1:1"});
  CHECK(blind.code == 1);
  CHECK(blind.out.find("in vain waited for: consul: its registry to be read and compared") !=
        std::string::npos);
}

}  // namespace
}  // namespace dispatcher
