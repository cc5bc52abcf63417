// Three dispatchers, one Marathon, one set of registries: Consul, where the lock lies, and
// the models of Vulcand and of two Kongs, which have no fence.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/chaos/strangers.h"
#include "tests/e2e/chaos/work.h"
#include "tests/e2e/frame/chain.h"
#include "tests/e2e/reign/contender.h"
#include "tests/support/consul_server.h"

namespace dispatcher::testing {

// Not thread-safe, but for marathon(). All its processes end with it.
class Arena {
 public:
  explicit Arena(std::chrono::seconds ttl);
  ~Arena();  // after a failure, prints the ends of the dispatchers' logs

  World& world() { return *world_; }
  Marathon& marathon() { return world_->marathon(); }
  ConsulServer& consul() { return *consul_; }
  Record& record() { return record_; }
  std::vector<std::unique_ptr<Contender>>& contenders() { return contenders_; }

  // Who says that it leads; null: nobody.
  Contender* Leader();
  // One leads and holds the lock by Consul's word, the others stand by.
  bool InOrder();

  // "" if at this moment, while tasks come and go, Consul holds what runs, and the routers hold
  // what is healthy and nothing that does not run.
  std::string DiffersNow();
  // "" once each registry holds what runs and no more, requests reach each of these apps, and
  // what is a stranger's is as it was; after `limit`, what differs.
  std::string Differs(const std::vector<AppSpec>& apps, std::chrono::milliseconds limit);
  // Writes that are still on their way.
  int Pending() const;

 private:
  Endpoints Expected();

  const int exceptions_;
  Record record_;
  std::unique_ptr<ConsulServer> consul_;
  Routers routers_;
  std::unique_ptr<World> world_;
  Strangers strangers_;
  std::vector<std::unique_ptr<Contender>> contenders_;
};

}  // namespace dispatcher::testing
