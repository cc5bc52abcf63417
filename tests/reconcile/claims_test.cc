#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("A name belongs to one app: the smallest id where nobody holds it") {
  Rig rig;
  const bool order = GENERATE(false, true);
  const auto a = App("/a", "web", {Task("a", 1)}), b = App("/b", "web", {Task("b", 2)});
  rig.Offer(order ? a : b);
  rig.Offer(order ? b : a);
  rig.Sync();
  CHECK(rig.There() == WordSet{"backend web", "server web/a"});
  REQUIRE(rig.r().Report(rig.now).refusals == Words{"/b: name web is held by /a"});
  bool noted = false;
  for (const Note& note : rig.r().TakeNotes()) {
    noted = noted || (note.kind == NoteKind::kRefused && note.app == "/b");
  }
  CHECK(noted);

  auto gone = App("/a", "web", {});
  gone->want = Want::kNo;
  rig.Offer(gone);
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/b"});
  CHECK(rig.adapter.held[{"", "backend", "web"}].service.app == "/b");
  CHECK(rig.r().Report(rig.now).refusals.empty());
}

TEST_CASE("The holder in the registry keeps its name, after a restart and through zero instances") {
  Rig rig;
  rig.adapter.with_structure = GENERATE(false, true);
  rig.Offer(App("/b", "web", {Task("b", 2)}));
  rig.Sync();
  if (GENERATE(false, true)) {
    rig.Restart();
    rig.Offer(App("/a", "web", {Task("a", 1)}));
    rig.Offer(App("/b", "web", {Task("b", 2)}));
  } else {
    rig.Offer(App("/b", "web", {Task("b", 2, Want::kNo)}));
    rig.Write();
    rig.Offer(App("/a", "web", {Task("a", 1)}));
    rig.Write();
    rig.Offer(App("/b", "web", {Task("b", 2)}));
  }
  rig.Sync();
  CHECK(rig.Has("server web/b"));
  CHECK_FALSE(rig.Has("server web/a"));
  CHECK(rig.r().Report(rig.now).refusals == Words{"/a: name web is held by /b"});
}

TEST_CASE("One that comes by a held name loses its own entries, not the holder's") {
  Rig rig;
  rig.Offer(App("/a", "x", {Task("a", 1)}));
  rig.Offer(App("/b", "web", {Task("b", 2)}));
  rig.Sync();
  rig.Offer(App("/a", "web", {Task("a", 1)}));
  rig.Sync();
  CHECK(rig.There() == WordSet{"backend web", "server web/b"});
  rig.Offer(App("/a", "y", {Task("a", 1)}));
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/b", "backend y", "server y/a"});
}

TEST_CASE("Of two ports of one app the smaller keeps the name") {
  Rig rig;
  auto one = App("/a", "web", {Task("a", 2)});
  one->key.port = 1;
  rig.Offer(one);
  rig.Sync();
  rig.Offer(App("/a", "web", {Task("a", 1)}));
  rig.Sync();
  CHECK(rig.adapter.held[{"", "server", "web/a"}].address == "10.0.0.1:1");
}

TEST_CASE("Apps that all agree share a name") {
  Rig rig;
  const bool all = GENERATE(true, false);
  auto a = App("/a", "web", {Task("a", 1)}), b = App("/b", "web", {Task("b", 2)});
  a->profile = Named("web", true);
  b->profile = Named("web", all);
  rig.Offer(a);
  rig.Offer(b);
  rig.Sync();
  CHECK(rig.Has("server web/a"));
  CHECK(rig.Has("server web/b") == all);
  if (all) {
    // The shared shell stays as long as one of them wants it.
    auto gone = App("/a", "web", {});
    gone->want = Want::kNo;
    rig.Offer(gone);
    rig.Sync();
    CHECK(rig.There() == WordSet{"backend web", "server web/b"});
    rig.writes.clear();
    rig.Sync();
    CHECK(rig.writes.empty());
  }
}

TEST_CASE("What the adapter refuses is shown and taken out, and comes back when it is mended") {
  Rig rig;
  rig.Offer(App("/a", "web", {Task("a", 1)}));
  rig.Sync();
  auto bad = App("/a", "web", {Task("a", 1)});
  Profile p = *bad->profile;
  p.refusal = "label dispatcher.hosts: not a host name";
  bad->profile = std::make_shared<const Profile>(p);
  rig.Offer(bad);
  rig.Write();
  CHECK(rig.adapter.held.empty());
  CHECK(rig.r().Report(rig.now).refusals == Words{"/a: label dispatcher.hosts: not a host name"});
  rig.Offer(App("/a", "web", {Task("a", 1)}));
  rig.Write();
  CHECK(rig.adapter.held.size() == 2);
}

TEST_CASE("A contested name waits until every lane was looked into") {
  Rig rig;
  rig.adapter.traits.lanes = true;
  rig.adapter.with_structure = false;
  auto on_h2 = Task("b", 2);
  on_h2->host = "h2";
  rig.Offer(App("/b", "web", {on_h2}));
  rig.Sync();
  rig.Restart();
  rig.Offer(App("/a", "web", {Task("a", 1)}));
  rig.Offer(App("/b", "web", {on_h2}));
  rig.r().LanesKnown(std::vector<std::string>{"h1", "h2"}, rig.now);
  while (auto lane = rig.r().NextRead(rig.now)) {
    rig.Write();
    CHECK_FALSE(rig.Has("server web/a"));
    rig.Visit(*lane);
    rig.r().ReadEnded(*lane, absl::OkStatus(), rig.now);
  }
  rig.Write();
  CHECK(rig.There() == WordSet{"server web/b"});
}

}  // namespace
}  // namespace dispatcher
