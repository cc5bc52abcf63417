// A real Vulcand with a real etcd of its own, for tests, benches and the demo.
#pragma once

#include <memory>
#include <string>

#include "dispatcher/base/status.h"
#include "dispatcher/net/client.h"
#include "tests/support/etcd_server.h"
#include "tests/support/process.h"

namespace dispatcher::testing {

// One thread. Both processes end with this.
class VulcandServer {
 public:
  // The binary: $VULCAND_BINARY, or what tests/tools/fetch_vulcand.sh builds.
  // Unavailable says how to get one.
  static absl::StatusOr<std::string> Binary();

  // Returns once the API answers. `etcd_version`: the engine Vulcand runs with, 2 or 3.
  static absl::StatusOr<std::unique_ptr<VulcandServer>> Start(int etcd_version);

  std::string url() const { return "http://127.0.0.1:" + std::to_string(api_port_); }
  std::string etcd_url() const { return etcd_->url(); }
  std::string proxy_url() const { return "http://127.0.0.1:" + std::to_string(proxy_port_); }

  // SIGKILL, and the same again on the same ports and data.
  absl::Status Restart();
  void SignalEtcd(int signal) { etcd_->Signal(signal); }
  // Deletes every object through the API, whoever's it is.
  absl::Status Wipe();
  std::string Output() const { return vulcand_->Output(); }

  // Any status but 200 is an error.
  absl::StatusOr<std::string> Call(const std::string& method, const std::string& target,
                                   const std::string& body = "") const;

 private:
  explicit VulcandServer(int etcd_version);
  absl::Status Launch();

  const int etcd_version_, api_port_, proxy_port_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<EtcdServer> etcd_;
  std::unique_ptr<Process> vulcand_;
};

}  // namespace dispatcher::testing
