// The dispatcher as a process, with what a bench wants to know about it.
#pragma once

#include <memory>
#include <string>

#include "dispatcher/base/clock.h"
#include "tests/support/process.h"

namespace dispatcher::bench {

class Subject {
 public:
  // Started in Consul's catalog mode; `begun` is before that.
  Subject(const std::string& marathon_url, const std::string& consul_url);

  Mono begun() const { return begun_; }
  double PeakMegabytes() const;  // VmHWM
  double CpuSeconds() const;     // user and system
  int pid() const { return process_->pid(); }
  std::string Log() const { return process_->Output(); }
  // The body of GET /metrics.
  std::string Metrics() const;

 private:
  const int port_;
  const Mono begun_;
  std::unique_ptr<testing::Process> process_;
};

}  // namespace dispatcher::bench
