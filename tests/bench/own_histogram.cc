#include "tests/bench/own_histogram.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "dispatcher/base/strings.h"

namespace dispatcher::bench {

std::map<double, double> OwnLatency(std::string_view metrics) {
  constexpr std::string_view kBucket = "registration_latency_seconds_bucket{", kBound = "le=\"";
  std::map<double, double> counts;
  for (const std::string_view line : Split(metrics, '\n')) {
    const size_t bound = line.find(kBound);
    if (line.find(kBucket) != std::string_view::npos && line.find("\"consul\"") != std::string_view::npos &&
        bound != std::string_view::npos) {
      // strtod takes "+Inf", and stops at the quote.
      counts[std::strtod(line.data() + bound + kBound.size(), nullptr)] =
          std::strtod(line.data() + line.rfind(' '), nullptr);
    }
  }
  return counts;
}

std::string OwnQuantiles(const std::map<double, double>& before, const std::map<double, double>& after) {
  std::string text;
  const double all = after.empty() || before.empty() ? 0 : after.rbegin()->second - before.rbegin()->second;
  for (const double share : {0.5, 0.99}) {
    for (const auto& [bound, count] : after) {
      const auto earlier = before.find(bound);
      if (all > 0 && earlier != before.end() && count - earlier->second >= share * all) {
        char part[64];
        std::snprintf(part, sizeof(part), "p%.0f <= %g ms", share * 100, bound * 1000);
        text.append(text.empty() ? "" : ", ").append(part);
        break;
      }
    }
  }
  return text.empty() ? "nothing observed" : text;
}

}  // namespace dispatcher::bench
