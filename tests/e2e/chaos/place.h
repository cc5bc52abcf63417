// Everything that a storm may strike: a Marathon with tasks that are processes, Consul
// servers of its own, a router and two gateways behind doors, and the dispatcher between
// them.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/chaos/steady.h"
#include "tests/e2e/chaos/strangers.h"
#include "tests/e2e/frame/chain.h"
#include "tests/support/consul_cluster.h"
#include "tests/support/door.h"

namespace dispatcher::testing {

// How one place differs from the next.
struct Shape {
  size_t consuls = 1;
  std::string marathon = "1.8";
  bool clock = false;                    // the dispatcher's wall clock can be stepped
  std::chrono::hours marathon_ahead{0};  // Marathon's clock is so far off

  // Chosen by a number; a clock that can be stepped only where there is libfaketime.
  static Shape Of(uint32_t number);
  std::string Text() const;
};

// "" or why the dispatcher's wall clock can't be stepped here.
std::string WhyNoClock();

// Not thread-safe. All its processes end with it.
class Place {
 public:
  explicit Place(const Shape& shape);

  const Shape& shape() const { return shape_; }
  World& world() { return *world_; }
  Marathon& marathon() { return world_->marathon(); }
  Dispatcher& dispatcher() { return world_->dispatcher(); }
  Routers& routers() { return *routers_; }
  ConsulCluster& consul() { return *consul_; }
  Strangers& strangers() { return *strangers_; }
  Steady& steady() { return *steady_; }
  // Between the dispatcher and Vulcand, or both Kongs.
  void SetVulcandDoor(DoorState state) { vulcand_door_->Set(state); }
  void SetKongDoors(DoorState state);

  // A dispatcher in place of the last one, which must have ended. `log_to` gets what it
  // writes ("" for the test itself): /dev/full is a disk without room.
  void StartDispatcher(const std::string& log_to = "");
  // Its wall clock is so far ahead of the machine's, half a second later at most. Timers
  // and the clocks that never step are as before.
  void SetClockAhead(std::chrono::seconds ahead);
  void SetMarathonClockAhead(std::chrono::seconds ahead);

  // "" once each registry holds what runs and no more, requests reach each of these apps
  // and the steady one, and what is a stranger's is untouched; after `limit`, what differs.
  std::string Differs(std::vector<AppSpec> apps, std::chrono::milliseconds limit);

  // Writes what Marathon and the dispatchers (the last and the one before) said to
  // files that begin so.
  void KeepLogs(const std::string& prefix);

 private:
  WorldOptions Options();
  // "" or what differs at this moment.
  std::string ConsulDiffers();
  std::string GatewayDiffers(const std::vector<AppSpec>& apps);

  const Shape shape_;
  TempDir home_;
  std::unique_ptr<ConsulCluster> consul_;
  std::unique_ptr<Routers> routers_;
  std::unique_ptr<Door> vulcand_door_, kong_door_, gateway_door_;
  std::unique_ptr<World> world_;
  std::unique_ptr<Strangers> strangers_;
  std::unique_ptr<Steady> steady_;
  std::string former_log_;
};

}  // namespace dispatcher::testing
