#include <functional>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

std::shared_ptr<Service> Many(const std::string& app, int from, int to, int port = 1000) {
  std::vector<std::shared_ptr<const Instance>> tasks;
  for (int i = from; i < to; ++i) {
    tasks.push_back(Task(app + "." + std::to_string(100 + i), port + i));
  }
  return App(app, app.substr(1), tasks);
}
size_t Servers(const Rig& rig) {
  size_t n = 0;
  for (const auto& [id, entry] : rig.adapter.held) {
    n += id.kind == "server";
  }
  return n;
}

// Ten instances of /web, written, and the `left` first of them still listed.
struct Ten : Rig {
  explicit Ten(int left) {
    Offer(Many("/web", 0, 10));
    Sync();
    Offer(Many("/web", 0, left));
  }
};

TEST_CASE("An unexplained removal needs two complete reads, far enough apart") {
  Ten rig(9);
  rig.Write();
  CHECK(rig.r().Report(rig.now).held.empty());  // an event-driven pass has no opinion
  rig.Sync();
  REQUIRE(rig.r().Report(rig.now).held.size() == 1);
  CHECK(rig.r().Report(rig.now + seconds(18)).held[0].reason ==
        "absent from 1 complete read, needs a second one 42 s from now");
  rig.now += seconds(59);
  rig.Sync();
  CHECK(Servers(rig) == 10);
  CHECK(rig.r().Report(rig.now).held[0].reason ==
        "absent from 2 complete reads, needs another one 1 s from now");
  rig.now += seconds(1);
  rig.Write();
  CHECK(Servers(rig) == 10);  // time alone is no evidence
  rig.Sync();
  CHECK(Servers(rig) == 9);
  CHECK(rig.r().Report(rig.now).held.empty());
}

TEST_CASE("What is wanted again is no longer suspected") {
  Ten rig(9);
  rig.Sync();
  rig.Offer(Many("/web", 0, 10));
  rig.Write();
  rig.Offer(Many("/web", 0, 9));
  rig.now += seconds(100);
  rig.Sync();
  CHECK(Servers(rig) == 10);
  CHECK(rig.r().Report(rig.now).held.size() == 1);
}

TEST_CASE("Unexplained removals are limited per service and adapter, explained ones are not") {
  struct Case {
    const char* name;
    int services, each, missing;  // instances missing from the first service
    int left;                     // of all
  };
  const Case cases[] = {
      {"a few always pass", 1, 4, 3, 1},
      {"20 percent of the service", 1, 40, 20, 32},
      {"of a small service in a big adapter", 10, 10, 5, 97},
      {"nothing missing", 2, 10, 0, 20},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    for (const bool explained : {false, true}) {
      Rig rig;
      for (int s = 0; s < c.services; ++s) {
        rig.Offer(Many("/s" + std::to_string(s), 0, c.each, 1000 * (s + 1)));
      }
      rig.Sync();
      auto less = Many("/s0", c.missing, c.each, 1000);
      less->missing = explained ? Why::kRead : Why::kAbsent;
      rig.Offer(less);
      rig.Sync();
      rig.now += seconds(60);
      rig.Sync();
      CHECK(Servers(rig) == static_cast<size_t>(explained ? c.services * c.each - c.missing : c.left));
      // What is above the limit waits for a word, not for the window to pass.
      for (int i = 0; i < 5; ++i) {
        rig.now += std::chrono::minutes(20);
        rig.Sync();
      }
      CHECK(Servers(rig) == static_cast<size_t>(explained ? c.services * c.each - c.missing : c.left));
      rig.r().Release(rig.now);
      rig.Write();
      CHECK(Servers(rig) == static_cast<size_t>(c.services * c.each - c.missing));
      CHECK(rig.r().Report(rig.now).held.empty());
    }
  }
}

TEST_CASE("The window is of the adapter too, and passes") {
  Rig rig;
  for (int s = 0; s < 5; ++s) {
    rig.Offer(Many("/s" + std::to_string(s), 0, 2, 1000 * (s + 1)));
  }
  rig.Sync();
  for (int s = 0; s < 5; ++s) {
    rig.Offer(Many("/s" + std::to_string(s), 0, 1, 1000 * (s + 1)));
  }
  rig.Sync();
  rig.now += seconds(60);
  rig.Sync();
  CHECK(Servers(rig) == 7);  // max(3, 20 % of 15 with the shells)
  // A new one, after the window, is judged on its own.
  rig.now += std::chrono::minutes(10);
  rig.Offer(App("/s0", "s0", {}));
  rig.Sync();
  rig.now += seconds(60);
  rig.Sync();
  CHECK(Servers(rig) == 6);
  CHECK(rig.r().Report(rig.now).held.size() == 2);
}

TEST_CASE("A held removal goes once something explains it") {
  Ten rig(0);
  rig.Sync();
  CHECK(rig.r().Report(rig.now).held.size() == 10);
  rig.Offer(App("/web", "web", {Task("/web.105", 1005, Want::kNo, Why::kEvent)}));
  rig.Write();
  CHECK(Servers(rig) == 9);
  CHECK(rig.r().Report(rig.now).held.size() == 9);
}

TEST_CASE("An instance listed as merely absent is held and shown at once") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo, Why::kAbsent)}));
  rig.Write();
  CHECK(rig.Has("server web/a"));
  REQUIRE(rig.r().Report(rig.now).held.size() == 1);
  rig.Sync();
  rig.now += seconds(60);
  rig.Sync();
  CHECK_FALSE(rig.Has("server web/a"));
}

TEST_CASE("An empty answer is never believed, however often repeated") {
  Rig rig;
  rig.Offer(Many("/web", 0, 2));
  rig.Sync();
  rig.r().Offer({"/web", 0}, nullptr, rig.now);
  for (int i = 0; i < 10; ++i) {
    rig.Sync(/*empty=*/true);
    rig.now += seconds(120);
  }
  CHECK(Servers(rig) == 2);
  CHECK(rig.r().Report(rig.now).held.size() == 3);
  // Nor does it confirm: the next answer with apps in it is the first.
  rig.Sync();
  rig.now += seconds(60);
  CHECK(Servers(rig) == 2);
  rig.Sync(/*empty=*/true);
  CHECK(Servers(rig) == 2);
  SECTION("a second one confirms") {
    rig.Sync();
    CHECK(Servers(rig) == 0);
    CHECK_FALSE(rig.Has("backend web"));
  }
  SECTION("an operator may know better") {
    rig.r().Release(rig.now);
    rig.Write();
    CHECK(rig.adapter.held.empty());
  }
}

TEST_CASE("An empty answer takes back what was let go and is not yet written") {
  Ten rig(9);
  rig.Sync();
  rig.now += seconds(60);
  rig.Pass();
  CHECK(rig.r().Report(rig.now).held.empty());
  rig.Pass(/*empty=*/true);
  rig.Write();
  CHECK(Servers(rig) == 10);
}

TEST_CASE("Entries of another framework wait for a release") {
  Rig rig;
  rig.Offer(Many("/web", 0, 2));
  rig.Sync(false, "old");
  auto fresh = App("/web", "web", {Task("z", 77)});
  fresh->missing = Why::kRead;  // the new Marathon runs all it wants; of the old one it knows nothing
  rig.Offer(fresh);
  for (int i = 0; i < 4; ++i) {
    rig.Sync(false, "new");
    rig.now += seconds(120);
  }
  CHECK(Servers(rig) == 3);
  REQUIRE(rig.r().Report(rig.now).held.size() == 2);
  SECTION("released") {
    rig.r().Release(rig.now);
    rig.Write();
    CHECK(Servers(rig) == 1);
  }
  SECTION("proof of death") {
    rig.Offer(App("/web", "web", {Task("y", 1000), Task("z", 77)}));
    rig.Write();
    CHECK_FALSE(rig.Has("server web//web.100"));
    CHECK(rig.r().Report(rig.now).held.size() == 1);
  }
}

TEST_CASE("What is held, why, and that it no longer is, is said once each") {
  Ten rig(8);
  (void)rig.Said(NoteKind::kHeld);
  rig.Sync();
  CHECK(rig.Said(NoteKind::kHeld) ==
        Words{"/web: 2 removals are held back: server web//web.108 is absent from 1 complete read, needs a "
              "second one 60 s from now"});
  for (int i = 0; i < 3; ++i) {
    rig.now += seconds(10);
    rig.Sync();
    CHECK(rig.Said(NoteKind::kHeld).empty());
  }
  rig.Offer(Many("/web", 0, 10));
  rig.Write();
  CHECK(rig.Said(NoteKind::kHeld) == Words{"no removal is held back any more"});
}

TEST_CASE("What the brake lets go is named, and what an operator does") {
  Ten rig(6);
  rig.Sync();
  rig.now += seconds(60);
  (void)rig.Said(NoteKind::kHeld);
  rig.Pass();
  CHECK(rig.Said(NoteKind::kHeld) ==
        Words{"/web: 3 unexplained removals go, confirmed by two complete reads: server web//web.106, server "
              "web//web.107, server web//web.108",
              "1 removal is above the limit and waits for an explanation or a release"});
  rig.r().Release(rig.now);
  CHECK(rig.Said(NoteKind::kHeld) ==
        Words{"/web: 1 held removal was released: server web//web.109", "no removal is held back any more"});

  Ten all(0);
  all.Sync();
  (void)all.Said(NoteKind::kHeld);
  all.r().Release(all.now);
  CHECK(all.Said(NoteKind::kHeld) ==
        Words{"/web: 10 held removals were released: server web//web.100, server web//web.101, server "
              "web//web.102, server web//web.103, server web//web.104 and 5 more",
              "no removal is held back any more"});
}

TEST_CASE("Many services that lose something are one line in the log") {
  Rig rig;
  for (int s = 10; s < 22; ++s) {
    rig.Offer(Many("/s" + std::to_string(s), 0, 2, 100 * s));
  }
  rig.Sync();
  for (int s = 10; s < 22; ++s) {
    rig.r().Offer({"/s" + std::to_string(s), 0}, nullptr, rig.now);
  }
  (void)rig.Said(NoteKind::kHeld);
  rig.Sync(/*empty=*/true);
  const std::vector<std::string> said = rig.Said(NoteKind::kHeld);
  REQUIRE(said.size() == 1);
  CHECK(said[0].starts_with("36 removals of 12 services are held back: "));
}

TEST_CASE("Each held removal tells what it waits for, and the plan marks it") {
  struct Case {
    const char* name;
    HeldFor cause;
    std::function<void(Rig&)> happens;  // to ten instances, of which nothing is listed any more
  };
  const Case cases[] = {
      {"one read", HeldFor::kConfirmation, [](Rig& rig) { rig.Sync(); }},
      {"an empty answer", HeldFor::kEmptyAnswer, [](Rig& rig) { rig.Sync(true); }},
      {"another framework", HeldFor::kFramework, [](Rig& rig) { rig.Sync(false, "f2"); }},
      {"too many", HeldFor::kLimit,
       [](Rig& rig) {
         rig.Sync();
         rig.now += seconds(60);
         rig.Sync();
       }},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Ten rig(0);
    c.happens(rig);
    const ReconcileReport report = rig.r().Report(rig.now);
    REQUIRE(report.held.size() == (c.cause == HeldFor::kLimit ? 7 : 10));
    for (const HeldRemoval& held : report.held) {
      CHECK(held.cause == c.cause);
    }
    size_t planned = 0;
    for (const Change& change : rig.r().Plan(rig.now)) {
      const bool removal = change.op == Op::kDelete;
      planned += removal && change.held;
      CHECK(change.held == removal);
      CHECK(removal == (change.reason == report.held[0].reason));
    }
    CHECK(planned == report.held.size());
  }
}

TEST_CASE("A release says how many it let go, and may be for one app alone") {
  Rig rig;
  CHECK(rig.r().Release(rig.now) == 0);
  rig.Offer(Many("/web", 0, 5));
  rig.Offer(Many("/api", 0, 4, 2000));
  rig.Sync();
  rig.Offer(Many("/web", 0, 0));
  rig.Offer(Many("/api", 0, 0));
  rig.Sync();
  CHECK(rig.r().Release(rig.now, "/none") == 0);
  CHECK(rig.r().Release(rig.now, "/api") == 4);
  rig.Write();
  CHECK(Servers(rig) == 5);
  CHECK(rig.r().Release(rig.now) == 5);
  CHECK(rig.r().Release(rig.now) == 0);
  rig.Write();
  CHECK(Servers(rig) == 0);
}

TEST_CASE("A shell stays while something in it is held") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.Offer(App("/web", "shop", {Task("a", 1)}));  // renamed, and b is missing
  rig.Sync();
  CHECK(rig.There() == WordSet{"backend shop", "server shop/a", "backend web", "server web/b"});
  rig.now += seconds(60);
  rig.Sync();
  CHECK(rig.There() == WordSet{"backend shop", "server shop/a"});
}

// ---- proof of death

TEST_CASE("An address claimed by a running task of another id frees it at once") {
  Rig rig;
  rig.Offer(App("/old", "old", {Task("a", 1)}));
  rig.Sync();
  rig.writes.clear();
  const Want theirs = GENERATE(Want::kYes, Want::kIfThere);
  rig.Offer(App("/old", "old", {Task("a", 1, theirs)}));
  rig.now += seconds(1);
  rig.Offer(App("/new", "new", {Task("b", 1, Want::kYes, Why::kEvent, rig.now)}));
  const std::vector<Change> changes = rig.Write();
  CHECK(rig.There() == WordSet{"backend old", "backend new", "server new/b"});
  for (const Change& c : changes) {
    if (c.op == Op::kDelete) {
      CHECK(c.why == Why::kEvent);
      CHECK(c.since == rig.now);
      CHECK(c.reason == "its address 10.0.0.1:1 is that of task b now");
    }
  }
  // The one that lost comes back once the winner has gone.
  rig.Offer(App("/new", "new", {Task("b", 1, Want::kNo)}));
  rig.Write();
  CHECK(rig.Has("server old/a") == (theirs == Want::kYes));
}

TEST_CASE("Proof of death needs a running task, a later one, and the same address") {
  struct Case {
    const char* name;
    std::shared_ptr<Instance> rival;
    bool dies;
  };
  const Mono later{seconds(2000)};
  const Case cases[] = {
      {"another port", Task("b", 2, Want::kYes, Why::kEvent, later), false},
      {"not known to run", Task("b", 1, Want::kIfThere, Why::kEvent, later), false},
      {"dead itself", Task("b", 1, Want::kNo, Why::kEvent, later), false},
      {"as old as we know", Task("b", 1), false},
      {"later", Task("b", 1, Want::kYes, Why::kEvent, later), true},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Rig rig;
    rig.Offer(App("/old", "old", {Task("a", 1)}));
    rig.Sync();
    rig.Offer(App("/new", "new", {c.rival}));
    rig.Sync();
    CHECK(rig.Has("server old/a") == !c.dies);
  }
}

TEST_CASE("A static service may stand at a task's address, and several at one") {
  Rig rig;
  const Mono later{seconds(2000)};
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.Offer(App("static.docs", "docs", {Task("d", 1, Want::kYes, Why::kEvent, later)}));
  rig.Offer(App("static.help", "help", {Task("h", 1, Want::kYes, Why::kEvent, later + seconds(1))}));
  rig.Sync();
  CHECK(rig.Has("server web/a"));
  CHECK(rig.Has("server docs/d"));
  CHECK(rig.Has("server help/h"));
}

TEST_CASE("A stale entry of an unknown app goes by proof of death in an event-driven pass") {
  Rig rig;
  rig.Offer(App("/old", "old", {Task("a", 1)}));
  rig.Sync();
  rig.r().Offer({"/old", 0}, nullptr, rig.now);
  rig.Offer(App("/new", "new", {Task("b", 1)}));
  rig.Write();
  CHECK_FALSE(rig.Has("server old/a"));
  CHECK(rig.Has("backend old"));
}

}  // namespace
}  // namespace dispatcher
