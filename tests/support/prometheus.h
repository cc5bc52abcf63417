// A real Prometheus and its promtool: $PROMETHEUS_BINARY with promtool beside it, or what
// tests/tools/fetch_prometheus.sh finds.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/status.h"
#include "tests/support/process.h"

namespace dispatcher::testing {

struct PromtoolAnswer {
  int code = 0;        // of exit
  std::string output;  // standard error included
};
// What `promtool <arguments>` makes of `input`.
absl::StatusOr<PromtoolAnswer> Promtool(const std::vector<std::string>& arguments,
                                        std::string_view input = "");

// One thread. The process and its data end with this.
class Prometheus {
 public:
  // With that configuration, in YAML; names of files in it are absolute. Returns when it
  // answers.
  static absl::StatusOr<std::unique_ptr<Prometheus>> Start(const std::string& config);

  const std::string& url() const { return url_; }
  std::string Log() const { return process_->Output(); }

 private:
  Prometheus() = default;

  TempDir home_;
  std::string url_;
  std::unique_ptr<Process> process_;
};

}  // namespace dispatcher::testing
