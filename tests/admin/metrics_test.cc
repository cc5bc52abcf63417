#include "dispatcher/admin/metrics.h"

#include <chrono>
#include <fstream>
#include <set>

#include "dispatcher/base/strings.h"
#include "tests/admin/fake_source.h"
#include "tests/admin/metrics_text.h"
#include "tests/support/catch.h"
#include "tests/support/prometheus.h"

namespace dispatcher {
namespace {

std::string Text() { return MetricsText(ExampleSource().report, "1.2.3", ExampleProcess()); }

bool Has(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("The report's figures become samples") {
  const std::string text = "\n" + Text();
  INFO(text);
  CHECK(Has(text, R"(dispatcher_build_info{version="1.2.3"} 1)"));
  CHECK(Has(text, "dispatcher_ready 1"));
  CHECK(Has(text, "dispatcher_degraded_reasons 1"));
  CHECK(Has(text, "dispatcher_stream_silence_seconds 1.5"));
  CHECK(Has(text, "dispatcher_stream_reconnects_total 2"));
  CHECK(Has(text, R"(dispatcher_stream_ignored_events_total{type="subscribe_event"} 7)"));
  CHECK(Has(text, R"(dispatcher_marathon_reads_total{kind="snapshot",result="ok"} 4)"));
  CHECK(Has(text, R"(dispatcher_marathon_reads_total{kind="snapshot",result="failed"} 1)"));
  CHECK(Has(text, R"(dispatcher_marathon_reads_total{kind="app",result="not_found"} 2)"));
  CHECK(Has(text, R"(dispatcher_marathon_read_duration_seconds_bucket{kind="snapshot",le="0.05"} 0)"));
  CHECK(Has(text, R"(dispatcher_marathon_read_duration_seconds_bucket{kind="snapshot",le="0.1"} 5)"));
  CHECK(Has(text, R"(dispatcher_marathon_read_duration_seconds_count{kind="snapshot"} 5)"));
  CHECK(Has(text, "dispatcher_marathon_next_snapshot_seconds 2.5"));
  CHECK(Has(text, R"(dispatcher_changes_applied_total{adapter="consul",op="put"} 11)"));
  CHECK(Has(text, R"(dispatcher_changes_applied_total{adapter="consul",op="delete"} 1)"));
  CHECK(Has(text, R"(dispatcher_removals_held{adapter="consul",cause="over_limit"} 1)"));
  CHECK(Has(text, R"(dispatcher_removals_held{adapter="consul",cause="unconfirmed"} 0)"));
  CHECK(Has(text, R"(dispatcher_drift_repaired_total{adapter="consul"} 4)"));
  CHECK(Has(text, R"(dispatcher_adapter_watched_changes_total{adapter="consul"} 9)"));
  CHECK(Has(text, R"(dispatcher_catalog_distrusts_snapshot 1)"));
  CHECK(Has(text, R"(dispatcher_entries_desired{adapter="consul"} 2)"));
  CHECK(Has(text, R"(dispatcher_adapter_failing_lanes{adapter="consul"} 1)"));
  CHECK(Has(text, R"(dispatcher_services_refused{adapter="consul"} 2)"));
  CHECK(Has(text, R"(dispatcher_services_at_panic_threshold{adapter="consul"} 1)"));
  CHECK(Has(text, R"(dispatcher_adapter_watch_failing{adapter="consul"} 0)"));
  CHECK(Has(text, "process_cpu_seconds_total 12.5"));
  CHECK(Has(text, "process_open_fds 17"));
}

TEST_CASE("Failing entries are told by what becomes of them, a failing watch is told") {
  FakeSource source = ExampleSource();
  AdapterReport& consul = source.report.adapters.front();
  FailedChange retried;
  FailedChange refused;
  refused.refused = true;
  consul.state.failed = {retried, refused, retried};
  consul.state.watch_error = "UNAVAILABLE: connection refused";
  consul.state.gated = 5;
  source.report.static_questions = 3;
  source.report.marathon_version = "1.8.222";
  const std::string text = "\n" + MetricsText(source.report, "1", {});
  CHECK(Has(text, R"(dispatcher_entries_failing{adapter="consul",result="retried"} 2)"));
  CHECK(Has(text, R"(dispatcher_entries_failing{adapter="consul",result="refused"} 1)"));
  CHECK(Has(text, R"(dispatcher_adapter_watch_failing{adapter="consul"} 1)"));
  CHECK(Has(text, R"(dispatcher_queue_gated_services{adapter="consul"} 5)"));
  CHECK(Has(text, "dispatcher_static_questions 3"));
  CHECK(Has(text, R"(dispatcher_marathon_info{version="1.8.222"} 1)"));
}

TEST_CASE("What the kernel counts of this process is plausible and moves") {
  const ProcessFigures before = ReadProcessFigures();
  const std::ifstream open("/proc/self/stat");
  std::vector<char> memory(64 << 20, 'x');
  const ProcessFigures after = ReadProcessFigures();
  CHECK(memory[memory.size() / 2] == 'x');
  CHECK(*after.open_fds == *before.open_fds + 1);
  CHECK(*after.max_fds > *after.open_fds);
  CHECK(*after.resident_bytes >= *before.resident_bytes + 6e7);
  CHECK(*after.virtual_bytes > *after.resident_bytes);
  CHECK(*after.cpu_seconds > *before.cpu_seconds);
  CHECK(*after.start_time_seconds == *before.start_time_seconds);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  CHECK(now - *after.start_time_seconds > -2);
  CHECK(now - *after.start_time_seconds < 3600);
}

TEST_CASE("Latency buckets are cumulated and what is above all bounds is in the last") {
  const std::string text = "\n" + Text();
  const std::string name = "dispatcher_registration_latency_seconds";
  CHECK(Has(text, name + R"(_bucket{adapter="consul",le="0.0005"} 0)"));
  CHECK(Has(text, name + R"(_bucket{adapter="consul",le="0.001"} 5)"));
  CHECK(Has(text, name + R"(_bucket{adapter="consul",le="60"} 5)"));
  CHECK(Has(text, name + R"(_bucket{adapter="consul",le="+Inf"} 6)"));
  CHECK(Has(text, name + R"(_count{adapter="consul"} 6)"));
  CHECK(Has(text, name + R"(_sum{adapter="consul"} 70)"));
}

TEST_CASE("Who leads is told, and more of it where there is an election") {
  FakeSource source = ExampleSource();
  const auto text = [&] { return "\n" + MetricsText(source.report, "1", {}); };
  CHECK(Has(text(), "dispatcher_leader_leading 1"));
  CHECK(text().find("leader_permit") == std::string::npos);
  LeaderReport& leader = source.report.leader;
  leader.elected = true;
  leader.state = "leading";
  leader.permit_left = std::chrono::milliseconds(1500);
  leader.since = std::chrono::seconds(7);
  leader.terms = 2;
  leader.failures = 3;
  CHECK(Has(text(), "dispatcher_leader_permit_seconds 1.5"));
  CHECK(Has(text(), R"(dispatcher_leader_state_seconds{state="leading"} 7)"));
  CHECK(Has(text(), "dispatcher_leader_terms_total 2"));
  CHECK(Has(text(), "dispatcher_leader_store_failures_total 3"));
  leader.leads = false;
  leader.permit_left.reset();
  CHECK(Has(text(), "dispatcher_leader_leading 0"));
  CHECK(Has(text(), "dispatcher_leader_permit_seconds 0"));
}

TEST_CASE("What is not known yet is left out") {
  EngineReport empty;
  const std::string text = MetricsText(empty, "1", {});
  CHECK(text.find("stream_silence") == std::string::npos);
  CHECK(text.find("registration_latency") == std::string::npos);
  CHECK(text.find("dispatcher_stream_reconnects_total 0\n") != std::string::npos);
}

TEST_CASE("No sample carries an app or a task") {
  const std::set<std::string> allowed = {"adapter", "cause", "kind", "le", "op", "result", "type", "version"};
  const std::string text = Text();
  CHECK(text.find("cart") == std::string::npos);
  for (const std::string_view line : Split(text, '\n')) {
    const size_t brace = line.find('{');
    if (line.starts_with("#") || brace == std::string_view::npos) {
      continue;
    }
    for (const std::string_view label : Split(line.substr(brace + 1, line.find('}') - brace - 1), ',')) {
      CHECK(allowed.count(std::string(label.substr(0, label.find('=')))) == 1);
    }
  }
}

TEST_CASE("promtool finds nothing to say about the metrics") {
  const testing::PromtoolAnswer answer = testing::Promtool({"check", "metrics"}, FullMetricsText()).value();
  CHECK(answer.output == "");
  CHECK(answer.code == 0);
}

}  // namespace
}  // namespace dispatcher
