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

}  // namespace dispatcher
