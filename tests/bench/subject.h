// The dispatcher as a process, with what a bench wants to know about it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "tests/support/process.h"

namespace dispatcher::bench {

class Subject {
 public:
  // `settings` are values of --set, such as "marathon.urls=...".
  explicit Subject(const std::vector<std::string>& settings);

  // Just before it was started.
  Mono begun() const { return begun_; }
  double PeakMegabytes() const;      // VmHWM
  double ResidentMegabytes() const;  // VmRSS
  double CpuSeconds() const;         // user and system, of all its threads
  int pid() const { return process_->pid(); }
  std::string Log() const { return process_->Output(); }
  // The body of GET /metrics.
  std::string Metrics() const;
  // The sum over all series that begin so: `name`, or `name{label="value"}`; 0 without any.
  double Metric(std::string_view series) const;
  // What GET of that path answers; "" if nobody does.
  std::string Get(const std::string& path) const;

  void Kill() { process_->Kill(); }
  // SIGTERM; does not wait.
  void Stop();

 private:
  double StatusMegabytes(std::string_view field) const;

  const int port_;
  const Mono begun_;
  std::unique_ptr<testing::Process> process_;
};

}  // namespace dispatcher::bench
