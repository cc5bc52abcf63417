// Consul servers with one raft among them (or a single one), whose leaders and followers
// can be struck.
#pragma once

#include <memory>
#include <vector>

#include "tests/support/consul_server.h"

namespace dispatcher::testing {

// One thread.
class ConsulCluster {
 public:
  enum class Whom { kLeader, kFollower, kAll };  // a single server is its own leader

  // Each on a loopback address of its own; a single one on 127.0.0.1.
  static absl::StatusOr<std::unique_ptr<ConsulCluster>> Start(size_t servers);

  size_t size() const { return servers_.size(); }
  ConsulServer& server(size_t index) { return *servers_[index]; }

  // SIGKILL or SIGSTOP, until Heal. Without a leader the first server is taken for it. A
  // follower is the first that doesn't lead.
  void Kill(Whom whom);
  void Freeze(Whom whom);
  // Those that were killed come back with nothing.
  void LoseData();
  // All run again, have a leader and know it, each of them. Unavailable says who hasn't.
  absl::Status Heal();

 private:
  std::vector<size_t> These(Whom whom);
  absl::Status Spawn(size_t index);

  std::vector<std::unique_ptr<ConsulServer>> servers_;
  std::vector<size_t> killed_, frozen_;
};

}  // namespace dispatcher::testing
