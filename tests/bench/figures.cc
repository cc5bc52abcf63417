#include "tests/bench/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace dispatcher::bench {
namespace {

std::string Text(double value, int digits, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f%s", digits, value, unit);
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

std::string InSeconds(double seconds) { return Text(seconds, 3, " s"); }
std::string InMilliseconds(double seconds) { return Text(seconds * 1000, 1, " ms"); }
std::string InMegabytes(double megabytes) { return Text(megabytes, 1, " MB"); }
std::string Number(double number, int digits) { return Text(number, digits, ""); }

void PrintTableHead() {
  std::puts("| work | floor | here | ratio | aim | met |\n|---|---|---|---|---|---|");
  std::fflush(stdout);
}

void Print(const Row& row) {
  std::string line = "|";
  const char* met = !row.met ? "" : *row.met ? "yes" : "NO";
  for (const std::string& cell : {row.work, row.floor, row.here, row.ratio, row.aim, std::string(met)}) {
    line.append(" ").append(cell).append(cell.empty() ? "|" : " |");
  }
  std::puts(line.c_str());
  std::fflush(stdout);
}

Row Compared(const std::string& work, const Turns& turns, std::optional<double> factor, double allowance) {
  std::vector<double> ratios, judged;
  for (size_t i = 0; i < turns.floor.size(); ++i) {
    ratios.push_back(turns.here[i] / turns.floor[i]);
    judged.push_back((turns.here[i] - allowance) / turns.floor[i]);
  }
  Row row{work, InSeconds(Median(turns.floor)), InSeconds(Median(turns.here)), Number(Median(ratios), 2), ""};
  if (factor) {
    row.aim = "<= " + Number(*factor) + " x floor" + (allowance > 0 ? " + " + Number(allowance) + " s" : "");
    row.met = Median(judged) <= *factor;
  }
  return row;
}

}  // namespace dispatcher::bench
