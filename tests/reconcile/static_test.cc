// Services that are no apps: their claims, and what becomes of them when nobody
// configures them any more.
#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("A static service takes its name from an app that holds it, and an app never takes it back") {
  Rig rig;
  rig.Offer(App("/a", "web", {Task("a", 1)}));
  rig.Sync();
  CHECK(rig.Has("server web/a"));
  rig.Offer(App("static.web", "web", {Task("s", 2)}));
  rig.Sync();
  CHECK(rig.There() == WordSet{"backend web", "server web/s"});
  CHECK(rig.r().Report(rig.now).refusals == Words{"/a: name web is held by static.web"});
  rig.Offer(App("/a", "web", {Task("a", 1), Task("b", 3)}));
  rig.Sync();
  CHECK(rig.There() == WordSet{"backend web", "server web/s"});
  // After a restart in which the app is offered first as well.
  rig.Restart();
  rig.Offer(App("/a", "web", {Task("a", 1)}));
  rig.Offer(App("static.web", "web", {Task("s", 2)}));
  rig.Sync();
  CHECK(rig.writes.empty());
}

TEST_CASE("A static service does not wait for the look into every lane") {
  Rig rig;
  rig.Offer(App("/a", "web", {Task("a", 1)}));
  rig.Offer(App("static.web", "web", {Task("s", 2)}));
  rig.r().LanesKnown(std::vector<std::string>{""}, rig.now);
  REQUIRE(rig.r().NextRead(rig.now));
  rig.r().ReadEnded("", absl::OkStatus(), rig.now);
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/s"});
}

TEST_CASE("What no configuration names any more goes as soon as it is seen, of any framework") {
  Rig rig;
  rig.Offer(App("static.web", "web", {Task("s", 2)}));
  rig.Offer(App("/a", "a", {Task("a", 1)}));
  rig.Sync(false, "f1");
  rig.Restart();
  rig.Offer(App("static.web", "web", {Task("s", 2)}));
  rig.Offer(App("/a", "a", {Task("a", 1)}));
  rig.Sync(false, "f2");
  CHECK(rig.writes.empty());
  rig.Restart();
  rig.Offer(App("/a", "a", {Task("a", 1)}));
  const std::vector<Change> changes = rig.Sync(false, "f2");
  REQUIRE(rig.writes == Words{"delete server web/s", "delete backend web"});
  CHECK(changes[0].reason == "it is not in static_services any more");
  CHECK(rig.r().Report(rig.now).held.empty());
}

}  // namespace
}  // namespace dispatcher
