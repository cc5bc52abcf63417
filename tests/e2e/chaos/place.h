// Everything that a storm may strike: a Marathon with tasks that are processes, a Consul
// of its own, a router and two gateways, and the dispatcher between them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/frame/chain.h"
#include "tests/support/consul_server.h"

namespace dispatcher::testing {

// Not thread-safe. All its processes end with it.
class Place {
 public:
  Place();

  World& world() { return *world_; }
  Marathon& marathon() { return world_->marathon(); }
  Dispatcher& dispatcher() { return world_->dispatcher(); }
  Routers& routers() { return *routers_; }
  ConsulServer& consul() { return *consul_; }

  // A dispatcher in place of the last one, which must have ended. `log_to` gets what it
  // writes ("" for the test itself): /dev/full is a disk without room.
  void StartDispatcher(const std::string& log_to = "");

  // "" once each registry holds what runs and no more, requests reach each of these apps,
  // and what is a stranger's is untouched; after `limit`, what differs.
  std::string Differs(const std::vector<AppSpec>& apps, std::chrono::milliseconds limit);
  // A stranger's entry in Consul; whoever wiped Consul puts it there again.
  void PutStranger();

 private:
  std::unique_ptr<ConsulServer> consul_;
  std::unique_ptr<Routers> routers_;
  std::unique_ptr<World> world_;
};

}  // namespace dispatcher::testing
