#include "dispatcher/engine/histogram.h"

#include <algorithm>

namespace dispatcher {

void Histogram::Add(Duration value) {
  const auto bound = std::lower_bound(kBucketBounds.begin(), kBucketBounds.end(), Seconds(value));
  counts_[static_cast<size_t>(bound - kBucketBounds.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(value.count(), std::memory_order_relaxed);
}

HistogramReport Histogram::Read() const {
  HistogramReport report;
  for (size_t i = 0; i < counts_.size(); ++i) {
    report.counts[i] = counts_[i].load(std::memory_order_relaxed);
    report.count += report.counts[i];
  }
  report.sum = static_cast<double>(sum_ns_.load(std::memory_order_relaxed)) / 1e9;
  return report;
}

std::optional<double> Quantile(const HistogramReport& report, double share) {
  if (report.count == 0) {
    return std::nullopt;
  }
  const double wanted = share * static_cast<double>(report.count);
  double below = 0;
  for (size_t i = 0; i < kBucketBounds.size(); ++i) {
    const auto here = static_cast<double>(report.counts[i]);
    if (here > 0 && below + here >= wanted) {
      const double lower = i == 0 ? 0 : kBucketBounds[i - 1];
      return lower + (kBucketBounds[i] - lower) * (wanted - below) / here;
    }
    below += here;
  }
  return kBucketBounds.back();
}

}  // namespace dispatcher
