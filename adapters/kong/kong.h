// Kong's Admin API, from 0.8 to 3.9. Facts about Kong in this folder come from
// recordings of 0.14.1, 2.8.5 and 3.9.3, and for what lies before, between and
// beside these from Kong's sources and changelog.
#pragma once

#include <memory>
#include <string>

#include "adapters/adapter.h"
#include "dispatcher/net/http.h"

namespace dispatcher {

struct KongOptions {
  std::string owner = "dispatcher";  // [a-z0-9]{1,20}
  std::string name = "kong";         // of this adapter in the configuration
  std::string url = "http://127.0.0.1:8001";
  // targets: an upstream for each service, its instances as targets; Kong >= 0.10.
  // router: a service whose address is router_url at the service's port.
  std::string mode = "targets";
  std::string router_url;            // mode router: "http://vulcand.service.consul"
  std::string expose = "labelled";   // all, labelled
  std::string token;                 // RBAC token; not beside token_file
  std::string token_file;            // read again when the token is refused
  std::string api_key;               // for an Admin API behind key-auth; not beside api_key_file
  std::string api_key_file;          // read again when the key is refused
  std::string workspace;             // Enterprise; "" for the default one
  std::string dbless;                // "whole-file": a DB-less Kong's configuration is ours alone
  bool delete_with_plugins = false;  // else what carries plugins of others is emptied and left
  ClientTls tls = {};
};

// InvalidArgument names the setting and what it may be. Does no I/O but reading
// token_file and api_key_file.
absl::StatusOr<std::unique_ptr<Adapter>> MakeKongAdapter(KongOptions options);

}  // namespace dispatcher
