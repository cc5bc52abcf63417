// A real etcd of its own, v2 and v3, for tests, benches and the demo.
#pragma once

#include <memory>
#include <string>

#include "dispatcher/base/status.h"
#include "tests/support/process.h"

namespace dispatcher::testing {

// One thread. The process ends with this, and its data.
class EtcdServer {
 public:
  // The binary: $ETCD_BINARY, or the one on the path. Returns once it answers; Unavailable says how
  // to get one.
  static absl::StatusOr<std::unique_ptr<EtcdServer>> Start();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void Signal(int signal) { process_->Signal(signal); }

 private:
  EtcdServer() = default;

  const int port_ = FreePort(), peer_port_ = FreePort();
  TempDir home_;
  std::unique_ptr<Process> process_;
};

}  // namespace dispatcher::testing
