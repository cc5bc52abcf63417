// A real Consul agent for tests, benches and the demo: a server, or a client agent
// that joins one, on free ports.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/client.h"
#include "tests/support/process.h"

namespace dispatcher::testing {

struct ConsulServerOptions {
  std::string bind = "127.0.0.1";  // a loopback address; agents of one cluster need different ones
  int http_port = 0;               // 0: any free one
  std::string node = "consul-test";
  std::string datacenter = "dc1";
  bool memory_only = false;  // no data directory: -dev
  bool acl = false;          // default deny, and a master token
  bool script_checks = false;
  std::string join;  // not "": a client agent of the server with this serf address
  // Servers that elect a leader among them; the serf addresses of the others are told to
  // Spawn (ConsulCluster does).
  int servers = 1;
  std::string join_wan;  // not "": the wan_address of a server of another datacenter
  std::string data_dir;  // "": one of its own, removed at the end; else kept
};

// One thread. The process ends with this.
class ConsulServer {
 public:
  // The binary: $CONSUL_BINARY, or what tests/tools/fetch_consul.sh unpacks.
  // Unavailable says how to get one.
  static absl::StatusOr<std::string> Binary();

  // Returns once it has a leader (a client agent: once it knows one). Other ports
  // are tried if somebody took one meanwhile.
  static absl::StatusOr<std::unique_ptr<ConsulServer>> Start(ConsulServerOptions options = {});

  const ConsulServerOptions& options() const { return options_; }
  std::string url() const;
  std::string serf_address() const;  // for ConsulServerOptions::join
  std::string wan_address() const;   // for ConsulServerOptions::join_wan
  int dns_port() const { return dns_port_; }
  int pid() const { return process_->pid(); }
  // Full rights, if options.acl.
  const std::string& master_token() const { return master_token_; }
  // A token with these rules, in Consul's policy language.
  absl::StatusOr<std::string> CreateToken(const std::string& rules);

  // SIGKILL, and the same again on the same ports and data.
  absl::Status Restart();
  void Kill() { process_->Kill(); }
  // Of a killed one: its data is gone, whatever options.data_dir says.
  void LoseData();
  // Restart in two steps, for servers that wait for each other.
  absl::Status Spawn(const std::vector<std::string>& others = {});
  absl::Status WaitForLeader();
  void Signal(int signal) { process_->Signal(signal); }  // SIGSTOP makes it slow
  std::string Output() const { return process_->Output(); }

  // With the master token; any status but 200 is an error.
  absl::StatusOr<JsonDocument> Get(const std::string& target) const;
  absl::StatusOr<std::string> Put(const std::string& target, const std::string& body) const;

 private:
  friend class ConsulCluster;
  explicit ConsulServer(ConsulServerOptions options);
  absl::Status Launch(const std::string& binary);
  std::string Config();
  absl::StatusOr<std::string> Call(const std::string& method, const std::string& target,
                                   const std::string& body) const;

  ConsulServerOptions options_;
  std::string binary_;
  std::vector<std::string> others_;  // servers, by serf address
  std::string master_token_;
  TempDir home_;
  int dns_port_ = 0, serf_lan_port_ = 0, serf_wan_port_ = 0, rpc_port_ = 0;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<Process> process_;
};

}  // namespace dispatcher::testing
