#include "dispatcher/admin/metrics.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "dispatcher/admin/metric_families.h"

namespace dispatcher {
namespace {

using Families = MetricFamilies;

void AddProcess(const ProcessFigures& process, Families& f) {
  f.Counter("process_cpu_seconds_total", "Processor time used, user and system").Sample(process.cpu_seconds);
  f.Gauge("process_start_time_seconds", "Start of the process, since the epoch")
      .Sample(process.start_time_seconds);
  f.Gauge("process_resident_memory_bytes", "Memory in use").Sample(process.resident_bytes);
  f.Gauge("process_virtual_memory_bytes", "Address space in use").Sample(process.virtual_bytes);
  f.Gauge("process_open_fds", "Open file descriptors").Sample(process.open_fds);
  f.Gauge("process_max_fds", "File descriptors that may be open").Sample(process.max_fds);
}

void AddProcess(const EngineReport& report, std::string_view version, Families& f) {
  f.Gauge("build_info", "Version of this program; the value is always 1")
      .Sample(true, {{"version", std::string(version)}});
  if (!report.marathon_version.empty()) {
    f.Gauge("marathon_info", "Version of Marathon; the value is always 1")
        .Sample(true, {{"version", report.marathon_version}});
  }
  f.Gauge("uptime_seconds", "Time since the start").Sample(Seconds(report.uptime));
  f.Gauge("settings_age_seconds",
          "Time since the settings were read, at the start or by SIGHUP: counters begin with it")
      .Sample(Seconds(report.settings_age));
  f.Gauge("ready", "1 if /readyz answers 200").Sample(report.ready);
  f.Gauge("degraded_reasons", "Things that an operator should look at, see /readyz")
      .Sample(uint64_t{report.degraded.size()});
}

void AddLeader(const LeaderReport& leader, Families& f) {
  f.Gauge("leader_leading", "1 if this dispatcher may write; always, where there is no election")
      .Sample(leader.leads);
  if (!leader.elected) {
    return;
  }
  f.Gauge("leader_permit_seconds", "Time until the right to write ends if it is not renewed; 0 without it")
      .Sample(Seconds(leader.permit_left.value_or(Duration::zero())));
  f.Gauge("leader_state_seconds", "Time since the state of the election changed, by state")
      .Sample(Seconds(leader.since), {{"state", leader.state}});
  f.Counter("leader_terms_total", "Times that this dispatcher won the right to write").Sample(leader.terms);
  f.Counter("leader_store_failures_total", "Calls of the lock's store that failed").Sample(leader.failures);
}

void AddStream(const StreamReport& report, Families& f) {
  const StreamCounters& stream = report.now;
  f.Gauge("stream_connected", "1 if Marathon's event stream is open").Sample(stream.connected);
  f.Gauge("stream_attached", "1 if the open stream is proven by an event").Sample(stream.attached);
  f.Gauge("stream_silence_seconds", "Age of the last byte of the event stream: an event, or a heartbeat")
      .Sample(report.silent_for);
  f.Gauge("stream_down_seconds", "Time without a proven stream")
      .Sample(Seconds(report.down_for.value_or(Duration::zero())));
  f.Counter("stream_connects_total", "Event streams opened").Sample(stream.connects);
  f.Counter("stream_reconnects_total", "Event streams opened after the first")
      .Sample(stream.connects > 0 ? stream.connects - 1 : uint64_t{0});
  f.Counter("stream_failures_total", "Event streams that ended, and attempts that failed")
      .Sample(stream.failures);
  f.Counter("stream_redirects_total", "Redirects to the leading Marathon").Sample(stream.redirects);
  f.Counter("stream_received_bytes_total", "Bytes of the event stream").Sample(stream.bytes);
  f.Counter("stream_frames_total", "Events received, heartbeats not counted").Sample(stream.frames);
  f.Counter("stream_gaps_total", "Events too large or not understood; each makes a complete read due")
      .Sample(stream.gaps);
  f.Counter("stream_ignored_events_total", "Events of a type that is of no use here, by type");
  for (const auto& [type, count] : stream.ignored) {
    f.Sample(count, {{"type", type}});
  }
}

void AddReads(const ReadsReport& reads, Families& f) {
  const std::array<std::pair<std::string, const ReadCounts*>, 4> kinds = {{{"snapshot", &reads.snapshots},
                                                                           {"app", &reads.apps},
                                                                           {"version", &reads.versions},
                                                                           {"info", &reads.infos}}};
  f.Counter("marathon_reads_total", "Reads of Marathon that ended, by kind and result");
  for (const auto& [kind, counts] : kinds) {
    f.Sample(counts->ok, {{"kind", kind}, {"result", "ok"}})
        .Sample(counts->not_found, {{"kind", kind}, {"result", "not_found"}})
        .Sample(counts->failed, {{"kind", kind}, {"result", "failed"}});
  }
  f.Histogram("marathon_read_duration_seconds", "Reads of Marathon, whatever the result");
  for (const auto& [kind, counts] : kinds) {
    f.Sample(counts->seconds, {{"kind", kind}});
  }
  f.Counter("marathon_reads_collapsed_total", "Wanted reads that joined one that waited")
      .Sample(reads.collapsed);
  f.Gauge("marathon_reads_pending", "Reads wanted and not begun").Sample(uint64_t{reads.pending});
  f.Gauge("marathon_reads_in_flight", "Reads under way").Sample(uint64_t{reads.in_flight});
  f.Gauge("marathon_snapshot_age_seconds", "Time since the last complete read")
      .Sample(reads.last_snapshot_age);
  f.Gauge("marathon_next_snapshot_seconds",
          "Time until the next complete read, after which each registry is compared")
      .Sample(reads.next_snapshot_in);
  f.Gauge("marathon_undecodable_apps", "Apps of the last complete read that could not be decoded")
      .Sample(uint64_t{reads.bad_apps.size()});
}

void AddCatalog(const EngineReport& report, Families& f) {
  f.Gauge("inbox_events", "What was learnt and not yet merged").Sample(uint64_t{report.inbox.depth});
  f.Gauge("inbox_peak_events", "Largest inbox since start").Sample(uint64_t{report.inbox.peak});
  f.Counter("inbox_received_total", "What was learnt since start, from events and reads")
      .Sample(report.inbox.last_seq);
  f.Histogram("catalog_step_duration_seconds", "One round of the catalog: merge, judge, build, offer")
      .Sample(report.step_seconds);
  f.Gauge("catalog_synced", "1 if a complete read was believed since the stream was opened")
      .Sample(report.catalog.synced);
  f.Gauge("catalog_distrusts_snapshot", "1 if the last complete read was not believed, see /readyz")
      .Sample(!report.catalog.distrust.empty());
  f.Gauge("catalog_apps", "Apps known").Sample(uint64_t{report.catalog.apps});
  f.Gauge("catalog_tasks", "Tasks known, the lately dead among them").Sample(uint64_t{report.catalog.tasks});
  f.Gauge("catalog_running_tasks", "Tasks known to run").Sample(uint64_t{report.catalog.running});
  f.Gauge("catalog_services", "Services built: one a port of an app").Sample(uint64_t{report.services});
  f.Gauge("static_questions", "Questions for leaders and health of static services, under way or due")
      .Sample(uint64_t{report.static_questions});
}

// One family over all adapters.
template <typename Get>
void PerAdapter(const std::vector<AdapterReport>& adapters, Families& family, Get get) {
  for (const AdapterReport& adapter : adapters) {
    family.Sample(get(adapter), {{"adapter", adapter.name}});
  }
}

void AddAdapters(const std::vector<AdapterReport>& adapters, Families& f) {
  using A = const AdapterReport&;
  f.Gauge("adapter_info", "Adapters and their types; the value is always 1");
  for (const AdapterReport& adapter : adapters) {
    f.Sample(true, {{"adapter", adapter.name}, {"type", adapter.type}});
  }
  PerAdapter(adapters,
             f.Histogram("registration_latency_seconds", "From the event's receipt to its confirmed write"),
             [](A a) { return a.latency; });
  PerAdapter(adapters, f.Histogram("adapter_write_duration_seconds", "Calls that write to the registry"),
             [](A a) { return a.write_seconds; });
  PerAdapter(adapters,
             f.Histogram("adapter_read_duration_seconds", "Complete reads of a part of the registry"),
             [](A a) { return a.read_seconds; });
  PerAdapter(adapters, f.Counter("adapter_read_failures_total", "Reads of the registry that failed"),
             [](A a) { return a.failed_reads; });
  PerAdapter(adapters, f.Gauge("adapter_synced", "1 if all of the registry was read at least once"),
             [](A a) { return a.state.read_once; });
  PerAdapter(adapters,
             f.Gauge("adapter_watch_failing", "1 if changes by others are found by complete reads alone"),
             [](A a) { return !a.state.watch_error.empty(); });
  PerAdapter(adapters, f.Gauge("adapter_failing_lanes", "Parts of the registry whose last call failed"),
             [](A a) { return uint64_t{a.state.failing.size()}; });
  PerAdapter(adapters, f.Gauge("entries_desired", "Entries the registry should hold"),
             [](A a) { return uint64_t{a.state.desired}; });
  PerAdapter(adapters, f.Gauge("entries_actual", "Entries of ours the registry holds"),
             [](A a) { return uint64_t{a.state.actual}; });
  PerAdapter(adapters, f.Gauge("changes_planned", "Changes due and not yet confirmed"),
             [](A a) { return uint64_t{a.state.pending}; });
  f.Gauge("entries_failing",
          "Entries whose last write failed: tried again, or refused until something changes");
  for (const AdapterReport& adapter : adapters) {
    const std::vector<FailedChange>& failed = adapter.state.failed;
    const auto refused = static_cast<uint64_t>(std::count_if(
        failed.begin(), failed.end(), [](const FailedChange& change) { return change.refused; }));
    f.Sample(refused, {{"adapter", adapter.name}, {"result", "refused"}});
    f.Sample(failed.size() - refused, {{"adapter", adapter.name}, {"result", "retried"}});
  }
  f.Counter("changes_applied_total", "Changes written, by operation");
  for (const AdapterReport& adapter : adapters) {
    f.Sample(adapter.state.puts, {{"adapter", adapter.name}, {"op", "put"}});
    f.Sample(adapter.state.deletes, {{"adapter", adapter.name}, {"op", "delete"}});
  }
  PerAdapter(adapters, f.Counter("changes_failed_total", "Changes that the registry did not take"),
             [](A a) { return a.state.failures; });
  PerAdapter(adapters, f.Counter("change_retries_total", "Changes tried again"),
             [](A a) { return a.state.retries; });
  PerAdapter(adapters, f.Gauge("queue_units", "Services that wait to be written"),
             [](A a) { return uint64_t{a.state.queued_units}; });
  PerAdapter(adapters, f.Gauge("queue_in_flight_units", "Services being written"),
             [](A a) { return uint64_t{a.state.in_flight}; });
  PerAdapter(adapters, f.Gauge("queue_backing_off_units", "Services that wait after a failure"),
             [](A a) { return uint64_t{a.state.backing_off}; });
  PerAdapter(adapters, f.Gauge("queue_gated_services", "Services whose structure waits for another adapter"),
             [](A a) { return uint64_t{a.state.gated}; });
  f.Gauge("removals_held", "Removals that the brake holds back, by what they wait for");
  for (const AdapterReport& adapter : adapters) {
    for (const HeldFor cause : kHeldForAll) {
      const size_t count = CountHeld(adapter.state.held, cause);
      f.Sample(static_cast<double>(count), {{"adapter", adapter.name}, {"cause", std::string(Name(cause))}});
    }
  }
  PerAdapter(
      adapters,
      f.Counter("drift_repaired_total", "Entries that others had changed or removed, and were put back"),
      [](A a) { return a.state.drift_repaired; });
  PerAdapter(adapters,
             f.Counter("adapter_watched_changes_total", "Times the registry said that something had changed"),
             [](A a) { return a.state.watched_changes; });
  PerAdapter(adapters, f.Counter("adapter_reads_total", "Reads of a part of the registry"),
             [](A a) { return a.reads; });
  PerAdapter(adapters, f.Gauge("services_refused", "Services that are not published, see /v1/adapters"),
             [](A a) { return uint64_t{a.state.refusals.size()}; });
  PerAdapter(adapters,
             f.Gauge("services_at_panic_threshold",
                     "Services that this threshold alone keeps from losing more instances"),
             [](A a) { return uint64_t{a.state.panics.size()}; });
}

}  // namespace

std::string MetricsText(const EngineReport& report, std::string_view version, const ProcessFigures& process) {
  Families families;
  AddProcess(process, families);
  AddProcess(report, version, families);
  AddLeader(report.leader, families);
  AddStream(report.stream, families);
  AddReads(report.reads, families);
  AddCatalog(report, families);
  AddAdapters(report.adapters, families);
  return families.Text();
}

}  // namespace dispatcher
