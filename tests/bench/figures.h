// Figures out of many measurements, and the table that they end in.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dispatcher/base/clock.h"

namespace dispatcher::bench {

// The smallest value that `share` (0..1) of them do not exceed; 0 without any.
double Quantile(std::vector<double> values, double share);
inline double Median(std::vector<double> values) { return Quantile(std::move(values), 0.5); }

// "0.213 s", "2.4 ms", "27.3 MB", "3.1"; `digits` behind the point.
std::string InSeconds(double seconds);
std::string InMilliseconds(double seconds);
std::string InMegabytes(double megabytes);
std::string Number(double number, int digits = 1);

// A line of the table that every bench prints: what was done, what it took a bare client that
// knows the answer, and what it took the dispatcher.
struct Row {
  std::string work, floor, here, ratio, aim;
  std::optional<bool> met = {};  // none: there is no aim
};
void PrintTableHead();
void Print(const Row& row);

// Seconds of each, measured in turns.
struct Turns {
  std::vector<double> floor, here;
};
// Medians of both and of their ratio. Met if the median of (here - allowance) / floor is at
// most `factor`; without a factor there is no aim.
Row Compared(const std::string& work, const Turns& turns, std::optional<double> factor = {},
             double allowance = 0);

}  // namespace dispatcher::bench
