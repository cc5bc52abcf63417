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
        "consul: 1 to change, 1 held back, it fails: 10.0.0.7: UNAVAILABLE: connection refused\n"
        "  + service dispatcher:shop_cart.2 10.0.0.1:31000 /shop/cart  (running)\n"
        "  - service dispatcher:old  (held: absent from 1 read)\n"
        "the last snapshot of Marathon is not believed, nothing goes for it: Marathon answered with no apps\n"
        "1 removal is held back by the brake: `dispatcher release` lets them go\n");
  running.source.plans[0].changes[0].there = true;
  CHECK(running.Execute({"plan"}) == 2);
  CHECK(running.out.find("  ~ service dispatcher:shop_cart.2 ") != std::string::npos);
  running.source.report.catalog.distrust.clear();
  CHECK(running.Execute({"plan", "--output", "json"}) == 2);
  CHECK(running.out.starts_with(R"({"dry_run":false,"adapters":[{"adapter":"consul","complete":true,)"));

  // What the brake holds is something, too.
  running.source.plans[0].changes.erase(running.source.plans[0].changes.begin());
  running.source.report.adapters[0].state.failing.clear();
  CHECK(running.Execute({"plan"}) == 2);
  CHECK(running.out.starts_with("consul: 0 to change, 1 held back\n"));

  running.source.plans[0].changes.clear();
  CHECK(running.Execute({"plan"}) == 0);
  CHECK(running.out == "consul: 0 to change\n");

  running.source.plans[0].complete = false;
  running.source.report.adapters[0].state.failing = {{"", "connection refused"}};
  CHECK(running.Execute({"plan"}) == 1);
  CHECK(running.out == "consul: unknown, not everything has been read yet, it fails: connection refused\n");
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
       {"/shop/cart: 1 instance wanted, 1 serving\n"
        "  consul: 1 of 1 instance registered as shop-cart; 1 removal held back: absent from 1 read; port 1 "
        "not "
        "published: /shop/cart: name web is held by /web\n"
        "  kong: not known: it was not read yet\n",
        "task shop_cart.2\n  phase: Serving\n  wanted: yes\n", "fact: life Running: status_update_event",
        "port 0, service name shop-cart\n", "instance 10.0.0.1:31000, task shop_cart.2: passing\n",
        "registry consul\n  port 1 is not published: /shop/cart: name web is held by /web\n",
        "service dispatcher:shop_cart.2 at 10.0.0.1:31000: as it should be, there for 3 min\n",
        ": its removal is held back, absent from 1 read, there for at least 3 min\n",
        "registry kong (not read yet): nothing\n", "\nlast decisions\n", "Placed -> Running"}) {
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
  CHECK(running.out.find("10.0.0.1:31000, task shop_cart.2: not wanted\n") != std::string::npos);
  CHECK(running.Execute({"explain", "/shop/cart", "shop_cart.9"}) == 1);
  CHECK(running.out == "");
  CHECK(running.err == "dispatcher: no task of /shop/cart begins with \"shop_cart.9\"; it has shop_cart.2\n");
  CHECK(running.Execute({"explain", "/shop/cart", "shop_c"}) == 0);
  CHECK(running.out.find("task shop_cart.2") != std::string::npos);

  CHECK(running.Execute({"explain", "/shop/card"}) == 1);
  CHECK(running.err == "dispatcher: no app /shop/card is known: do you mean /shop/cart?\n");
}

TEST_CASE("explain says what an app, or a task, is in words that fit its state") {
  Running running;
  const auto said = [&](const std::string& part) {
    CHECK(running.Execute({"explain", "/shop/cart"}) == 0);
    INFO(running.out);
    return running.out.find(part) != std::string::npos;
  };
  AppReport& app = running.source.explained[0];
  app.tasks[0].phase = "Unfit";
  CHECK(
      said("phase: Unfit\n  wanted: in discovery as critical; in routers only as services.panic_threshold "
           "keeps it\n"));
  app.tasks[0].want = "if-there";
  CHECK(said("  wanted: where it is there, and nowhere anew\n"));
  app.missing = {"label dispatcher.x = \"1\" is left out: there is no such label", "a read: it is new"};
  CHECK(said("  problem: label dispatcher.x = "));
  CHECK(said("  missing: a read: it is new\n"));
  for (const auto& [state, words] : {std::pair("learning", "being learned, its definition was not read yet"),
                                     {"gone", "Marathon has it no more"},
                                     {"undecodable", "Marathon's answer for it can't be decoded"}}) {
    app.state = state;
    CHECK(said("/shop/cart: " + std::string(words) + "\n"));
  }
}

TEST_CASE("a dry run is shown wherever somebody looks") {
  Running running;
  running.source.report.dry_run = true;
  CHECK(running.Execute({"explain"}) == 0);
  CHECK(running.out.find("up for 90 s, ready, dry run: nothing is written\n") != std::string::npos);
  CHECK(running.Execute({"plan"}) == 2);
  CHECK(running.out.starts_with("dry run: nothing of this is written\nconsul: "));
  running.source.places[0].second.entries[0].state = "due";
  CHECK(running.Execute({"explain", "/shop/cart"}) == 0);
  CHECK(
      running.out.find("consul: 0 of 1 instance registered as shop-cart; 1 removal held back: absent from 1 "
                       "read; 1 to write (dry run)") != std::string::npos);
}

TEST_CASE("explain shows the tasks that live first, and a few of those that ended") {
  Running running;
  std::vector<TaskReport>& tasks = running.source.explained[0].tasks;
  const TaskReport lives = tasks[0];
  tasks.clear();
  for (int i = 0; i < 6; ++i) {
    tasks.push_back(lives);
    tasks.back().task = "shop_cart.ended" + std::to_string(i);
    tasks.back().phase = "Gone";
  }
  tasks.push_back(lives);
  CHECK(running.Execute({"explain", "/shop/cart"}) == 0);
  INFO(running.out);
  CHECK(running.out.find("task shop_cart.2") < running.out.find("task shop_cart.ended0"));
  CHECK(running.out.find("task shop_cart.ended2") != std::string::npos);
  CHECK(running.out.find("task shop_cart.ended3") == std::string::npos);
  CHECK(running.out.find("and 3 tasks more that ended: name one, or see --output json\n") !=
        std::string::npos);
  CHECK(running.Execute({"explain", "/shop/cart", "shop_cart.ended5"}) == 0);
  CHECK(running.out.find("task shop_cart.ended5") != std::string::npos);
}

TEST_CASE("explain without an app tells how all of it does, and what was decided last") {
  Running running;
  CHECK(running.Execute({"explain"}) == 0);
  for (const char* part :
       {"up for 90 s, ready\n", "degraded: consul: 1 removal is held\n", "event stream: alive at ",
        "heard of 1 s ago", "last snapshot: none yet\n", "not believed: Marathon answered with no apps\n",
        "registry consul (not read yet): 0 entries there, 2 wanted, 1 removal held back, 2 services ",
        "2 services refused\n  fails: 10.0.0.7: UNAVAILABLE: connection refused\n",
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
  const int before = running.source.releases;
  CHECK(running.Execute({"release", "/cart"}) == 1);
  CHECK(running.err == "dispatcher: no app /cart is known: do you mean /shop/cart?\n");
  CHECK(running.source.releases == before);
  CHECK(running.Execute({"release", "shop/cart/"}, {{"DISPATCHER_HTTP__TOKEN", "sesame-open"}}) == 0);
  CHECK(running.source.scope.app == "/shop/cart");
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
  // A slip is told first, whether there is a token or not.
  CHECK(running.Execute({"log-level", "debgu"}) == 1);
  CHECK(running.err ==
        "dispatcher: \"debgu\" is none of debug, info, warning, error or off: do you mean debug?\n");
  CHECK(running.Execute({"log-level", "--format", "xml"}) == 1);
  CHECK(running.err == "dispatcher: \"xml\" is none of text or json\n");
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
    const Outcome untrusted = Execute(words);
    CHECK(untrusted.code == 1);
    CHECK(untrusted.err.find("name the file of its CA in --ca-file\n") != std::string::npos);
    words.insert(words.end(), {"--ca-file", ca.cert()});
    const Outcome unknown = Execute(words);
    CHECK(unknown.code == 1);
    CHECK(unknown.err.starts_with("dispatcher: no dispatcher answers at https://" + server.address() + ": "));
    CHECK(unknown.err.find("in --cert-file, its key in --key-file\n") != std::string::npos);
    words.insert(words.end(), {"--cert-file", client.cert, "--key-file", client.key});
    const Outcome asked = Execute(words);
    CHECK(asked.err == "");
    CHECK(asked.code == 2);
    CHECK(asked.out.starts_with("consul: 1 to change, 1 held back"));
  }
  const Outcome plain = Execute({"plan", "--url", "http://" + server.address()});
  CHECK(plain.code == 1);
  CHECK(plain.err == "dispatcher: this port speaks TLS: ask by https://\n");
  const Outcome missing =
      Execute({"plan", "--url", "https://" + server.address(), "--ca-file", "/no/ca.pem"});
  CHECK(missing.err == "dispatcher: no dispatcher answers at https://" + server.address() +
                           ": --ca-file /no/ca.pem is not there: put it there, or name another one\n");
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
