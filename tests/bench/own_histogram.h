// What the dispatcher itself says about its latency.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace dispatcher::bench {

// registration_latency_seconds of the adapter "consul" in the body of /metrics:
// upper bound in seconds -> observations up to it.
std::map<double, double> OwnLatency(std::string_view metrics);

// "p50 <= 2 ms, p99 <= 5 ms" of what came between the two.
std::string OwnQuantiles(const std::map<double, double>& before, const std::map<double, double>& after);

}  // namespace dispatcher::bench
