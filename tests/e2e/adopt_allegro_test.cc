// `dispatcher sync --adopt allegro`: what allegro/marathon-consul registered makes way for
// ours at a real Consul, where an instance is found the whole time.
#include <set>

#include "tests/e2e/frame/sync_once.h"
#include "tests/support/allegro.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("what marathon-consul registered is taken over, and the service is found all the time") {
  World world(WithoutDispatcher());
  const AppSpec web = {
      .id = "/shop/web", .instances = 3, .labels = {{"consul", "web"}, {"urlprefix-/web", "tag"}}};
  world.Deploy(web);
  // marathon-consul, after its sync.
  std::set<std::string> ids;
  for (const SimTask& task : world.marathon().TasksOf(web.id)) {
    const SimEndpoint& endpoint = task.endpoints[0];
    const AllegroEntry entry = {
        .task = task.task,
        .name = "web",
        .address = endpoint.address,
        .port = endpoint.port,
        .tags = {"urlprefix-/web"},
        .check = "http://" + endpoint.address + ":" + std::to_string(endpoint.port) + "/"};
    world.consul().Must("PUT", "/v1/agent/service/register", BodyOf(entry));
    ids.insert(entry.Id());
  }
  // One that it forgot to take out.
  const AllegroEntry dead = {.task = "shop_web.dead", .name = "web", .address = "127.0.0.1", .port = 9};
  world.consul().Must("PUT", "/v1/agent/service/register", BodyOf(dead));
  PassingWatch watch(world.consul().url(), "web");
  REQUIRE(WaitFor([&] { return watch.found() > 20; }));

  const auto [dry_code, dry] = SyncOnce(world, {"--adopt", "allegro", "--dry-run"});
  INFO(dry);
  CHECK(dry_code == 1);
  CHECK(RegistrationsOf(world.consul(), "web").size() == 4);

  const auto [code, said] = SyncOnce(world, {"--adopt", "allegro"});
  INFO(said);
  CHECK(code == 0);
  for (const std::string& id : ids) {
    CAPTURE(id);
    CHECK(dry.find("consul: would be taken over: service " + id + " on node ") != std::string::npos);
    CHECK(said.find("consul: taken over: service " + id + " on node ") != std::string::npos);
  }
  CHECK(said.find("consul: left: service " + dead.Id()) != std::string::npos);
  CHECK(said.find("no task shop_web.dead runs and is published here") != std::string::npos);
  CHECK(WaitFor([&] {
    size_t ours = 0, theirs = 0;
    for (const Registration& found : RegistrationsOf(world.consul(), "web")) {
      ++(found.id.starts_with("dispatcher:") ? ours : theirs);
    }
    return ours == 3 && theirs == 1;
  }));
  const int found = watch.found();
  REQUIRE(WaitFor([&] { return watch.found() > found + 20; }));
  CHECK(watch.Stop() == "");

  const auto [again, last] = SyncOnce(world, {"--adopt", "allegro"});
  INFO(last);
  CHECK(again == 0);
  CHECK(last.find("taken over") == std::string::npos);
  CHECK(last.find(" 0 written, 0 removed, 0 refused, 0 held, 0 failed") != std::string::npos);
}

}  // namespace
}  // namespace dispatcher::testing
