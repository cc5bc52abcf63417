// Where one app stands in a registry, in the words that explain shows.
#include <algorithm>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

// "server web/a right; ..." of that app.
std::string Shown(Rig& rig, const AppId& app) {
  std::string text;
  for (const EntryReport& entry : rig.r().Where(app, rig.now).entries) {
    text.append(text.empty() ? "" : "; ").append(entry.id.kind).append(" ").append(entry.id.id);
    text.append(" ").append(entry.state);
  }
  return text;
}

const EntryReport& OfTask(const AppPlace& place, const TaskId& task) {
  return *std::find_if(place.entries.begin(), place.entries.end(),
                       [&](const EntryReport& entry) { return entry.task == task; });
}

TEST_CASE("An app's entries are shown from before the first read to the last removal") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  CHECK_FALSE(rig.r().Where("/web", rig.now).read);
  CHECK(Shown(rig, "/web") == "backend web unread; server web/a unread");
  rig.Sync();
  CHECK(rig.r().Where("/web", rig.now).read);
  CHECK(Shown(rig, "/web") == "backend web right; server web/a right");
  CHECK(rig.r().Where("/other", rig.now).entries.empty());

  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  CHECK(Shown(rig, "/web") == "backend web right; server web/a right; server web/b due");
  rig.fail["put server web/b"] = absl::UnavailableError("no room");
  rig.Write();
  CHECK(Shown(rig, "/web") == "backend web right; server web/a right; server web/b failing");
  CHECK(OfTask(rig.r().Where("/web", rig.now), "b").why == "UNAVAILABLE: no room");
}

TEST_CASE(
    "How long an entry has been there as it is: since it was written, or at least since the first look") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.now += seconds(100);
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Write();
  rig.now += seconds(20);
  AppPlace place = rig.r().Where("/web", rig.now);
  CHECK(OfTask(place, "a").since == seconds(120));
  CHECK(OfTask(place, "b").since == seconds(20));
  CHECK_FALSE(OfTask(place, "b").found);

  rig.Restart();
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.now += seconds(7);
  place = rig.r().Where("/web", rig.now);
  CHECK(OfTask(place, "a").since == seconds(7));
  CHECK(OfTask(place, "a").found);
}

TEST_CASE("A successor knows how long an entry has been there, unless it has changed since") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2), Task("c", 3)}));
  rig.Sync();
  rig.now += seconds(100);
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2), Task("c", 3), Task("d", 4)}));
  rig.Write();
  const std::vector<Age> ages = rig.r().Ages();
  CHECK(ages.size() == 5);

  rig.Restart();
  rig.now += seconds(1);
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 7), Task("c", 3), Task("d", 4)}));
  const auto since = [&](const TaskId& task) {
    return OfTask(rig.r().Where("/web", rig.now), task).since.value_or(seconds(-1));
  };
  const Entry c = rig.adapter.held.at({"", "server", "web/c"});
  rig.adapter.held.erase(c.id);
  rig.Pass();  // all but c is known, and found; the one before writes on
  CHECK(OfTask(rig.r().Where("/web", rig.now), "d").found);
  rig.adapter.held[c.id] = c;
  rig.r().Inherit(ages);
  CHECK(since("a") == seconds(101));
  CHECK(since("d") == seconds(1));
  rig.now += seconds(1);
  rig.r().ReadAnew(rig.now);
  rig.Read();
  for (const char* task : {"a", "c"}) {
    CHECK(since(task) == seconds(102));
    CHECK_FALSE(OfTask(rig.r().Where("/web", rig.now), task).found);
  }
  rig.Write();
  CHECK(since("b") == seconds(0));  // written anew

  // What others put back later has not been there all the time.
  rig.adapter.held.erase(c.id);
  rig.now += seconds(100);
  rig.Pass();
  rig.adapter.held[c.id] = c;
  rig.now += seconds(5);
  rig.Pass();
  CHECK(since("c") == seconds(0));
}

TEST_CASE("What is held back is shown with what it waits for, what is refused with the reason") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Offer(App("/zeb", "web", {Task("z", 9)}));
  rig.Sync();
  const AppPlace zeb = rig.r().Where("/zeb", rig.now);
  CHECK(zeb.entries.empty());
  REQUIRE(zeb.not_published.size() == 1);
  CHECK(zeb.not_published[0].second.find("/web") != std::string::npos);

  rig.Offer(App("/web", "web", {Task("a", 1)}));  // b is merely missing
  rig.Sync();
  const EntryReport b = OfTask(rig.r().Where("/web", rig.now), "b");
  CHECK(b.state == "held");
  CHECK(b.why.find("complete read") != std::string::npos);
}

TEST_CASE("What is unfit says so: out of traffic, kept there by the panic threshold, or listed as critical") {
  Rig rig;
  rig.adapter.traits.tier = GENERATE(Tier::kRouter, Tier::kDiscovery);
  const bool routes = rig.adapter.traits.tier == Tier::kRouter;
  const auto sick = [](const std::string& task, int port) {
    auto instance = Task(task, port);
    instance->condition = Condition::kCritical;
    instance->reason = "its health check fails";
    return instance;
  };
  rig.Offer(App("/web", "web", {sick("a", 1), Task("b", 2), Task("c", 3)}));
  rig.Sync();
  const EntryReport one = OfTask(rig.r().Where("/web", rig.now), "a");
  CHECK(one.state == (routes ? "out" : "right"));
  CHECK(one.why == (routes ? "its health check fails" : "listed as critical: its health check fails"));
  CHECK(one.address == "10.0.0.1:1");
  CHECK(OfTask(rig.r().Where("/web", rig.now), "b").why.empty());

  rig.Offer(App("/web", "web", {sick("a", 1), sick("b", 2), sick("c", 3)}));
  rig.Sync();
  size_t kept = 0;
  for (const EntryReport& entry : rig.r().Where("/web", rig.now).entries) {
    if (routes && entry.state == "right" && !entry.task.empty()) {
      CHECK(entry.why ==
            "unfit: its health check fails; kept in traffic because 3 of 3 running are unfit "
            "(services.panic_threshold 50 %)");
      ++kept;
    }
  }
  CHECK(kept == (routes ? 2 : 0));
}

TEST_CASE("What an adapter is not asked for is shown with its reason") {
  Rig rig;
  auto service = App("/web", "web", {Task("a", 1)});
  Profile profile = *service->profile;
  profile.names.clear();
  service->profile = std::make_shared<const Profile>(profile);
  rig.adapter.unasked = "no label asks for it";
  rig.Offer(service);
  rig.Sync();
  const AppPlace place = rig.r().Where("/web", rig.now);
  REQUIRE(place.not_published.size() == 1);
  CHECK(place.not_published[0].second == "no label asks for it");
  CHECK(rig.r().Report(rig.now).refusals.empty());  // nothing is wrong
}

TEST_CASE("A dry run forecasts the holder of a name that a real run begun now would choose") {
  Rig dry, real;
  dry.policy.dry_run = true;
  for (Rig* const rig : {&dry, &real}) {
    rig->Offer(App("/zeb", "web", {Task("z", 9)}));
    rig->Sync();
    rig->Offer(App("/web", "web", {Task("a", 1)}));
    rig->Sync();
  }
  // The one that ran then holds it; nobody does where nothing was written.
  CHECK(real.Has("server web/z"));
  const auto planned = [](Rig& rig) {
    std::string apps;
    for (const Change& change : rig.r().Plan(rig.now)) {
      apps += change.entry->service.app + " ";
    }
    return apps;
  };
  CHECK(planned(dry) == "/web /web ");
  Rig begun;
  begun.Offer(App("/zeb", "web", {Task("z", 9)}));
  begun.Offer(App("/web", "web", {Task("a", 1)}));
  begun.Sync();
  CHECK(begun.Has("server web/a"));
}

TEST_CASE("What was never written without a doubt is new in a plan, and is not counted as there") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.fail["put server web/a"] = absl::UnavailableError("gone");
  rig.Sync();
  CHECK(rig.r().Report(rig.now).actual == 1);  // the backend
  const std::vector<Change> plan = rig.r().Plan(rig.now);
  REQUIRE(plan.size() == 1);
  CHECK_FALSE(plan[0].there);
  CHECK(plan[0].reason == "a write of it ended without a word");
  rig.fail.clear();
  rig.now += seconds(60);
  rig.Sync();
  CHECK(rig.r().Report(rig.now).actual == 2);
}

TEST_CASE("In numbers: an app's instances that are wanted, right, held, failed, refused") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Offer(App("/zeb", "web", {Task("z", 9)}));
  const auto before = rig.r().Standings();
  REQUIRE(before.size() == 2);
  CHECK(before[0].published == 0);  // who holds the name can't be judged before the first read
  CHECK(before[0].wanted == 0);
  rig.Sync();
  rig.fail["put server web/c"] = absl::UnavailableError("no room");
  rig.Offer(App("/web", "web", {Task("a", 1), Task("c", 3)}));  // b is merely missing
  rig.Sync();
  const auto standings = rig.r().Standings();
  REQUIRE(standings.size() == 2);
  CHECK(standings[0].app == "/web");
  CHECK(standings[0].published == 1);
  CHECK(standings[0].wanted == 2);
  CHECK(standings[0].right == 1);
  CHECK(standings[0].held == 1);
  CHECK(standings[0].failed == 1);
  CHECK(standings[0].refused == 0);
  CHECK(standings[1].app == "/zeb");
  CHECK(standings[1].published == 0);
  CHECK(standings[1].refused == 1);
  CHECK(standings[1].wanted == 0);
}

TEST_CASE("A plan tells what is new from what is there and otherwise") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  rig.Offer(App("/web", "web", {Task("a", 7), Task("b", 2)}));
  std::string signs;
  for (const Change& change : rig.r().Plan(rig.now)) {
    signs += change.id.id + (change.there ? " is there; " : " is new; ");
  }
  CHECK(signs == "web/a is there; web/b is new; ");
}

}  // namespace
}  // namespace dispatcher
