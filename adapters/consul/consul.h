// Consul, in two modes. Facts about Consul in this folder were measured on 1.8.7
// and read in the sources and the changelog up to 1.21.4 unless they say otherwise.
#pragma once

#include <memory>
#include <string>

#include "adapters/adapter.h"
#include "dispatcher/net/http.h"

namespace dispatcher {

struct ConsulOptions {
  std::string owner = "dispatcher";  // [a-z0-9]{1,20}
  std::string name = "consul";       // of this adapter in the configuration
  std::string url = "http://127.0.0.1:8500";
  // catalog: writes to the servers' catalog, on external nodes of its own; >= 1.4.1.
  // agent: registers at the agent of each task's host, which runs the checks; >= 1.1.
  std::string mode = "catalog";
  std::string agent_url = "http://{host}:8500";  // for agent mode and for adoption
  // instances: a name resolves to the instances. router: to the internal router, at
  // router_address and the service's port.
  std::string publish = "instances";
  std::string router_address;  // IP address or host name; publish router only
  std::string expose = "all";  // all, labelled
  std::string token_file;      // read again when a token is refused
  std::string token;           // a secret that is not in a file; not beside token_file
  std::string datacenter;      // "": that of the agent at `url`
  // Key of the dispatchers' lock, if that lies in this very Consul and datacenter: each
  // transaction then checks that it is held by the Fence's session (mode catalog).
  std::string leader_key;
  bool script_checks = false;  // agent mode: register COMMAND checks as scripts
  ClientTls tls = {};
};

// InvalidArgument names the setting and what it may be. Does no I/O but reading
// token_file.
absl::StatusOr<std::unique_ptr<Adapter>> MakeConsulAdapter(ConsulOptions options);

}  // namespace dispatcher
