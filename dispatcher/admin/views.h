// The JSON of the API, one function a view: plain values in, text out.
//
// Fields are only ever added. Durations are seconds, stamps RFC 3339.
#pragma once

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

// {"apps": [{"id"}]}
std::string AppsJson(const std::vector<AppId>& apps);

// What is known of one app, from every room. Only what belongs to the app may be
// given: see the filters below.
struct AppView {
  AppReport app;
  std::vector<std::shared_ptr<const Service>> services;
  std::vector<std::pair<std::string, HeldRemoval>> held;      // adapter ->
  std::vector<std::pair<std::string, Change>> planned;        // adapter ->
  std::vector<std::pair<std::string, std::string>> refusals;  // adapter -> in words
  std::vector<Decision> decisions;                            // oldest first
};
std::string AppJson(const AppView& view);

// {"services": [...]}
std::string ServicesJson(const std::vector<std::shared_ptr<const Service>>& services);

// {"adapters": [...]}
std::string AdaptersJson(const std::vector<AdapterReport>& adapters);

// {"adapters": [{"adapter", "complete", "changes": [...]}]}
// `distrust`: why the last snapshot of Marathon was not believed, or "".
std::string PlanJson(const std::vector<AdapterPlan>& plans, std::string_view distrust);

}  // namespace dispatcher
