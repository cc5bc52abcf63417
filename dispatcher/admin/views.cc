#include "dispatcher/admin/views.h"

#include <algorithm>

#include "dispatcher/admin/entry_words.h"
#include "dispatcher/admin/place_words.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/model/names.h"

namespace dispatcher {
namespace {

constexpr size_t kFailedShown = 100;

void Write(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.Key(key).BeginArray();
  for (const std::string& text : texts) {
    json.String(text);
  }
  json.EndArray();
}

void Write(JsonWriter& json, std::string_view key, const std::vector<int>& numbers) {
  json.Key(key).BeginArray();
  for (const int number : numbers) {
    json.Int(number);
  }
  json.EndArray();
}

void WriteProfile(JsonWriter& json, const Profile& profile) {
  Write(json, "names", profile.names);
  Write(json, "tags", profile.tags);
  Write(json, "hosts", profile.hosts);
  Write(json, "paths", profile.paths);
  json.Field("http", profile.http);
  json.Field("protocol", profile.udp ? "udp" : "tcp");
  if (!profile.refusal.empty()) {
    json.Field("refusal", profile.refusal);
  }
  Write(json, "problems", profile.problems);
}

void WriteInstance(JsonWriter& json, const Instance& instance) {
  json.BeginObject();
  json.Field("task", instance.task).Field("address", instance.address).Field("port", instance.port);
  json.Field("host", instance.host).Field("version", instance.version);
  json.Field("condition", Name(instance.condition)).Field("want", Name(instance.want));
  json.Field("reason", instance.reason);
  json.EndObject();
}

void WriteService(JsonWriter& json, const Service& service) {
  json.BeginObject();
  json.Field("app", service.key.app).Field("port", service.key.port);
  json.Field("want", Name(service.want)).Field("reason", service.reason);
  if (service.profile != nullptr) {
    WriteProfile(json, *service.profile);
  }
  json.Key("instances").BeginArray();
  for (const auto& instance : service.instances) {
    WriteInstance(json, *instance);
  }
  json.EndArray().EndObject();
}

void WriteServices(JsonWriter& json, const std::vector<std::shared_ptr<const Service>>& services) {
  json.Key("services").BeginArray();
  for (const auto& service : services) {
    WriteService(json, *service);
  }
  json.EndArray();
}

void WriteEntryId(JsonWriter& json, const EntryId& id) {
  json.Field("lane", id.lane).Field("kind", id.kind).Field("id", id.id);
}

// The members only, so that a caller may put its own before them.
void WriteHeld(JsonWriter& json, const HeldRemoval& held) {
  WriteEntryId(json, held.id);
  json.Field("app", held.service.app).Field("task", held.task);
  json.Field("cause", Name(held.cause)).Field("reason", held.reason);
}

void WriteChange(JsonWriter& json, const Change& change) {
  json.Field("op", change.op == Op::kPut ? "put" : "delete");
  WriteEntryId(json, change.id);
  if (change.entry != nullptr) {
    json.Field("app", change.entry->service.app).Field("task", change.entry->task);
    json.Field("address", change.entry->address);
  }
  if (change.op == Op::kDelete) {
    json.Field("why", Name(change.why)).Field("held", change.held);
  } else {
    json.Field("there", change.there);
  }
  json.Field("reason", change.reason);
}

void WritePlace(JsonWriter& json, const AppView& view, const std::string& adapter, const AppPlace& place) {
  json.BeginObject().Field("adapter", adapter).Field("read", place.read);
  json.Field("summary", SummaryOf(view, adapter, place));
  json.Key("not_published").BeginArray();
  for (const auto& [port, reason] : place.not_published) {
    json.BeginObject().Field("port", port).Field("reason", reason).EndObject();
  }
  json.EndArray().Key("entries").BeginArray();
  for (const EntryReport& entry : place.entries) {
    json.BeginObject();
    WriteEntryId(json, entry.id);
    json.Field("port", entry.port).Field("task", entry.task).Field("address", entry.address);
    json.Field("state", entry.state).Field("words", WordsOf(entry.state)).Field("why", entry.why);
    if (entry.since) {
      json.Field("since_seconds", Seconds(*entry.since)).Field("found", entry.found);
    }
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WriteTask(JsonWriter& json, const TaskReport& task) {
  json.BeginObject();
  json.Field("task", task.task)
      .Field("phase", task.phase)
      .Field("want", task.want)
      .Field("reason", task.reason);
  json.Field("host", task.host).Field("version", task.version).Field("health", task.health);
  Write(json, "ports", task.ports);
  Write(json, "ips", task.ips);
  Write(json, "facts", task.facts);
  if (task.running_at) {
    json.Field("running_since", FormatTimestamp(*task.running_at));
  }
  json.EndObject();
}

void WriteDecision(JsonWriter& json, const Decision& decision) {
  json.BeginObject();
  json.Field("number", decision.number).Field("at", FormatTimestamp(decision.at));
  json.Field("source", decision.source).Field("kind", Name(decision.note.kind));
  json.Field("app", decision.note.app).Field("task", decision.note.task).Field("text", decision.note.text);
  if (!decision.note.address.empty()) {
    json.Field("address", decision.note.address);
  }
  json.EndObject();
}

void WriteDecisions(JsonWriter& json, const std::vector<Decision>& decisions) {
  json.Key("decisions").BeginArray();
  for (const Decision& decision : decisions) {
    WriteDecision(json, decision);
  }
  json.EndArray();
}

// From an event's receipt to its confirmed write, since the start.
void WriteLatency(JsonWriter& json, const HistogramReport& latency) {
  json.Key("latency").BeginObject().Field("count", latency.count);
  if (const std::optional<double> half = Quantile(latency, 0.5), most = Quantile(latency, 0.99); half) {
    json.Field("p50_seconds", *half).Field("p99_seconds", *most);
  }
  json.EndObject();
}

void WriteFailed(JsonWriter& json, const std::vector<FailedChange>& failed) {
  json.Field("failed", uint64_t{failed.size()}).Key("failed_changes").BeginArray();
  for (size_t i = 0; i < std::min(failed.size(), kFailedShown); ++i) {
    const FailedChange& change = failed[i];
    json.BeginObject().Field("op", change.op == Op::kPut ? "put" : "delete");
    WriteEntryId(json, change.id);
    json.Field("app", change.service.app).Field("error", change.error).Field("refused", change.refused);
    json.EndObject();
  }
  json.EndArray();
}

void WriteAdapter(JsonWriter& json, const AdapterReport& adapter) {
  const ReconcileReport& state = adapter.state;
  json.BeginObject();
  json.Field("adapter", adapter.name).Field("type", adapter.type).Field("synced", state.read_once);
  json.Field("desired", uint64_t{state.desired}).Field("actual", uint64_t{state.actual});
  json.Field("pending", uint64_t{state.pending}).Field("queued", uint64_t{state.queued_units});
  json.Field("in_flight", uint64_t{state.in_flight}).Field("backing_off", uint64_t{state.backing_off});
  json.Field("puts", state.puts).Field("deletes", state.deletes);
  json.Field("retries", state.retries).Field("failures", state.failures);
  json.Field("drift_repaired", state.drift_repaired).Field("watch_error", state.watch_error);
  json.Field("compared", state.compared).Field("gated", uint64_t{state.gated});
  WriteLatency(json, adapter.latency);
  WriteFailed(json, state.failed);
  json.Field("reads", adapter.reads)
      .Field("failed_reads", adapter.failed_reads)
      .Field("writes", adapter.writes);
  json.Key("failing").BeginArray();
  for (const auto& [lane, error] : state.failing) {
    json.BeginObject().Field("lane", lane).Field("error", error).EndObject();
  }
  json.EndArray();
  json.Key("held").BeginArray();
  for (const HeldRemoval& held : state.held) {
    json.BeginObject();
    WriteHeld(json, held);
    json.EndObject();
  }
  json.EndArray();
  Write(json, "refusals", state.refusals);
  Write(json, "panics", state.panics);
  json.EndObject();
}

void WriteLeader(JsonWriter& json, const LeaderReport& leader) {
  json.Key("leader").BeginObject();
  json.Field("state", leader.state).Field("leads", leader.leads).Field("terms", leader.terms);
  json.Field("since_seconds", Seconds(leader.since));
  if (leader.permit_left) {
    json.Field("permit_seconds", Seconds(*leader.permit_left));
  }
  if (leader.holder) {
    json.Field("holder", TextOf(*leader.holder));
  }
  json.EndObject();
}

}  // namespace

std::string ErrorJson(std::string_view text) {
  JsonWriter json;
  json.BeginObject().Field("error", text).EndObject();
  return json.Take();
}

std::string ReadyJson(const EngineReport& report) {
  JsonWriter json;
  json.BeginObject().Field("ready", report.ready);
  Write(json, "not_ready", report.not_ready);
  Write(json, "degraded", report.degraded);
  if (report.leader.elected) {
    WriteLeader(json, report.leader);
  }
  json.EndObject();
  return json.Take();
}

std::string StatusJson(const EngineReport& report, std::string_view version) {
  const auto seconds = [](JsonWriter& json, std::string_view key, const std::optional<Duration>& duration) {
    if (duration) {
      json.Field(key, Seconds(*duration));
    }
  };
  const StreamCounters& stream = report.stream.now;
  JsonWriter json;
  json.BeginObject().Field("version", version).Field("uptime_seconds", Seconds(report.uptime));
  json.Field("dry_run", report.dry_run);
  json.Field("settings_age_seconds", Seconds(report.settings_age));
  json.Field("ready", report.ready);
  Write(json, "not_ready", report.not_ready);
  Write(json, "degraded", report.degraded);
  json.Key("marathon").BeginObject().Field("version", report.marathon_version);
  json.Field("leader", report.catalog.leader).Field("framework", report.catalog.framework);
  json.Field("distrust", report.catalog.distrust).EndObject();
  json.Key("stream").BeginObject().Field("connected", stream.connected).Field("proven", stream.attached);
  json.Field("url", stream.url).Field("connects", stream.connects).Field("events", stream.frames);
  json.Field("error", stream.last_error);
  seconds(json, "silent_seconds", report.stream.silent_for);
  seconds(json, "down_seconds", report.stream.down_for);
  json.EndObject().Key("snapshot").BeginObject().Field("error", report.reads.last_error);
  seconds(json, "age_seconds", report.reads.last_snapshot_age);
  seconds(json, "next_seconds", report.reads.next_snapshot_in);
  json.EndObject();
  json.Field("apps", uint64_t{report.catalog.apps}).Field("tasks", uint64_t{report.catalog.tasks});
  json.Field("running", uint64_t{report.catalog.running}).Field("services", uint64_t{report.services});
  if (report.leader.elected) {
    WriteLeader(json, report.leader);
  }
  json.Key("adapters").BeginArray();
  for (const AdapterReport& adapter : report.adapters) {
    const ReconcileReport& state = adapter.state;
    json.BeginObject().Field("adapter", adapter.name).Field("type", adapter.type);
    json.Field("read", state.read_once).Field("desired", uint64_t{state.desired});
    json.Field("actual", uint64_t{state.actual}).Field("pending", uint64_t{state.pending});
    json.Field("held", uint64_t{state.held.size()}).Field("failing", uint64_t{state.failing.size()});
    json.Field("error", FirstError(adapter));
    json.Field("refused", uint64_t{state.refusals.size()});
    json.Field("compared", state.compared).Field("gated", uint64_t{state.gated});
    json.Field("failed", uint64_t{state.failed.size()});
    WriteLatency(json, adapter.latency);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

std::string AppJson(const AppView& view) {
  const AppReport& app = view.app;
  JsonWriter json;
  json.BeginObject();
  json.Field("id", app.app).Field("state", app.state).Field("version", app.version);
  json.Field("instances", app.instances).Field("running", uint64_t{app.running});
  json.Field("serving", uint64_t{app.serving});
  Write(json, "deployments", app.deployments);
  Write(json, "missing", app.missing);
  json.Key("tasks").BeginArray();
  for (const TaskReport& task : app.tasks) {
    WriteTask(json, task);
  }
  json.EndArray();
  WriteServices(json, view.services);
  json.Key("adapters").BeginArray();
  for (const auto& [adapter, place] : view.places) {
    WritePlace(json, view, adapter, place);
  }
  json.EndArray();
  WriteDecisions(json, view.decisions);
  json.EndObject();
  return json.Take();
}

std::string DecisionJson(const Decision& decision) {
  JsonWriter json;
  WriteDecision(json, decision);
  return json.Take();
}

std::string DecisionsJson(const std::vector<Decision>& decisions) {
  JsonWriter json;
  json.BeginObject();
  WriteDecisions(json, decisions);
  json.EndObject();
  return json.Take();
}

std::string ServicesJson(const std::vector<std::shared_ptr<const Service>>& services) {
  JsonWriter json;
  json.BeginObject();
  WriteServices(json, services);
  json.EndObject();
  return json.Take();
}

std::string FirstError(const AdapterReport& adapter) {
  if (adapter.state.failing.empty()) {
    return "";
  }
  const auto& [lane, error] = adapter.state.failing.front();
  return (lane.empty() ? "" : lane + ": ") + error;
}

std::string AdaptersJson(const EngineReport& report) {
  JsonWriter json;
  json.BeginObject().Field("dry_run", report.dry_run).Key("adapters").BeginArray();
  for (const AdapterReport& adapter : report.adapters) {
    WriteAdapter(json, adapter);
  }
  json.EndArray().EndObject();
  return json.Take();
}

std::string PlanJson(const std::vector<AdapterPlan>& plans, const EngineReport& report) {
  JsonWriter json;
  json.BeginObject().Field("dry_run", report.dry_run).Key("adapters").BeginArray();
  for (const AdapterPlan& plan : plans) {
    json.BeginObject().Field("adapter", plan.adapter).Field("complete", plan.complete);
    const auto adapter = std::find_if(report.adapters.begin(), report.adapters.end(),
                                      [&](const AdapterReport& one) { return one.name == plan.adapter; });
    json.Field("error", adapter == report.adapters.end() ? "" : FirstError(*adapter));
    json.Key("changes").BeginArray();
    for (const Change& change : plan.changes) {
      json.BeginObject();
      WriteChange(json, change);
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().Field("distrust", report.catalog.distrust).EndObject();
  return json.Take();
}

}  // namespace dispatcher
