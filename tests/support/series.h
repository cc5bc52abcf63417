// What a program's /metrics says.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dispatcher/base/strings.h"

namespace dispatcher::testing {

// The sum over the lines of `metrics` whose name is `series`, or whose name and labels are; 0
// if there is none.
inline double SumOfSeries(std::string_view metrics, std::string_view series) {
  double sum = 0;
  for (const std::string_view line : Split(metrics, '\n')) {
    const std::string_view rest = line.substr(std::min(line.size(), series.size()));
    if (line.starts_with(series) && (rest.starts_with(' ') || rest.starts_with('{'))) {
      sum += std::strtod(std::string(line.substr(line.rfind(' ') + 1)).c_str(), nullptr);
    }
  }
  return sum;
}

}  // namespace dispatcher::testing
