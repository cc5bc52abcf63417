#include "dispatcher/admin/metric_families.h"

#include <prometheus/text_serializer.h>

#include <utility>

namespace dispatcher {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamilies& MetricFamilies::Counter(std::string_view name, std::string_view help) {
  return Open(name, help, MetricType::Counter);
}

MetricFamilies& MetricFamilies::Gauge(std::string_view name, std::string_view help) {
  return Open(name, help, MetricType::Gauge);
}

MetricFamilies& MetricFamilies::Histogram(std::string_view name, std::string_view help) {
  return Open(name, help, MetricType::Histogram);
}

MetricFamilies& MetricFamilies::Sample(double value, Labels labels) {
  ClientMetric& metric = Add(std::move(labels));
  metric.counter.value = value;
  metric.gauge.value = value;
  return *this;
}

MetricFamilies& MetricFamilies::Sample(uint64_t value, Labels labels) {
  return Sample(static_cast<double>(value), std::move(labels));
}

MetricFamilies& MetricFamilies::Sample(bool value, Labels labels) {
  return Sample(value ? 1.0 : 0.0, std::move(labels));
}

MetricFamilies& MetricFamilies::Sample(const std::optional<double>& value) {
  return value ? Sample(*value) : *this;
}

MetricFamilies& MetricFamilies::Sample(const std::optional<Duration>& value) {
  return value ? Sample(Seconds(*value)) : *this;
}

MetricFamilies& MetricFamilies::Sample(const HistogramReport& report, Labels labels) {
  ClientMetric::Histogram& histogram = Add(std::move(labels)).histogram;
  uint64_t cumulated = 0;
  for (size_t i = 0; i < kBucketBounds.size(); ++i) {
    cumulated += report.counts[i];
    histogram.bucket.push_back({cumulated, kBucketBounds[i]});
  }
  histogram.sample_count = report.count;
  histogram.sample_sum = report.sum;
  return *this;
}

std::string MetricFamilies::Text() const {
  std::vector<MetricFamily> filled;
  for (const MetricFamily& family : families_) {
    if (!family.metric.empty()) {
      filled.push_back(family);
    }
  }
  return prometheus::TextSerializer().Serialize(filled);
}

MetricFamilies& MetricFamilies::Open(std::string_view name, std::string_view help, MetricType type) {
  const std::string prefix = name.starts_with("process_") ? "" : "dispatcher_";
  families_.push_back({prefix + std::string(name), std::string(help), type, {}});
  return *this;
}

ClientMetric& MetricFamilies::Add(Labels labels) {
  ClientMetric& metric = families_.back().metric.emplace_back();
  metric.label = std::move(labels);
  return metric;
}

}  // namespace dispatcher
