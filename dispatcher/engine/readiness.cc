#include "dispatcher/engine/readiness.h"

#include <algorithm>
#include <string>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// " (3 for too few complete reads, 2 for the limit)"
std::string Causes(const std::vector<HeldRemoval>& held) {
  std::string text;
  for (const HeldFor cause : kHeldForAll) {
    const size_t count = CountHeld(held, cause);
    if (count > 0) {
      text.append(text.empty() ? " (" : ", ").append(std::to_string(count)).append(" ").append(Name(cause));
    }
  }
  return text + ")";
}

void AddAdapter(const AdapterReport& adapter, std::vector<std::string>& reasons) {
  const ReconcileReport& state = adapter.state;
  const std::string name = "adapter " + adapter.name + ": ";
  if (!state.read_once) {
    reasons.push_back(name + "its registry has not been read completely yet");
  }
  for (const auto& [lane, error] : state.failing) {
    reasons.push_back(name + (lane.empty() ? "" : lane + ": ") + error);
  }
  if (!state.held.empty()) {
    reasons.push_back(name + Count(state.held.size(), "removal is", "removals are") + " held back" +
                      Causes(state.held) + ", `dispatcher release` lets them go; see /v1/adapters, e.g. " +
                      state.held.front().id.id + ": " + state.held.front().reason);
  }
  if (!state.watch_error.empty()) {
    reasons.push_back(
        name + "changes by other hands are found by full passes alone, watching fails: " + state.watch_error);
  }
  if (!state.refusals.empty()) {
    reasons.push_back(name + Count(state.refusals.size(), "service is", "services are") + " refused; e.g. " +
                      state.refusals.front());
  }
  const auto refused = [](const FailedChange& change) { return change.refused; };
  if (const auto first = std::find_if(state.failed.begin(), state.failed.end(), refused);
      first != state.failed.end()) {
    const auto count = std::count_if(state.failed.begin(), state.failed.end(), refused);
    reasons.push_back(name + Count(static_cast<size_t>(count), "entry", "entries") +
                      " can't be written until something changes; e.g. " + first->id.kind + " " +
                      first->id.id + ": " + first->error);
  }
  if (!state.panics.empty()) {
    reasons.push_back(name + Count(state.panics.size(), "service is", "services are") +
                      " at the panic threshold; e.g. " + state.panics.front());
  }
}

void AddLeader(const LeaderReport& leader, std::vector<std::string>& reasons) {
  if (leader.state == "cut-off") {
    reasons.push_back("cut off from the lock's store: only tasks seen dead are removed; " + leader.error);
  } else if (!leader.leads) {
    reasons.push_back("standby: " + WhoLeads(leader));
  } else if (!leader.error.empty()) {
    reasons.push_back("the lock's store fails, the right to write ends in " +
                      std::to_string(*leader.permit_left / std::chrono::seconds(1)) + " s: " + leader.error);
  }
}

}  // namespace

void JudgeReadiness(EngineReport& report, Duration stall_timeout) {
  report.not_ready.clear();
  report.degraded.clear();
  if (!report.started) {
    report.not_ready.emplace_back("not started");
  }
  if (report.stopping) {
    report.not_ready.emplace_back("stopping");
  }
  const std::string& why = report.stream.now.last_error;
  if (report.stream.down_for && *report.stream.down_for > stall_timeout + kStreamGrace) {
    report.not_ready.push_back("no event stream" + (why.empty() ? "" : ": " + why));
  } else if (report.stream.down_for) {
    report.degraded.push_back("waiting for the event stream" + (why.empty() ? "" : ": " + why));
  }
  const std::string& read_error = report.reads.last_error;
  if (!report.catalog.ever_synced) {
    report.not_ready.push_back("no complete snapshot of Marathon yet" +
                               (read_error.empty() ? "" : ": " + read_error));
  } else if (!report.catalog.synced) {
    report.degraded.emplace_back("no complete snapshot since the event stream was attached");
  }
  if (!read_error.empty() && report.catalog.ever_synced) {
    report.degraded.push_back("the last read of Marathon failed: " + read_error);
  }
  if (!report.catalog.distrust.empty()) {
    report.degraded.push_back("the last snapshot was not believed: " + report.catalog.distrust);
  }
  if (!report.reads.bad_apps.empty()) {
    const std::string& first = report.reads.bad_apps.front();
    report.degraded.push_back(Count(report.reads.bad_apps.size(), "app", "apps") +
                              " could not be decoded; e.g. " + (first.empty() ? "one without an id" : first));
  }
  AddLeader(report.leader, report.degraded);
  for (const AdapterReport& adapter : report.adapters) {
    AddAdapter(adapter, report.degraded);
  }
  report.ready = report.not_ready.empty();
}

}  // namespace dispatcher
