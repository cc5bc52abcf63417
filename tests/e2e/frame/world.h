// One Consul, one stand-in Marathon, one dispatcher, on free ports, for one test.
//
//   World world;
//   world.marathon().Post(Json({.id = "/web", .instances = 2}));
//   REQUIRE(world.Differs() == "");
//
// Not thread-safe. The Consul server is shared by the tests of a program and emptied
// between them; everything else is the World's own and stops with it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/frame/app.h"
#include "tests/e2e/frame/consul.h"
#include "tests/e2e/frame/dispatcher.h"
#include "tests/e2e/frame/endpoints.h"
#include "tests/e2e/frame/marathon.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {

struct WorldOptions {
  MarathonOptions marathon;
  std::string config;                 // the dispatcher's configuration file; "": none
  std::vector<std::string> settings;  // --set of the dispatcher, after the World's own
  std::string consul_url;             // what the dispatcher is told; "": the shared server
  std::string view_url;               // where the test itself looks; "": the shared server
  HttpHeaders view_headers;
  Environment dispatcher_env;  // beside the test's own
  bool start_dispatcher = true;
};

// The profiles this run is about: those of DISPATCHER_E2E_PROFILES (blanks between),
// else 1.8 alone.
std::vector<std::string> Profiles();

// Options for a Marathon of that profile.
WorldOptions OfProfile(const std::string& profile);

class World {
 public:
  explicit World(WorldOptions options = {});
  ~World();  // after a failure, prints the ends of the logs
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Marathon& marathon() { return *marathon_; }
  Dispatcher& dispatcher() { return *dispatcher_; }
  Http& consul() { return consul_; }
  const std::string& profile() const { return options_.marathon.profile; }

  // Of the Consul server that Worlds share, for what is put before it.
  static std::string SharedConsulUrl();

  // Starts a dispatcher with the same settings and those given; the one before must
  // have ended. `log_to` as in Dispatcher.
  void StartDispatcher(const std::vector<std::string>& further = {}, const std::string& log_to = "");

  // Posts and waits until Marathon has it all running and healthy.
  void Deploy(const AppSpec& app);

  // How tests with labels tell what a port's service is called; DefaultName unless set.
  std::function<std::string(const SimTask&, const SimEndpoint&)> name_of;

  // Where a port's clients should be sent; the address that Marathon names unless set.
  std::function<std::string(const SimEndpoint&)> address_of;

  // What should be in Consul, by what runs in the world at this moment.
  Endpoints Expected();
  Endpoints InConsul() { return Registered(consul_); }
  // "" if Consul's content is what runs, within `limit`; else the difference.
  // REQUIRE(world.Differs() == "") prints it.
  std::string Differs(std::chrono::milliseconds limit = kPatience);

 private:
  const int exceptions_;  // in flight at the start: one more at the end is a failure
  WorldOptions options_;
  Http consul_;
  std::unique_ptr<Marathon> marathon_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

}  // namespace dispatcher::testing
