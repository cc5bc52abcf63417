#include "dispatcher/engine/settled.h"

#include <algorithm>
#include <utility>

namespace dispatcher {
namespace {

void AddMarathon(const EngineReport& report, std::vector<std::string>& waiting) {
  const auto because = [](const std::string& error) { return error.empty() ? "" : ": " + error; };
  if (!report.catalog.attached) {
    waiting.push_back("Marathon's event stream" + because(report.stream.now.last_error));
  } else if (!report.catalog.distrust.empty()) {
    waiting.push_back("a snapshot of Marathon that can be believed: " + report.catalog.distrust);
  } else if (!report.catalog.synced || report.reads.pending + report.reads.in_flight > 0) {
    waiting.push_back("a complete read of Marathon" + because(report.reads.last_error));
  } else if (!report.inbox.idle) {
    waiting.emplace_back("what Marathon said to be worked off");
  }
  if (report.static_questions > 0) {
    waiting.emplace_back("the targets and leaders of static services");
  }
}

void AddAdapter(const AdapterReport& adapter, Until until, std::vector<std::string>& waiting) {
  const ReconcileReport& state = adapter.state;
  std::string errors;
  for (const auto& [lane, error] : state.failing) {
    errors += (errors.empty() ? ": " : "; ") + (lane.empty() ? "" : lane + ": ") + error;
  }
  const std::string name = adapter.name + ": ";
  if (!state.compared) {
    waiting.push_back(name + "its registry to be read and compared" + errors);
    return;
  }
  if (until == Until::kRead) {
    return;
  }
  if (state.queued_units + state.in_flight + state.backing_off > 0) {
    const auto failed = std::find_if(state.failed.begin(), state.failed.end(),
                                     [](const FailedChange& change) { return !change.refused; });
    waiting.push_back(name + "its changes to be written" +
                      (!errors.empty()                ? errors
                       : failed != state.failed.end() ? ": " + failed->id.id + ": " + failed->error
                                                      : ""));
  } else if (state.gated > 0 && until == Until::kSettled) {
    waiting.push_back(name + std::to_string(state.gated) + " services wait for another adapter to have them");
  }
}

}  // namespace

std::vector<std::string> WaitingFor(const std::vector<AdapterReport>& adapters, Until until) {
  std::vector<std::string> waiting;
  for (const AdapterReport& adapter : adapters) {
    AddAdapter(adapter, until, waiting);
  }
  return waiting;
}

std::vector<std::string> WaitingFor(const EngineReport& report, Until until) {
  std::vector<std::string> waiting;
  if (!report.leader.leads && until != Until::kRead) {
    waiting.push_back("the right to write: " + WhoLeads(report.leader));
  }
  AddMarathon(report, waiting);
  for (std::string& what : WaitingFor(report.adapters, until)) {
    waiting.push_back(std::move(what));
  }
  return waiting;
}

}  // namespace dispatcher
