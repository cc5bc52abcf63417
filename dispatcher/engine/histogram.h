// A histogram with fixed buckets: cheap to fill from many threads, plain to read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "dispatcher/base/clock.h"

namespace dispatcher {

// Upper bounds in seconds: fine around a millisecond, where a lone change is, up
// to a minute, where a held one is. What is larger counts in the last bucket.
inline constexpr std::array<double, 18> kBucketBounds = {
    0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};

struct HistogramReport {
  std::array<uint64_t, kBucketBounds.size() + 1> counts{};  // not cumulated; the last: above all bounds
  uint64_t count = 0;                                       // sum of `counts`
  double sum = 0;                                           // seconds
};

// The seconds that this share of what was counted stayed below, interpolated within a
// bucket; the largest bound where it lies above that; none while nothing was counted.
std::optional<double> Quantile(const HistogramReport& report, double share);

// Thread-safe without a lock. Read() may miss an Add that runs meanwhile.
class Histogram {
 public:
  void Add(Duration value);
  HistogramReport Read() const;

 private:
  std::array<std::atomic<uint64_t>, kBucketBounds.size() + 1> counts_{};
  std::atomic<int64_t> sum_ns_{0};
};

}  // namespace dispatcher
