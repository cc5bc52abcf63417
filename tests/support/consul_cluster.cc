#include "tests/support/consul_cluster.h"

#include <csignal>
#include <numeric>
#include <utility>

namespace dispatcher::testing {

absl::StatusOr<std::unique_ptr<ConsulCluster>> ConsulCluster::Start(size_t servers) {
  ASSIGN_OR_RETURN(const std::string binary, ConsulServer::Binary());
  absl::Status last;
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::unique_ptr<ConsulCluster> cluster(new ConsulCluster);
    for (size_t i = 0; i < servers; ++i) {
      ConsulServerOptions options;
      options.servers = static_cast<int>(servers);
      options.bind = "127.0.0." + std::to_string(servers == 1 ? 1 : 11 + i);
      options.node = "consul-" + std::to_string(i + 1);
      cluster->servers_.emplace_back(new ConsulServer(std::move(options)));
      cluster->servers_.back()->binary_ = binary;
      cluster->killed_.push_back(i);
    }
    last = cluster->Heal();
    if (last.ok()) {
      return cluster;
    }
  }
  return last;
}

absl::Status ConsulCluster::Spawn(size_t index) {
  std::vector<std::string> others;
  for (size_t i = 0; i < servers_.size(); ++i) {
    if (i != index) {
      others.push_back(servers_[i]->serf_address());
    }
  }
  return servers_[index]->Spawn(others);
}

std::vector<size_t> ConsulCluster::These(Whom whom) {
  std::vector<size_t> all(servers_.size());
  std::iota(all.begin(), all.end(), 0);
  if (whom == Whom::kAll) {
    return all;
  }
  size_t leader = 0;
  for (const size_t i : all) {
    const auto self = servers_[i]->Get("/v1/agent/self");
    if (self.ok() && self->root()["Stats"]["consul"]["leader"].StringOr("") == "true") {
      leader = i;
    }
  }
  const size_t follower = leader == 0 && servers_.size() > 1 ? 1 : 0;
  return {whom == Whom::kLeader ? leader : follower};
}

void ConsulCluster::Kill(Whom whom) {
  for (const size_t i : These(whom)) {
    servers_[i]->Kill();
    killed_.push_back(i);
  }
}

void ConsulCluster::Freeze(Whom whom) {
  for (const size_t i : These(whom)) {
    servers_[i]->Signal(SIGSTOP);
    frozen_.push_back(i);
  }
}

void ConsulCluster::LoseData() {
  for (const size_t i : killed_) {
    servers_[i]->LoseData();
  }
}

absl::Status ConsulCluster::Heal() {
  for (const size_t i : std::exchange(frozen_, {})) {
    servers_[i]->Signal(SIGCONT);
  }
  for (const size_t i : std::exchange(killed_, {})) {
    RETURN_IF_ERROR(Spawn(i));
  }
  for (const auto& server : servers_) {
    RETURN_IF_ERROR(server->WaitForLeader());
  }
  return absl::OkStatus();
}

}  // namespace dispatcher::testing
