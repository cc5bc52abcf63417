// Vulcand, the router of 0.8.0-beta.3 to 0.9.2. Facts about it in this folder were
// measured on 0.8.0-beta.3, on its git 5fb2302 of 2018 and on 0.9.2, and read in
// their sources, unless they say otherwise.
#pragma once

#include <memory>
#include <string>

#include "adapters/adapter.h"
#include "dispatcher/net/http.h"

namespace dispatcher {

struct VulcandOptions {
  std::string owner = "dispatcher";  // [a-z0-9]{1,20}
  std::string name = "vulcand";      // of this adapter in the configuration
  std::string url = "http://127.0.0.1:8182";
  // api: through Vulcand, which checks what it is given; every version.
  // etcd: into the etcd v3 behind it, by its JSON gateway (etcd >= 3.4): deletes are
  // exact and up to 64 changes go in one transaction. Vulcand itself must run with
  // -etcdApiVer=3.
  std::string engine = "api";
  std::string etcd_url;              // engine etcd only
  std::string etcd_key = "vulcand";  // engine etcd only: what Vulcand's -etcdKey says, to the letter
  // A listener of its own for each service, on the service's port, which serves
  // nothing but that service's hosts.
  bool listeners = false;
  std::string listener_address = "0.0.0.0";
  std::string expose = "labelled";  // all, labelled
  ClientTls tls = {};
};

// InvalidArgument names the setting and what it may be. Does no I/O.
absl::StatusOr<std::unique_ptr<Adapter>> MakeVulcandAdapter(VulcandOptions options);

}  // namespace dispatcher
