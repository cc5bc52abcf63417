// The JSON of the API, one function a view: plain values in, text out.
//
// Fields are only ever added. Durations are seconds, stamps RFC 3339.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/engine/report.h"

namespace dispatcher {

// {"error": text}
std::string ErrorJson(std::string_view text);

// {"ready", "not_ready": [...], "degraded": [...]}
std::string ReadyJson(const EngineReport& report);

// All of it in short: the process, Marathon and its stream, the registries.
std::string StatusJson(const EngineReport& report, std::string_view version);

// What is known of one app, or static service, from every room.
struct AppView {
  AppReport app;
  std::vector<std::shared_ptr<const Service>> services;
  std::vector<std::pair<std::string, AppPlace>> places;  // adapter -> what is there, and what is not
  std::vector<Decision> decisions;                       // oldest first
  std::map<std::string, std::string> failing;            // adapter -> its first error now
  bool dry_run = false;
};
std::string AppJson(const AppView& view);

// {"number", "at", "source", "kind", "app", "task", "text"}, and "address" of an entry that was written
std::string DecisionJson(const Decision& decision);
// {"decisions": [...]}
std::string DecisionsJson(const std::vector<Decision>& decisions);

// {"services": [...]}
std::string ServicesJson(const std::vector<std::shared_ptr<const Service>>& services);

// {"dry_run", "adapters": [...]}
// Of changes that failed, the first 100 with their errors.
std::string AdaptersJson(const EngineReport& report);

// {"dry_run", "adapters": [{"adapter", "complete", "error", "changes": [...]}], "distrust"}
// `report` is of the same moment.
std::string PlanJson(const std::vector<AdapterPlan>& plans, const EngineReport& report);

// Of an adapter, why it can't be read or written now: "10.0.0.7: connection refused"; "" if it can.
std::string FirstError(const AdapterReport& adapter);

}  // namespace dispatcher
