#include <sstream>

#include "dispatcher/admin/admin_server.h"
#include "dispatcher/base/log.h"
#include "dispatcher/commands/commands.h"
#include "tests/admin/fake_source.h"
#include "tests/commands/execute.h"
#include "tests/support/catch.h"
#include "tests/support/certificates.h"
#include "tests/support/process.h"

namespace dispatcher {
namespace {

// A running dispatcher of which a command asks.
class Running {
 public:
  Running() : source(ExampleSource()), server_(Local(), source) { REQUIRE(server_.Start().ok()); }

  int Execute(std::vector<std::string> arguments, const Environment& environment = {}) {
    arguments.insert(arguments.end(), {"--url", "http://" + server_.address()});
    std::ostringstream out_stream, err_stream;
    std::istringstream in;
    const int code = RunCommandLine(arguments, environment, out_stream, err_stream, in);
    out = out_stream.str();
    err = err_stream.str();
    return code;
  }
  std::string address() const { return server_.address(); }

  FakeSource source;
  std::string out, err;

 private:
  static HttpSettings Local() {
    HttpSettings settings;
    settings.listen = "127.0.0.1:0";
    settings.token = "sesame-open";
    return settings;
  }
  AdminServer server_;
};

TEST_CASE("plan lists the changes and tells by its exit code whether there are any") {
  Running running;
  CHECK(running.Execute({"plan"}) == 2);
  CHECK(running.out ==
        "consul: 2 to change\n"
        "  + service dispatcher:shop_cart.2 10.0.0.1:31000 /shop/cart  (running)\n"
        "  - service dispatcher:old  (held: absent from 1 read)\n"
        "the last snapshot of Marathon is not believed, nothing goes for it: Marathon answered with no apps\n"
        "1 removal is held back by the brake: `dispatcher release` lets them go\n");
  running.source.plans[0].changes[0].there = true;
  CHECK(running.Execute({"plan"}) == 2);
  CHECK(running.out.find("  ~ service dispatcher:shop_cart.2 ") != std::string::npos);
  running.source.report.catalog.distrust.clear();
  CHECK(running.Execute({"plan", "--output", "json"}) == 2);
  CHECK(running.out.starts_with(R"({"adapters":[{"adapter":"consul","complete":true,)"));

  running.source.plans[0].changes.clear();
  CHECK(running.Execute({"plan"}) == 0);
  CHECK(running.out == "consul: 0 to change\n");

  running.source.plans[0].complete = false;
  CHECK(running.Execute({"plan"}) == 1);
  CHECK(running.err ==
        "dispatcher: Marathon or a registry has not been read completely yet: ask again, see /readyz\n");
}

TEST_CASE("plan is coloured where that is asked for, and a stream of bytes is no terminal") {
  Running running;
  running.source.plans[0].changes[0].there = true;
  CHECK(running.Execute({"plan", "--color", "always"}) == 2);
  CHECK(running.out.find("  \033[31m- service dispatcher:old\033[0m  (held: ") != std::string::npos);
  CHECK(running.out.find("  \033[33m~ service dispatcher:shop_cart.2\033[0m 10.0.0.1:31000 ") !=
        std::string::npos);
  for (const char* const when : {"auto", "never"}) {
    CHECK(running.Execute({"plan", "--color", when}) == 2);
    CHECK(running.out.find('\033') == std::string::npos);
  }
  CHECK(running.Execute({"plan", "--color", "blue"}) == 1);
  CHECK(running.err == "dispatcher: --color: \"blue\" is not auto, always or never\n");
}

TEST_CASE("plan is coloured on a terminal, but not where NO_COLOR is set or it is a dumb one") {
  const Running running;
  // script(1) of every Debian gives its command a terminal.
  const auto on_terminal = [&](const std::string& term, const std::string& no_color) {
    const auto script = testing::Process::Start({"script", "-qec",
                                                 "NO_COLOR=" + no_color + " TERM=" + term + " " + BINARY_DIR +
                                                     "/dispatcher plan --url http://" + running.address(),
                                                 "/dev/null"})
                            .value();
    CHECK(script->Wait() == 2);
    return script->Output();
  };
  const std::string coloured = on_terminal("xterm", "");
  INFO(coloured);
  CHECK(coloured.find("\033[31m- service") != std::string::npos);
  CHECK(on_terminal("xterm", "1").find("\033[31m") == std::string::npos);
  CHECK(on_terminal("dumb", "").find("\033[31m") == std::string::npos);
}

TEST_CASE("explain tells an app's story, or that of one task") {
  Running running;
  for (const char* name : {"/shop/cart", "shop/cart", "/shop/cart/"}) {
    CHECK(running.Execute({"explain", name}) == 0);
  }
  for (const char* part :
       {"/shop/cart: known\n", "instances wanted: 1", "task shop_cart.2", "phase: Serving",
        "fact: life Running: status_update_event", "port 0 as shop-cart",
        "10.0.0.1:31000 passing, wanted yes, task shop_cart.2",
        "in consul\n  port 1 is not published: /shop/cart: name web is held by /web\n",
        "service dispatcher:shop_cart.2 at 10.0.0.1:31000: as it should be, there for 3 min\n",
        ": its removal is held back, absent from 1 read, there for at least 3 min\n",
        "in kong (not read yet): nothing\n", "Placed -> Running"}) {
    INFO(running.out);
    CHECK(running.out.find(part) != std::string::npos);
  }
  // Of the dead it does not matter how they were.
  const auto service = std::make_shared<Service>(*running.source.services[0]);
  const auto dead = std::make_shared<Instance>(*service->instances[0]);
  dead->want = Want::kNo;
  service->instances = {dead};
  running.source.services = {service};
  CHECK(running.Execute({"explain", "/shop/cart"}) == 0);
  CHECK(running.out.find("10.0.0.1:31000 not wanted, task shop_cart.2") != std::string::npos);
  CHECK(running.Execute({"explain", "/shop/cart", "shop_cart.9"}) == 1);
  CHECK(running.out == "");
  CHECK(running.err == "dispatcher: no task of /shop/cart begins with \"shop_cart.9\"; it has shop_cart.2\n");
  CHECK(running.Execute({"explain", "/shop/cart", "shop_c"}) == 0);
  CHECK(running.out.find("task shop_cart.2") != std::string::npos);

  CHECK(running.Execute({"explain", "/shop/card"}) == 1);
  CHECK(running.err == "dispatcher: no app /shop/card is known: do you mean /shop/cart?\n");
}

TEST_CASE("explain without an app tells how all of it does, and what was decided last") {
  Running running;
  CHECK(running.Execute({"explain"}) == 0);
  for (const char* part :
       {"up for 90 s, ready\n", "degraded: consul: 1 removal is held\n", "event stream: alive at ",
        "heard of 1 s ago", "last snapshot: none yet\n", "not believed: Marathon answered with no apps\n",
        "consul (not read yet): 0 entries there, 2 wanted, 1 removal held back, 2 services refused, ",
        "2 services refused, 1 lane fails\n",
        "last decisions\n1970-01-01T00:00:00.000Z catalog shop_cart.2 Placed -> Running\n"}) {
    INFO(running.out);
    INFO(part);
    CHECK(running.out.find(part) != std::string::npos);
  }
  running.source.report.stream.now.connected = false;
  running.source.report.stream.now.last_error = "connection refused";
  running.source.report.stream.down_for = std::chrono::seconds(300);
  running.source.report.reads.last_snapshot_age = std::chrono::seconds(7);
  CHECK(running.Execute({"explain"}) == 0);
  for (const char* part : {"event stream: lost 5 min ago\n", "its last error: connection refused\n",
                           "last snapshot: complete 7 s ago\n"}) {
    INFO(running.out);
    CHECK(running.out.find(part) != std::string::npos);
  }
  CHECK(running.Execute({"explain", "--output", "json"}) == 0);
  CHECK(running.out.starts_with("{\"version\":"));
}

TEST_CASE("release sends the token of the settings") {
  Running running;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"release"}, std::vector<std::string>{"log-level", "debug"}}) {
    CHECK(running.Execute(words) == 1);
    CHECK(running.err.find("needs the dispatcher's token: its settings with --config") != std::string::npos);
  }
  CHECK(running.source.releases == 0);
  CHECK(running.Execute({"release"}, {{"DISPATCHER_HTTP__TOKEN", "wrong"}}) == 1);
  CHECK(running.source.releases == 0);
  CHECK(running.Execute({"release"}, {{"DISPATCHER_HTTP__TOKEN", "sesame-open"}}) == 0);
  CHECK(running.source.releases == 1);
  CHECK(running.out == "1 held removal was let go\n");
  running.source.report.catalog.distrust.clear();
  CHECK(running.Execute({"release", "/shop/cart", "--adapter", "consul"},
                        {{"DISPATCHER_HTTP__TOKEN", "sesame-open"}}) == 0);
  CHECK(running.out == "nothing is held\n");
  CHECK(running.source.scope.adapter == "consul");
  CHECK(running.source.scope.app == "/shop/cart");
  running.source.report.catalog.distrust = "no apps";
  CHECK(running.Execute({"release"}, {{"DISPATCHER_HTTP__TOKEN", "sesame-open"}}) == 0);
  CHECK(running.out ==
        "nothing is held\nthe last snapshot is not believed: no apps; if that is the truth, restart the "
        "dispatcher, and release what it holds then\n");
  running.source.held_back = 2;
  CHECK(running.Execute({"release"}, {{"DISPATCHER_HTTP__TOKEN", "sesame-open"}}) == 0);
  CHECK(running.out == "2 held removals were let go\n");
  CHECK(running.Execute({"release", "--adapter", "nobody"}, {{"DISPATCHER_HTTP__TOKEN", "sesame-open"}}) ==
        1);
  CHECK(running.err == "dispatcher: there is no adapter nobody, only consul\n");
}

TEST_CASE("log-level shows and, with the token, changes what is logged") {
  Running running;
  const Environment token = {{"DISPATCHER_HTTP__TOKEN", "sesame-open"}};
  REQUIRE(ConfigureLog("error", "text").ok());
  CHECK(running.Execute({"log-level"}) == 0);
  CHECK(running.out == "level error, format text\n");
  CHECK(running.Execute({"log-level", "off"}) == 1);
  CHECK(ChosenLog().level == "error");
  CHECK(running.Execute({"log-level", "off"}, token) == 0);
  CHECK(running.out == "level off, format text\n");
  CHECK(running.Execute({"log-level", "--format", "json"}, token) == 0);
  CHECK(running.out == "level off, format json\n");
  CHECK(ChosenLog().format == "json");
  CHECK(running.Execute({"log-level", "loud"}, token) == 1);
  CHECK(running.err == "dispatcher: log level \"loud\": use debug, info, warning, error or off\n");
  CHECK(running.Execute({"log-levle"}) == 1);
  CHECK(running.err == "dispatcher: log-levle is not a command: do you mean log-level?\n");
  REQUIRE(ConfigureLog("info", "text").ok());
}

TEST_CASE("a dispatcher with TLS is asked by https, with a certificate where it wants one") {
  const testing::TestCa ca;
  const testing::CertificateFiles own = ca.Issue("server"), client = ca.Issue("client");
  HttpSettings settings;
  settings.listen = "127.0.0.1:0";
  settings.tls_cert_file = own.cert;
  settings.tls_key_file = own.key;
  settings.tls_client_ca_file = ca.cert();
  FakeSource source = ExampleSource();
  AdminServer server(settings, source);
  REQUIRE(server.Start().ok());
  const std::vector<std::string> by_url = {"plan", "--url", "https://" + server.address()};
  const std::vector<std::string> by_settings = {"plan",
                                                "--set",
                                                "http.listen=" + server.address(),
                                                "--set",
                                                "http.tls_cert_file=" + own.cert,
                                                "--set",
                                                "http.tls_key_file=" + own.key};
  for (std::vector<std::string> words : {by_url, by_settings}) {
    CHECK(Execute(words).code == 1);
    words.insert(words.end(), {"--ca-file", ca.cert()});
    const Outcome unknown = Execute(words);
    CHECK(unknown.code == 1);
    CHECK(unknown.err.starts_with("dispatcher: no dispatcher answers: https://" + server.address()));
    CHECK(unknown.err.find("--cert-file and --key-file") != std::string::npos);
    words.insert(words.end(), {"--cert-file", client.cert, "--key-file", client.key});
    const Outcome asked = Execute(words);
    CHECK(asked.err == "");
    CHECK(asked.code == 2);
    CHECK(asked.out.starts_with("consul: 2 to change\n"));
  }
  const Outcome plain = Execute({"plan", "--url", "http://" + server.address()});
  CHECK(plain.code == 1);
}

TEST_CASE("Without --url the address of the settings is asked, and silence there is explained") {
  Running running;
  std::ostringstream out, err;
  std::istringstream in;
  CHECK(RunCommandLine({"plan", "--set", "http.listen=" + running.address()}, {}, out, err, in) == 2);
  CHECK(RunCommandLine({"plan", "--url", "http://127.0.0.1:1"}, {}, out, err, in) == 1);
  CHECK(err.str().starts_with(
      "dispatcher: no dispatcher answers at http://127.0.0.1:1: start it, or name another one with --url ("));
}

}  // namespace
}  // namespace dispatcher
