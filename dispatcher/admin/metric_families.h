// Metric families built by hand, one sample after the other, and their text.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/engine/histogram.h"

namespace dispatcher {

// One family at a time: Counter(...) or the like opens it, Sample adds to it. Names are
// given without the prefix dispatcher_, but for process_*, which every program that
// Prometheus reads calls so. A family without a sample is left out of the text.
class MetricFamilies {
 public:
  using Labels = std::vector<prometheus::ClientMetric::Label>;

  MetricFamilies& Counter(std::string_view name, std::string_view help);
  MetricFamilies& Gauge(std::string_view name, std::string_view help);
  MetricFamilies& Histogram(std::string_view name, std::string_view help);

  MetricFamilies& Sample(double value, Labels labels = {});
  MetricFamilies& Sample(uint64_t value, Labels labels = {});
  MetricFamilies& Sample(bool value, Labels labels = {});
  // None if it is not known.
  MetricFamilies& Sample(const std::optional<double>& value);
  MetricFamilies& Sample(const std::optional<Duration>& value);
  MetricFamilies& Sample(const HistogramReport& report, Labels labels = {});

  // Format 0.0.4.
  std::string Text() const;

 private:
  MetricFamilies& Open(std::string_view name, std::string_view help, prometheus::MetricType type);
  prometheus::ClientMetric& Add(Labels labels);

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace dispatcher
