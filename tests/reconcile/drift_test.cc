// What others did to our entries: put back, counted and told.
#include <functional>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

// /web with two instances, written, and read once since.
struct Kept : Rig {
  Kept() {
    Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
    Sync();
    Sync();
    writes.clear();
    (void)r().TakeNotes();
  }
  Entry& At(const std::string& kind, const std::string& id) { return adapter.held.at({"", kind, id}); }
  // A read that is no full pass.
  void Look() {
    ++index;
    r().WatchEnded(0, WatchAnswer{index, index}, now);
    Read();
    Write();
  }
  uint64_t index = 1;
};

struct Watched : Kept {
  Watched() {
    adapter.traits.watches = 1;
    Restart();
    Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
    Sync();
    r().WatchEnded(0, WatchAnswer{index, index}, now);
    (void)r().TakeNotes();
    now += seconds(100);
  }
};

TEST_CASE("What others changed is put back field by field, counted, and told by name and field") {
  struct Case {
    const char* name;
    std::function<void(Kept&)> harm;
    Words writes, told;
  };
  const Case cases[] = {
      {"nothing", [](Kept&) {}, {}, {}},
      {"one field",
       [](Kept& w) { w.At("server", "web/a").fields["url"] = "10.6.6.6:1"; },
       {"put server web/a"},
       {"/web: server web/a was altered by other hands (url) and is put back"}},
      {"a field more and one less",
       [](Kept& w) {
         Fields& fields = w.At("server", "web/b").fields;
         fields.erase("condition");
         fields["weight"] = "7";
       },
       {"put server web/b"},
       {"/web: server web/b was altered by other hands (condition, weight) and is put back"}},
      {"structure",
       [](Kept& w) { w.At("backend", "web").fields["tags"] = "9"; },
       {"put backend web"},
       {"/web: backend web was altered by other hands (tags) and is put back"}},
      {"whose it is",
       [](Kept& w) { w.At("server", "web/a").task = "z"; },
       {"put server web/a"},
       {"/web: server web/a was altered by other hands (whose it is) and is put back"}},
      {"removed",
       [](Kept& w) {
         w.adapter.held.erase({"", "server", "web/a"});
       },
       {"put server web/a"},
       {"/web: server web/a was removed by other hands and is put back"}},
  };
  for (const Case& c : cases) {
    for (const bool watched : {false, true}) {
      INFO(c.name << (watched ? ", watched" : ""));
      Watched rig;
      const auto whole = rig.adapter.held;
      c.harm(rig);
      if (watched) {
        rig.Look();
      } else {
        rig.Sync();
      }
      CHECK(rig.writes == c.writes);
      CHECK(rig.Said(NoteKind::kDrift) == c.told);
      CHECK(rig.r().Report(rig.now).drift_repaired == c.writes.size());
      CHECK(rig.adapter.held.size() == whole.size());
      rig.writes.clear();
      rig.now += seconds(100);
      rig.Sync();
      CHECK(rig.writes.empty());
      CHECK(rig.r().Report(rig.now).drift_repaired == c.writes.size());
    }
  }
}

TEST_CASE("A registry that lost everything is one line in the log, and all of it is counted") {
  Rig rig;
  std::vector<std::shared_ptr<const Instance>> tasks;
  for (int i = 100; i < 130; ++i) {
    tasks.push_back(Task(std::to_string(i), i));
  }
  rig.Offer(App("/web", "web", tasks));
  rig.Sync();
  rig.adapter.held.clear();
  (void)rig.r().TakeNotes();
  rig.Sync();
  CHECK(rig.adapter.held.size() == 31);
  CHECK(rig.r().Report(rig.now).drift_repaired == 31);
  const std::vector<std::string> said = rig.Said(NoteKind::kDrift);
  CHECK(said == Words{"it holds nothing of ours any more: 31 entries are gone, and are written again"});

  rig.now += seconds(100);
  rig.adapter.held.erase(rig.adapter.held.begin(), std::prev(rig.adapter.held.end()));
  rig.Sync();
  const std::vector<std::string> most = rig.Said(NoteKind::kDrift);
  REQUIRE(most.size() == 1);
  CHECK(most[0].starts_with("30 entries were altered or removed by other hands, and are put back: "));
}

TEST_CASE("A small registry that lost everything is one line, too, and each write is told") {
  Kept rig;
  rig.adapter.held.clear();
  rig.Sync();
  CHECK(rig.Said(NoteKind::kDrift) ==
        Words{"it holds nothing of ours any more: 3 entries are gone, and are written again"});
  rig.adapter.held.clear();
  rig.Sync();
  CHECK(rig.Said(NoteKind::kRegistered) ==
        Words{"/web: registered backend web: missing in the registry",
              "/web: registered server 10.0.0.1:1: missing in the registry",
              "/web: registered server 10.0.0.1:2: missing in the registry"});
}

TEST_CASE("Not drift: what we do not know to have been otherwise, and what is no more wanted") {
  SECTION("the first look") {
    Kept rig;
    rig.At("server", "web/a").fields["url"] = "10.6.6.6:1";
    rig.Restart();
    rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
    rig.Sync();
    CHECK(rig.writes == Words{"put server web/a"});
    CHECK(rig.r().Report(rig.now).drift_repaired == 0);
  }
  SECTION("the first look of a new term") {
    Kept rig;
    rig.At("server", "web/a").fields["url"] = "10.6.6.6:1";
    rig.Pass();  // seen, and not yet written
    rig.At("server", "web/b").fields["url"] = "10.6.6.6:2";
    rig.r().ReadAnew(rig.now);
    rig.Read();
    rig.Write();
    CHECK(rig.writes == Words{"put server web/a", "put server web/b"});
    CHECK(rig.r().Report(rig.now).drift_repaired == 0);
  }
  SECTION("an answer that was lost") {
    Kept rig;
    rig.fail["put server web/c"] = absl::DeadlineExceededError("");
    rig.applied_though = {"put server web/c"};
    rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2), Task("c", 3)}));
    rig.Write();
    rig.fail.clear();
    rig.Sync();
    CHECK(rig.r().Report(rig.now).drift_repaired == 0);
  }
  SECTION("written while the read was under way") {
    Kept rig;
    rig.r().BeginFullPass(false, "f1", rig.now);
    rig.r().LanesKnown(rig.Lanes(), rig.now);
    REQUIRE(rig.r().NextRead(rig.now));
    rig.Visit("");  // the old
    rig.Offer(App("/web", "web", {Task("a", 7), Task("b", 2), Task("c", 3)}));
    rig.Write();
    rig.r().ReadEnded("", absl::OkStatus(), rig.now);
    rig.Write();
    rig.Sync();
    CHECK(rig.r().Report(rig.now).drift_repaired == 0);
    CHECK(rig.Said(NoteKind::kDrift).empty());
  }
  SECTION("another of our kind wrote what we want, too") {
    Kept rig;
    rig.r().BeginFullPass(false, "f1", rig.now);
    rig.r().LanesKnown(rig.Lanes(), rig.now);
    rig.Offer(App("/web", "web", {Task("a", 7), Task("b", 2)}));
    rig.At("server", "web/a") = rig.adapter.Render(*App("/web", "web", {}), *Task("a", 7))[0];
    rig.Read();
    rig.Write();
    CHECK(rig.writes.empty());
    CHECK(rig.r().Report(rig.now).drift_repaired == 0);
  }
  SECTION("removed by others before we could") {
    Kept rig;
    rig.fail["delete server web/a"] = absl::UnavailableError("down");
    rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo), Task("b", 2)}));
    rig.Write();
    rig.adapter.held.erase({"", "server", "web/a"});
    rig.Sync();
    CHECK(rig.r().Report(rig.now).drift_repaired == 0);
  }
  SECTION("put right again by others") {
    Kept rig;
    const Entry right = rig.At("server", "web/a");
    rig.At("server", "web/a").fields["url"] = "10.6.6.6:1";
    rig.Pass();  // seen, and not yet written
    rig.At("server", "web/a") = right;
    rig.Pass();
    rig.Write();
    rig.Offer(App("/web", "web", {Task("a", 9), Task("b", 2)}));
    rig.Write();
    CHECK(rig.r().Report(rig.now).drift_repaired == 0);
  }
}

}  // namespace
}  // namespace dispatcher
