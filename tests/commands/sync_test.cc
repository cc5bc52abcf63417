#include <functional>
#include <sstream>

#include "dispatcher/base/json.h"
#include "dispatcher/commands/sync_report.h"
#include "dispatcher/net/server.h"
#include "tests/commands/execute.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

Change PlannedPut(const std::string& reason) {
  Change change;
  change.id = {"", "service", "web"};
  change.reason = reason;
  return change;
}

SyncReport Equal() {
  SyncReport report;
  report.engine.adapters.resize(1);
  report.engine.adapters[0].name = "consul";
  report.engine.adapters[0].state.puts = 2;
  report.plans.resize(1);
  report.plans[0].right = 5;
  return report;
}

std::string Printed(const SyncReport& report) {
  std::ostringstream out;
  PrintSync(report, out);
  return out.str();
}

TEST_CASE("sync: slips get a message with a remedy") {
  const std::string known = ": allegro, allegro:TAG, owner:OLD, scripts\n";
  CHECK(Execute({"sync", "--adopt", "script"}).err ==
        "dispatcher: --adopt \"script\" is not known; did you mean scripts? It may be" + known);
  CHECK(Execute({"sync", "--adopt", "owners:old"}).err ==
        "dispatcher: --adopt \"owners:old\" is not known; did you mean owner:OLD? It may be" + known);
  CHECK(Execute({"sync", "--adopt", "registrator"}).err ==
        "dispatcher: --adopt \"registrator\" is not known; it may be" + known);
  CHECK(Execute({"sync", "--adopt="}).err == "dispatcher: --adopt \"\" is not known; it may be" + known);
  CHECK(Execute({"sync", "--adopt", "owner:Old"}).err ==
        "dispatcher: --adopt: owner is \"Old\", may be [a-z0-9]{1,20}\n");
  CHECK(
      Execute({"sync", "--adopt", "owner:dispatcher", "--dry-run"}).err ==
      "dispatcher: --adopt owner:dispatcher names the present owner: say the one that it was before, and set "
      "owner to the new one\n");
  CHECK(Execute({"sync", "--timeout", "3"}).err ==
        "dispatcher: --timeout: \"3\" is not a duration: write 250ms, 60s or 1m30s\n");
  CHECK(Execute({"sync", "--timeout", "3"}).code == 1);
}

TEST_CASE("sync: without a Marathon it ends in time and says what it waited for") {
  const std::vector<std::string> command = {
      "sync",  "--timeout",     "100ms",   "--set",  "marathon.urls=http://127.0.0.1:1",
      "--set", "log.level=off", "--adopt", "scripts"};
  const Outcome text = Execute(command);
  CHECK(text.code == 1);
  CHECK(text.out.starts_with("memory: 0 right, 0 written, 0 removed, 0 refused, 0 held, 0 failed\n"));
  CHECK(text.out.find("in vain waited for: Marathon's event stream") != std::string::npos);
  std::vector<std::string> as_json = command;
  as_json.insert(as_json.end(), {"--output", "json"});
  const auto answer = JsonDocument::Parse(Execute(as_json).out);
  REQUIRE(answer.ok());
  CHECK(answer->root()["equal"].Bool() == false);
  CHECK(answer->root()["waiting_for"].size() > 0);
  CHECK(answer->root()["adapters"].At(0)["adapter"].String() == "memory");
}

TEST_CASE("sync: nothing is taken from an owner while a dispatcher of that owner leads") {
  HttpServer consul;
  consul.Handle("GET", "/v1/kv/dispatcher/leader", [](const HttpCall&) {
    HttpReply reply;
    reply.headers = {{"X-Consul-Index", "7"}};
    reply.body = R"([{"Key":"dispatcher/leader","Session":"s","Value":)"
                 R"("eyJvd25lciI6Im9sZCIsImhvc3QiOiJob3N0LTEiLCJwaWQiOjd9"}])";
    return reply;
  });
  REQUIRE(consul.Start("127.0.0.1", 0).ok());
  const std::string url = "http://127.0.0.1:" + std::to_string(consul.port());
  const auto adopt = [](const std::string& whose, const std::string& setting, const std::string& more) {
    return Execute({"sync", "--adopt", whose, "--set", setting, "--timeout", "100ms", "--set",
                    "marathon.urls=http://127.0.0.1:1", "--set", "log.level=off", more});
  };
  // Seen where the own lock is, at the usual key if that is another, and without a lock of one's own.
  for (const std::vector<std::string>& settings :
       {std::vector<std::string>{"leader.consul_url=" + url, "--output=text"},
        {"leader.consul_url=" + url, "--set=leader.key=elsewhere"},
        {"adapters.consul.url=" + url, "--output=text"}}) {
    const Outcome refused = adopt("owner:old", settings[0], settings[1]);
    INFO(settings[0] << " " << settings[1]);
    CHECK(refused.code == 1);
    CHECK(refused.err ==
          "dispatcher: host-1, process 7 leads with owner \"old\" (the lock dispatcher/leader) and would put "
          "back "
          "what is taken from it: stop all dispatchers of that owner first; a lock is left by one that was "
          "killed after twice leader.ttl\n");
  }
  CHECK(adopt("owner:older", "leader.consul_url=" + url, "--output=text").err.empty());
  CHECK(adopt("owner:old", "leader.consul_url=" + url, "--dry-run").err.empty());
}

TEST_CASE("sync: one line an adapter, and a line with the reason for all that is not right") {
  SyncReport report = Equal();
  CHECK(EverythingEquals(report));
  CHECK(Printed(report) == "consul: 5 right, 2 written, 0 removed, 0 refused, 0 held, 0 failed\n");
  ReconcileReport& state = report.engine.adapters[0].state;
  state.refusals = {"/shop/cart: name web is held by /web"};
  state.failed = {{{"", "frontend", "f"}, Op::kPut, {"/web", 0}, "held by another", true},
                  {{"", "server", "s"}, Op::kPut, {"/web", 0}, "down", false}};
  state.held = {{{"", "service", "web"}, {"/web", 0}, "web.1", "absent"}};
  state.failing = {{"agent1", "no route"}};
  report.adopted = {{"vulcand",
                     {{Adoption::Outcome::kTaken, "frontend web", "how"},
                      {Adoption::Outcome::kLeft, "frontend old", "no app"}}}};
  report.waiting = {"consul: its changes"};
  CHECK(Printed(report) ==
        "vulcand: taken over: frontend web: how\n"
        "vulcand: left: frontend old: no app\n"
        "consul: 5 right, 2 written, 0 removed, 2 refused, 1 held, 2 failed\n"
        "  refused: /shop/cart: name web is held by /web\n"
        "  refused: frontend f: held by another\n"
        "  held: service web: absent\n"
        "  failed: server s: down\n"
        "  failed: agent1: no route\n"
        "in vain waited for: consul: its changes\n");
}

TEST_CASE("sync: a dry run says what would be written and removed, and once what is held") {
  SyncReport report = Equal();
  report.dry_run = true;
  report.engine.adapters[0].state.puts = 0;
  Change removal = PlannedPut("absent");
  removal.held = true;
  removal.op = Op::kDelete;
  Change change = PlannedPut("differs from what is wanted");
  change.there = true;
  report.plans[0].changes = {PlannedPut("missing in the registry"), change, removal};
  report.engine.adapters[0].state.held = {{{"", "service", "web"}, {"/web", 0}, "web.1", "absent"}};
  CHECK_FALSE(EverythingEquals(report));
  CHECK(Printed(report) ==
        "consul: 5 right, 2 to write, 0 to remove, 0 refused, 1 held, 0 failed\n"
        "  + service web  (missing in the registry)\n"
        "  ~ service web  (differs from what is wanted)\n"
        "  held: service web: absent\n");
}

TEST_CASE("sync: the exit code says whether everything equals") {
  struct Case {
    std::string name;
    std::function<void(SyncReport&)> change;
  };
  const std::vector<Case> cases = {
      {"waiting", [](SyncReport& r) { r.waiting = {"Marathon"}; }},
      {"not decoded", [](SyncReport& r) { r.engine.reads.bad_apps = {"/odd"}; }},
      {"refused", [](SyncReport& r) { r.engine.adapters[0].state.refusals = {"/web: no"}; }},
      {"failed", [](SyncReport& r) { r.engine.adapters[0].state.failed.resize(1); }},
      {"failing",
       [](SyncReport& r) {
         r.engine.adapters[0].state.failing = {{"", "down"}};
       }},
      {"held", [](SyncReport& r) { r.engine.adapters[0].state.held.resize(1); }},
      {"planned", [](SyncReport& r) { r.plans[0].changes = {PlannedPut("")}; }},
      {"not adopted",
       [](SyncReport& r) {
         r.adopted = {{"kong", {{Adoption::Outcome::kFailed, "service web", "down"}}}};
       }},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    SyncReport report = Equal();
    c.change(report);
    CHECK_FALSE(EverythingEquals(report));
  }
}

}  // namespace
}  // namespace dispatcher
