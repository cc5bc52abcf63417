#include "tests/bench/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace dispatcher::bench {
namespace {

std::string Text(double value, int digits, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f %s", digits, value, unit);
  return text;
}

}  // namespace

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  return values[static_cast<size_t>(std::max(1.0, rank)) - 1];
}

std::string InSeconds(double seconds) { return Text(seconds, 3, "s"); }
std::string InMilliseconds(double seconds) { return Text(seconds * 1000, 1, "ms"); }

void PrintRow(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) {
    line.append(" ").append(cell).append(" |");
  }
  std::puts(line.c_str());
  std::fflush(stdout);
}

void PrintHead(const std::vector<std::string>& cells) {
  PrintRow(cells);
  PrintRow(std::vector<std::string>(cells.size(), "---"));
}

}  // namespace dispatcher::bench
