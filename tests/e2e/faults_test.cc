// A stream that lies by order, number and silence, and a Marathon that goes away.
#include "tests/e2e/frame/world.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

// A little of everything, with as much at once as one Marathon lets run.
void ALittleOfEverything(World& world) {
  Marathon& marathon = world.marathon();
  marathon.Post(Json({.id = "/a", .instances = 4}, world.profile()));
  marathon.Post(Json({.id = "/b", .instances = 3, .checks = false}, world.profile()));
  marathon.Post(Json({.id = "/c", .instances = 2}, world.profile()));
  marathon.WaitDeployed();
  marathon.Put("/a", R"({"env":{"RELEASE":"2"}})");
  marathon.Scale("/b", 6);
  marathon.Delete("/c");
  marathon.OnTask(marathon.TasksOf("/b").front().task, "fail");
  marathon.WaitDeployed();
  marathon.Scale("/a", 2);
  marathon.Restart("/b");
  marathon.WaitDeployed();
}

TEST_CASE("events out of order, doubled, late and in pieces lead to the same end", "[faults]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.marathon().Faults(
      R"({"reorder":12,"double_percent":60,"delay_ms":150,"split_writes":true,"seed":7})");
  ALittleOfEverything(world);
  REQUIRE(world.Differs() == "");
}

TEST_CASE("what lost events leave behind is mended by the next complete read", "[faults]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  WorldOptions options = OfProfile(profile);
  options.settings = {"marathon.resync_interval=2s", "brake.confirm_after=2s"};
  World world(options);
  world.marathon().Faults(R"({"drop_percent":60,"seed":3})");
  ALittleOfEverything(world);
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
}

TEST_CASE("a stream that keeps breaking in the middle of a frame is taken up again", "[faults]") {
  WorldOptions options = OfProfile(Profiles().back());
  // An app that is deleted while there is no stream is missing without an explanation.
  options.settings = {"marathon.resync_interval=2s", "brake.confirm_after=2s"};
  World world(options);
  world.marathon().Faults(R"({"cut_after_events":9})");
  ALittleOfEverything(world);
  // What happens while there is no stream is not heard, and breaks nothing.
  const auto broken = [&] { return world.dispatcher().Metric("dispatcher_stream_reconnects_total") >= 2; };
  for (int more = 0; more < 20 && !broken(); ++more) {
    world.marathon().Restart("/b");
    world.marathon().WaitDeployed();
  }
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
  CHECK(broken());
  world.marathon().Faults(R"({"reset":true})");
}

TEST_CASE("a stream that falls silent without closing is noticed", "[faults]") {
  WorldOptions options = OfProfile(Profiles().back());
  options.settings = {"marathon.stall_timeout=2s"};
  options.marathon.arguments = {"--heartbeat-ms", "500"};
  World world(options);
  world.Deploy({.id = "/web", .instances = 1});
  REQUIRE(world.Differs() == "");
  world.marathon().Faults(R"({"stall":true})");
  world.marathon().Scale("/web", 3);
  world.marathon().WaitDeployed();
  world.marathon().Faults(R"({"reset":true})");
  REQUIRE(world.Differs(std::chrono::seconds(20)) == "");
}

TEST_CASE("another Marathon leads, tasks live on, nothing is lost", "[faults]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 3});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();

  world.marathon().Control("leader", R"({"down_ms":300,"keep_health":false})");
  REQUIRE(WaitFor([&] {
    REQUIRE(world.InConsul().size() == before.size());
    return world.dispatcher().Metric("dispatcher_stream_reconnects_total") > 0 &&
           world.dispatcher().Ready().ok();
  }));
  world.marathon().Scale("/web", 4);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
}

TEST_CASE("Marathon restarts: entries stay, changes made meanwhile are found", "[faults]") {
  const std::string profile = GENERATE(from_range(Profiles()));
  CAPTURE(profile);
  World world(OfProfile(profile));
  world.Deploy({.id = "/web", .instances = 3});
  REQUIRE(world.Differs() == "");
  const Endpoints before = world.InConsul();
  world.marathon().Control("restart", R"({"down_ms":1000})");
  REQUIRE(WaitFor([&] {
    REQUIRE(world.InConsul().size() == before.size());
    return world.dispatcher().Metric("dispatcher_stream_reconnects_total") > 0 &&
           world.dispatcher().Ready().ok();
  }));
  world.marathon().Scale("/web", 1);
  world.marathon().WaitDeployed();
  REQUIRE(world.Differs() == "");
}

}  // namespace
}  // namespace dispatcher::testing
