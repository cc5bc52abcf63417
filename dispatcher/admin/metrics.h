// The engine's report in Prometheus's text format.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/admin/process_figures.h"
#include "dispatcher/engine/report.h"

namespace dispatcher {

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

// Names follow Prometheus's rules with the prefix dispatcher_; those of the process are
// the usual ones. Labels have few values: adapter, kind, op, type; never an app or a
// task, of which there are tens of thousands. A figure that is not known yet is left out.
std::string MetricsText(const EngineReport& report, std::string_view version, const ProcessFigures& process);

}  // namespace dispatcher
