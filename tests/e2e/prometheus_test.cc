// A real Prometheus reads a dispatcher and judges it by deploy/prometheus, and answers what
// deploy/grafana/dispatcher.json asks.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "dispatcher/base/strings.h"
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/prometheus.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

std::string FileOf(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(TEST_DATA "/../../" + path).rdbuf();
  return text.str();
}

void Replace(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// A Prometheus with the rules of deploy/prometheus, which looks ten times a second at a
// dispatcher and does not wait until an alert has stood for its time.
class Observer {
 public:
  explicit Observer(const std::string& dispatcher) {
    std::string alerts = FileOf("deploy/prometheus/alerts.yml");
    for (const std::string minutes : {"1m", "2m", "5m", "10m", "15m"}) {
      Replace(alerts, "for: " + minutes + "\n", "for: 0s\n");
    }
    std::ofstream(home_.path() + "/alerts.yml") << alerts;
    std::ofstream(home_.path() + "/rules.yml") << FileOf("deploy/prometheus/rules.yml");
    std::string config = FileOf("deploy/prometheus/prometheus.yml");
    Replace(config, "15s", "100ms");
    Replace(config, "- rules.yml", "- " + home_.path() + "/rules.yml");
    Replace(config, "- alerts.yml", "- " + home_.path() + "/alerts.yml");
    Replace(config, "127.0.0.1:8090", dispatcher);
    prometheus_ = Prometheus::Start(config).value();
    http_ = std::make_unique<Http>(prometheus_->url());
  }

  JsonDocument Ask(const std::string& what) { return http_->GetJson("/api/v1/" + what); }

  // How many series a query gives; throws if it is no PromQL.
  size_t Series(const std::string& query) {
    return Ask("query?query=" + PercentEncode(query)).root()["data"]["result"].size();
  }
  // The value of the only series a query gives, "" if there is none or several.
  std::string Value(const std::string& query) {
    const JsonDocument answer = Ask("query?query=" + PercentEncode(query));
    const JsonView result = answer.root()["data"]["result"];
    return result.size() == 1 ? result.At(0)["value"].At(1).StringOr("") : "";
  }
  // The names of the alerts that fire.
  std::set<std::string> Firing() {
    std::set<std::string> names;
    const JsonDocument answer = Ask("alerts");
    answer.root()["data"]["alerts"].ForEach([&](JsonView alert) {
      if (alert["state"].StringOr("") == "firing") {
        names.insert(alert["labels"]["alertname"].StringOr(""));
      }
    });
    return names;
  }

 private:
  TempDir home_;
  std::unique_ptr<Prometheus> prometheus_;
  std::unique_ptr<Http> http_;
};

// Each query of the dashboard, with what a viewer chose filled in; by panel.
std::map<std::string, std::string> Queries() {
  std::map<std::string, std::string> queries;
  const JsonDocument board = ParseJson(FileOf("deploy/grafana/dispatcher.json"));
  const auto add = [&](const std::string& name, std::string query) {
    Replace(query, "$__rate_interval", "1m");
    for (const std::string_view variable : {"$job", "$instance", "$adapter"}) {
      Replace(query, variable, ".*");
    }
    queries[name] = query;
  };
  board.root()["panels"].ForEach([&](JsonView panel) {
    panel["targets"].ForEach([&](JsonView target) {
      add(panel["title"].StringOr("") + " " + target["refId"].StringOr(""), target["expr"].StringOr(""));
    });
  });
  return queries;
}

// What of /metrics the README's table does not have.
std::string Undocumented(const std::string& metrics) {
  const std::string readme = FileOf("README.md");
  std::string missing;
  for (const std::string_view line : Split(metrics, '\n')) {
    const std::vector<std::string_view> words = Split(line, ' ');
    if (line.starts_with("# TYPE ") &&
        readme.find("| `" + std::string(words[2]) + "` | " + std::string(words[3])) == std::string::npos) {
      missing.append(line).append("\n");
    }
  }
  return missing;
}

TEST_CASE("Prometheus reads a dispatcher, answers the dashboard, and calls when the stream is dead",
          "[prometheus]") {
  WorldOptions options;
  options.settings = {"leader.key=test/prometheus", "leader.ttl=10s"};
  World world(options);
  world.Deploy({.id = "/web", .instances = 2});
  REQUIRE(world.Differs() == "");

  const std::string metrics = world.dispatcher().Call("GET", "/metrics").body;
  CHECK(Undocumented(metrics) == "");
  const PromtoolAnswer checked = Promtool({"check", "metrics"}, metrics).value();
  CHECK(checked.output == "");
  CHECK(checked.code == 0);

  Observer prometheus(world.dispatcher().address());
  REQUIRE(WaitFor([&] { return prometheus.Value("up") == "1"; }));
  CHECK(WaitFor([&] { return prometheus.Value("job:dispatcher_leader_leading:sum") == "1"; }));
  CHECK(WaitFor([&] {
    return prometheus.Value("dispatcher_entries_actual - dispatcher_entries_desired") == "0" &&
           prometheus.Value("dispatcher_stream_attached") == "1";
  }));

  // Each rule has been evaluated, and none is broken or fires.
  std::string unwell;
  CHECK(WaitFor([&] {
    unwell.clear();
    const JsonDocument rules = prometheus.Ask("rules");
    rules.root()["data"]["groups"].ForEach([&](JsonView group) {
      group["rules"].ForEach([&](JsonView rule) {
        if (rule["health"].StringOr("") != "ok" || rule["alerts"].size() > 0) {
          unwell += rule["name"].StringOr("") + " " + rule["lastError"].StringOr("") + "\n";
        }
      });
    });
    return unwell.empty();
  }));
  CHECK(unwell == "");

  // Rates need two looks, so panels fill one after the other; what changes fills the rest.
  world.marathon().Scale("/web", 3);
  for (const auto& [panel, query] : Queries()) {
    CAPTURE(panel, query);
    // Nothing fires, and no event needs to be of no use: these are only asked.
    if (panel == "Alerts that fire A" || panel == "Events C") {
      prometheus.Series(query);
    } else {
      CHECK(WaitFor([&, &query = query] { return prometheus.Series(query) > 0; }));
    }
  }
  CHECK(WaitFor([&] { return prometheus.Firing().empty(); }));

  world.marathon().Control("restart", R"({"down_ms":60000})");
  REQUIRE(WaitFor([&] { return prometheus.Firing().contains("DispatcherStreamDead"); }));
  // An alert fires a moment before its series is there.
  CHECK(WaitFor([&] { return prometheus.Series(Queries().at("Alerts that fire A")) > 0; }));
  CHECK(WaitFor([&] { return prometheus.Value("dispatcher_stream_attached") == "0"; }));
}

}  // namespace
}  // namespace dispatcher::testing
