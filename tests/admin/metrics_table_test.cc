// What is written about the metrics is about those there are.
#include <iostream>

#include "tests/admin/metrics_text.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

std::string Table() {
  std::string table = "| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n";
  for (const auto& [name, metric] : Metrics(FullMetricsText())) {
    std::string labels;
    for (const std::string& label : metric.labels) {
      labels += (labels.empty() ? "`" : ", `") + label + "`";
    }
    table += "| `" + name + "` | " + metric.type + " | " + labels + " | " + metric.help + " |\n";
  }
  return table;
}

TEST_CASE("The report that the table is made of has a sample of every metric") {
  const std::string source = ProjectFile("dispatcher/admin/metrics.cc");
  const std::map<std::string, MetricAsShown> metrics = Metrics(FullMetricsText());
  size_t found = 0;
  for (const std::string_view opens : {"f.Counter(\"", "f.Gauge(\"", "f.Histogram(\""}) {
    for (size_t at = source.find(opens); at != std::string::npos; at = source.find(opens, at + 1)) {
      const size_t begin = at + opens.size();
      const std::string name = source.substr(begin, source.find('"', begin) - begin);
      INFO(name << ": give it a sample in FullMetricsText");
      CHECK(metrics.contains((name.starts_with("process_") ? "" : "dispatcher_") + name));
      ++found;
    }
  }
  CHECK(found == metrics.size());
}

TEST_CASE("The README's table of metrics is the one of /metrics") {
  const std::string table = Table();
  const bool same =
      ProjectFile("README.md").find("<!-- metrics -->\n" + table + "<!-- /metrics -->") != std::string::npos;
  if (!same) {
    std::cout << table;  // Catch breaks its lines
  }
  INFO("put the table above between the markers of README.md");
  CHECK(same);
}

TEST_CASE("Names in rules, dashboard and prose are those of /metrics") {
  for (const std::string file :
       {"README.md", "deploy/README.md", "deploy/demo/verdict.sh", "deploy/grafana/dispatcher.json",
        "deploy/prometheus/alerts.yml", "deploy/prometheus/rules.yml", "tests/admin/rules/alerts_test.yml"}) {
    CAPTURE(file);
    const std::string text = ProjectFile(file);
    CHECK(!NamesIn(text).empty());
    CHECK(UnknownNames(text) == "");
  }
  CHECK(UnknownNames("rate(dispatcher_stream_fames_total[5m])") == "dispatcher_stream_fames_total ");
  CHECK(UnknownNames("dispatcher_ready_count + dispatcher_registration_latency_seconds_count") ==
        "dispatcher_ready_count ");
}

}  // namespace
}  // namespace dispatcher
