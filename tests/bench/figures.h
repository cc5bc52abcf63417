// Figures out of many measurements.
#pragma once

#include <string>
#include <vector>

#include "dispatcher/base/clock.h"

namespace dispatcher::bench {

// The smallest value that `share` (0..1) of them do not exceed; 0 without any.
double Quantile(std::vector<double> values, double share);
inline double Median(std::vector<double> values) { return Quantile(std::move(values), 0.5); }

// "0.213 s", "2.4 ms".
std::string InSeconds(double seconds);
std::string InMilliseconds(double seconds);

// A row of a Markdown table.
void PrintRow(const std::vector<std::string>& cells);
// The head, and the line under it.
void PrintHead(const std::vector<std::string>& cells);

}  // namespace dispatcher::bench
