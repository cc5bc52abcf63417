#include "tests/support/etcd_server.h"

#include <cstdlib>
#include <utility>

namespace dispatcher::testing {

absl::StatusOr<std::unique_ptr<EtcdServer>> EtcdServer::Start() {
  std::unique_ptr<EtcdServer> server(new EtcdServer);
  const std::string peer = "http://127.0.0.1:" + std::to_string(server->peer_port_);
  const char* given = std::getenv("ETCD_BINARY");
  absl::StatusOr<std::unique_ptr<Process>> started = Process::Start(
      {given != nullptr && *given != '\0' ? given : "etcd", "--data-dir", server->home_.path() + "/etcd",
       "--listen-client-urls", server->url(), "--advertise-client-urls", server->url(), "--listen-peer-urls",
       peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer,
       "--enable-v2=true", "--unsafe-no-fsync"});
  if (!started.ok()) {
    return Error(absl::StatusCode::kUnavailable,
                 "no etcd: run tests/tools/fetch_etcd.sh and set ETCD_BINARY to what it prints: ",
                 Message(started.status()));
  }
  server->process_ = *std::move(started);
  RETURN_IF_ERROR(server->process_->WaitForOutput("ready to serve client requests"));
  return server;
}

}  // namespace dispatcher::testing
