// What was written, and why, as notes: apart while it is little, together where it is much.
#include <algorithm>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

// "registered /web a 10.0.0.1:1 | text" of all that was written since the last call.
Words Deeds(Rig& rig) {
  Words deeds;
  for (const Note& note : rig.r().TakeNotes()) {
    const char* kind = note.kind == NoteKind::kRegistered ? "registered"
                       : note.kind == NoteKind::kChanged  ? "changed"
                       : note.kind == NoteKind::kRemoved  ? "removed"
                                                          : "";
    if (*kind != '\0') {
      deeds.push_back(std::string(kind) + " " + note.app + " " + note.task + " " + note.address + " | " +
                      note.text);
    }
  }
  return deeds;
}

std::shared_ptr<const Instance> Sick(const std::string& task, int port) {
  const std::shared_ptr<Instance> instance = Task(task, port);
  instance->condition = Condition::kCritical;
  instance->reason = "its health check fails";
  return instance;
}

// `count` apps of ten instances each, whose structure is of no interest here; a batch is one app.
void OfferMany(Rig& rig, int count, int first_port = 1000) {
  rig.adapter.with_structure = false;
  rig.adapter.traits.batch = 10;
  for (int app = 0; app < count; ++app) {
    std::vector<std::shared_ptr<const Instance>> tasks;
    for (int i = 0; i < 10; ++i) {
      tasks.push_back(Task(std::to_string(100 * (app + 10) + i), first_port + 10 * app + i));
    }
    rig.Offer(App("/" + std::to_string(app + 10), "n" + std::to_string(app), tasks));
  }
}

TEST_CASE("Each write is told once it is acknowledged: what, where, and why") {
  Rig rig;
  rig.Sync();
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  CHECK(Deeds(rig).empty());
  rig.fail["put server web/b"] = absl::UnavailableError("down");
  rig.Write();
  CHECK(Deeds(rig) == Words{"registered /web   | registered backend web",
                            "registered /web a 10.0.0.1:1 | registered server 10.0.0.1:1: a said so"});
  rig.fail.clear();
  rig.now += seconds(60);
  rig.Write();
  CHECK(Deeds(rig) == Words{"registered /web b 10.0.0.1:2 | registered server 10.0.0.1:2: b said so"});

  rig.Offer(App("/web", "web", {Sick("a", 1), Task("b", 2)}));
  rig.Write();
  CHECK(Deeds(rig) == Words{"changed /web a 10.0.0.1:1 | changed server 10.0.0.1:1: its health check fails"});

  rig.Offer(App("/web", "web", {Sick("a", 1), Task("b", 2, Want::kNo)}));
  rig.Write();
  CHECK(Deeds(rig) == Words{"removed /web b 10.0.0.1:2 | removed server 10.0.0.1:2: b said so"});
  rig.now += seconds(60);
  rig.Sync();
  CHECK(Deeds(rig).empty());
}

TEST_CASE("What goes without an event is told with what let it go") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  (void)Deeds(rig);
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  SECTION("two complete reads") {
    rig.now += seconds(60);
    rig.Sync();
    CHECK(Deeds(rig) == Words{"removed /web b 10.0.0.1:2 | removed server 10.0.0.1:2: Marathon does not list "
                              "its task, confirmed by two complete reads"});
  }
  SECTION("an operator") {
    rig.r().Release(rig.now);
    rig.Write();
    CHECK(Deeds(rig) == Words{"removed /web b 10.0.0.1:2 | removed server 10.0.0.1:2: Marathon does not list "
                              "its task, released by an operator"});
  }
  SECTION("another task at its address") {
    rig.Offer(App("/api", "api", {Task("z", 2)}));
    rig.Write();
    const Words deeds = Deeds(rig);
    CHECK(
        std::count(deeds.begin(), deeds.end(),
                   "removed /web b 10.0.0.1:2 | removed server 10.0.0.1:2: its address 10.0.0.1:2 is that of "
                   "task z now") == 1);
  }
}

TEST_CASE("The structure of a service is one line, and what others did to an entry is told once") {
  Rig rig;
  const std::shared_ptr<Service> service = App("/web", "web", {});
  Profile profile = *service->profile;
  profile.names = {"a", "b", "c", "d", "e", "f", "g"};
  service->profile = std::make_shared<const Profile>(profile);
  rig.Offer(service);
  rig.Sync();
  CHECK(Deeds(rig) ==
        Words{"registered /web   | registered backend a, backend b, backend c, backend d, backend e "
              "and 2 more: missing in the registry"});
  rig.adapter.held.at({"", "backend", "a"}).fields["tags"] = "9";
  rig.Sync();
  CHECK(Deeds(rig).empty());  // a note of kind drift says it
}

TEST_CASE("A first sync is told together: the first fifty apart, then a line when it is over") {
  Rig rig;
  OfferMany(rig, 30);
  rig.Sync();
  REQUIRE(rig.adapter.held.size() == 300);
  CHECK(Deeds(rig).size() == 50);
  CHECK(rig.r().NextWriteDeadline() == rig.now + seconds(1));
  rig.now += milliseconds(999);
  rig.Write();
  CHECK(Deeds(rig).empty());
  rig.now += milliseconds(1);
  rig.Write();
  CHECK(Deeds(rig) ==
        Words{"registered    | registered 250 entries of 25 apps, too many at once to tell apart"});
  CHECK_FALSE(rig.r().NextWriteDeadline().has_value());

  // Of a few apps each has its own line, so that its history has it; ten more apart each second.
  OfferMany(rig, 3, 5000);
  rig.Write();
  CHECK(Deeds(rig).size() == 10);
  rig.r().TellRest();
  CHECK(Deeds(rig) == Words{"changed /11   | changed 10 entries, too many at once to tell apart",
                            "changed /12   | changed 10 entries, too many at once to tell apart"});
  rig.now += seconds(60);
  OfferMany(rig, 3, 6000);
  rig.Write();
  CHECK(Deeds(rig).size() == 30);
}

TEST_CASE("While more is being written, what is told together waits ten seconds at most") {
  Rig rig;
  OfferMany(rig, 30);
  rig.Pass();
  for (int i = 0; i < 6; ++i) {
    rig.Finish(*rig.r().NextBatch(rig.now));
  }
  const std::optional<Batch> flying = rig.r().NextBatch(rig.now);
  REQUIRE(flying.has_value());
  (void)Deeds(rig);
  rig.now += milliseconds(9999);
  rig.Write();
  CHECK(rig.r().Report(rig.now).in_flight == 1);
  CHECK(rig.r().NextWriteDeadline() == rig.now + milliseconds(1));
  for (const std::string& deed : Deeds(rig)) {
    CHECK(deed.find("apart") == std::string::npos);
  }
  rig.now += milliseconds(1);
  (void)rig.r().NextBatch(rig.now);
  CHECK(Deeds(rig).back().find("too many at once to tell apart") != std::string::npos);
}

TEST_CASE("Who writes is told which changes have no line of their own") {
  Rig rig;
  OfferMany(rig, 7);
  rig.Pass();
  size_t told = 0, written = 0;
  while (const std::optional<Batch> batch = rig.r().NextBatch(rig.now)) {
    for (const Written& done : rig.Finish(*batch)) {
      ++written;
      told += done.told ? 1 : 0;
      CHECK(done.deed == Deed::kRegistered);
    }
  }
  CHECK(written == 70);
  CHECK(told == 50);
}

TEST_CASE("An entry that a read shows before its write is answered was registered, not changed") {
  Rig rig;
  OfferMany(rig, 1);
  rig.Pass();
  while (const std::optional<Batch> batch = rig.r().NextBatch(rig.now)) {
    std::vector<absl::Status> results;
    for (const Change& change : batch->changes) {
      results.push_back(rig.WriteOne(change));
    }
    rig.r().ReadAnew(rig.now);
    rig.Read();
    for (const Written& done : rig.r().Finished(*batch, results, rig.now)) {
      CHECK(done.deed == Deed::kRegistered);
    }
  }
  CHECK(rig.writes.size() == 10);
}

}  // namespace
}  // namespace dispatcher
