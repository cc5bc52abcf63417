// Who gets traffic in routers and gateways: early leave and the panic threshold.
#include <algorithm>
#include <random>

#include "dispatcher/reconcile/rotation.h"
#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using reconcile::Rotate;
using reconcile::Rotation;

Rig RouterRig() {
  Rig rig;
  rig.adapter.traits.tier = Tier::kRouter;
  return rig;
}

std::shared_ptr<const Instance> Like(const std::string& task, int port, Condition condition,
                                     Want want = Want::kYes, Mono since = {}) {
  auto instance = Task(task, port, want, Why::kEvent, since);
  instance->condition = condition;
  return instance;
}

// One letter an instance, in the order of their tasks:
//   P passing, U running without known health, C critical, D draining, N dead
//   u unreachable (critical, if-there), k unreachable and kept (passing, if-there)
//   h draining on a hint alone (if-there), b held back until it is deployed (yes)
//   s not told yet (if-there, health unknown), ? known by its id only
std::shared_ptr<Service> Of(const std::string& letters) {
  auto service = App("/web", "web", {});
  for (size_t i = 0; i < letters.size(); ++i) {
    const std::string task(1, static_cast<char>('a' + i));
    auto instance = Task(task, static_cast<int>(i) + 1);
    switch (letters[i]) {
      case 'P':
        break;
      case 'U':
        instance->condition = Condition::kUnknown;
        break;
      case 'C':
        instance->condition = Condition::kCritical;
        break;
      case 'D':
        instance->condition = Condition::kDraining;
        instance->want = Want::kIfThere;
        break;
      case 'h':
        instance->condition = Condition::kDraining;
        instance->want = Want::kIfThere;
        instance->hinted = true;
        break;
      case 'b':
        instance->condition = Condition::kDraining;
        break;
      case 'N':
        instance->want = Want::kNo;
        instance->condition = Condition::kDraining;
        break;
      case 'u':
        instance->condition = Condition::kCritical;
        instance->want = Want::kIfThere;
        break;
      case 'k':
        instance->want = Want::kIfThere;
        break;
      case 's':
        instance->want = Want::kIfThere;
        instance->condition = Condition::kUnknown;
        break;
      default:
        instance->want = Want::kIfThere;
        instance->condition = Condition::kUnknown;
        instance->address.clear();
    }
    service->instances.push_back(instance);
  }
  return service;
}

std::string Names(std::vector<uint32_t> places) {
  std::sort(places.begin(), places.end());
  std::string names;
  for (uint32_t place : places) {
    names += static_cast<char>('a' + place);
  }
  return names;
}

TEST_CASE("Who leaves the rotation, and whom the threshold keeps") {
  struct Case {
    std::string letters;
    int threshold;
    std::string leaving, unfit;
    size_t kept;
  };
  const std::vector<Case> cases = {
      {"", 50, "", "", 0},         {"PPPP", 50, "", "", 0},   {"PPPC", 50, "", "d", 0},
      {"PPCC", 50, "", "cd", 0},   {"PCCC", 50, "", "bc", 1},  // 2 of 4 stay, one of them unfit
      {"CCCC", 50, "", "ab", 2},   {"C", 50, "", "", 1},       // half of one is one
      {"PCC", 50, "", "b", 1},                                 // half of three is two
      {"CCCC", 0, "", "abcd", 0},                              // no threshold
      {"PPPC", 100, "", "", 1},                                // nobody ever leaves for health
      {"DDDD", 50, "abcd", "", 0},                             // being killed is not health
      {"DDPC", 50, "ab", "d", 0},                              // and does not count as running
      {"DDC", 50, "ab", "", 1},    {"NNPC", 50, "", "d", 0},   // the dead don't count
      {"UUCC", 50, "", "cd", 0},                               // unknown is never failing
      {"PPuu", 50, "", "cd", 0},                               // an agent out of reach
      {"Puuu", 50, "", "bc", 1},   {"uCCP", 50, "", "ab", 1},  // who may not be created again leaves first
      {"Ckkk", 50, "", "a", 0},                                // kept as it was: fit
      {"Csss", 50, "", "", 1},                                 // what may yet turn out unfit takes nobody out
      {"PPPh", 50, "", "d", 0},                                // a hint counts like bad health
      {"hhhh", 50, "", "ab", 2},   {"hhhC", 50, "", "ad", 2},  // but who is hinted at is well so far
      {"uhCP", 50, "", "ac", 1},   {"PPbb", 50, "cd", "", 0},  // held back: not in, and counts for nothing
      {"PCbb", 50, "cd", "b", 0},  {"C???", 50, "", "", 1},   {"PC?s", 50, "", "b", 0},
  };
  for (const Case& c : cases) {
    INFO(c.letters << " at " << c.threshold);
    const Rotation rotation = Rotate(*Of(c.letters), c.threshold);
    CHECK(Names(rotation.leaving) == c.leaving);
    CHECK(Names(rotation.unfit) == c.unfit);
    CHECK(rotation.kept == c.kept);
  }
}

TEST_CASE("Who has been unfit for longest leaves first") {
  auto service = App(
      "/web", "web",
      {Like("a", 1, Condition::kCritical, Want::kYes, Mono(seconds(3))),
       Like("b", 2, Condition::kCritical, Want::kYes, Mono(seconds(1))),
       Like("c", 3, Condition::kCritical, Want::kYes, Mono(seconds(2))), Like("d", 4, Condition::kPassing)});
  CHECK(Rotate(*service, 50).unfit == std::vector<uint32_t>{1, 2});
}

TEST_CASE("Health alone never takes a service below the threshold, whatever the mixture") {
  std::mt19937 random(7);
  const std::string letters = "PUCDNukshb?";
  for (int i = 0; i < 20000; ++i) {
    std::string word;
    for (size_t n = random() % 9; n > 0; --n) {
      word += letters[random() % letters.size()];
    }
    const int threshold = static_cast<int>(random() % 101);
    const auto service = Of(word);
    const Rotation rotation = Rotate(*service, threshold);
    size_t running = 0, in = 0, fit_out = 0, draining_in = 0;
    for (uint32_t place = 0; place < word.size(); ++place) {
      const bool counts = std::string("PUCukh").find(word[place]) != std::string::npos;
      running += counts;
      in += counts && !rotation.Out(place);
      fit_out += std::string("PUks").find(word[place]) != std::string::npos && rotation.Out(place);
      draining_in += (word[place] == 'D' || word[place] == 'b') && !rotation.Out(place);
    }
    INFO(word << " at " << threshold);
    REQUIRE(in * 100 >= running * static_cast<size_t>(threshold));
    REQUIRE(fit_out == 0);
    REQUIRE(draining_in == 0);
    REQUIRE(running == rotation.running);
    // Nobody is kept for nothing: one fewer would be too few.
    REQUIRE((rotation.kept == 0 || (in - 1) * 100 < running * static_cast<size_t>(threshold)));
  }
}

TEST_CASE("An unhealthy instance leaves a router by an event, and comes back") {
  Rig rig = RouterRig();
  auto a = Task("a", 1), b = Task("b", 2);
  rig.Offer(App("/web", "web", {a, b}));
  rig.Sync();
  rig.writes.clear();
  const Mono at = rig.now;
  rig.Offer(App("/web", "web", {a, Like("b", 2, Condition::kCritical, Want::kYes, at)}));
  const std::vector<Change> changes = rig.Write();
  REQUIRE(rig.writes == Words{"delete server web/b"});
  CHECK(changes[0].since == at);
  CHECK(changes[0].reason == "b said so");
  CHECK(rig.r().Report(rig.now).panics.empty());
  rig.Offer(App("/web", "web", {a, b}));
  rig.Write();
  CHECK(rig.Has("server web/b"));
}

TEST_CASE("Discovery keeps what routers let go of") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.writes.clear();
  rig.Offer(App("/web", "web", {Task("a", 1), Like("b", 2, Condition::kCritical)}));
  rig.Write();
  CHECK(rig.writes == Words{"put server web/b"});
}

TEST_CASE("A sibling's change is looked at although the instance itself is the same object") {
  Rig rig = RouterRig();
  auto a = Task("a", 1), b = Task("b", 2);
  auto c = Like("c", 3, Condition::kCritical);
  rig.Offer(App("/web", "web", {a, b, c}));
  rig.Sync();
  CHECK(rig.There() == WordSet{"backend web", "server web/a", "server web/b"});
  // With b critical as well two of three have to stay: b, who is no worse than c.
  rig.Offer(App("/web", "web", {a, Like("b", 2, Condition::kCritical, Want::kYes, rig.now), c}));
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/a", "server web/b"});
  CHECK(rig.r().Report(rig.now).panics ==
        Words{"/web: 2 of 3 running instances are unhealthy or unreachable; 1 of them stay in rotation "
              "(services.panic_threshold 50 %)"});
  // b is killed: c comes back, the very object that was out until now.
  rig.Offer(App("/web", "web", {a, Task("b", 2, Want::kNo), c}));
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/a"});
  rig.Offer(App("/web", "web", {Task("a", 1, Want::kNo), Task("b", 2, Want::kNo), c}));
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/c"});
  // And goes again when a healthy one comes.
  rig.Offer(App("/web", "web", {c, Task("d", 4)}));
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/d"});
  CHECK(rig.r().Report(rig.now).panics.empty());
}

TEST_CASE("The threshold's beginning and end are told once each") {
  Rig rig = RouterRig();
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  (void)rig.r().TakeNotes();
  const auto critical = App("/web", "web", {Like("a", 1, Condition::kCritical)});
  rig.Offer(critical);
  rig.Offer(std::make_shared<Service>(*critical));
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  Words texts;
  for (const Note& note : rig.r().TakeNotes()) {
    CHECK(note.kind == NoteKind::kHeld);
    CHECK(note.app == "/web");
    texts.push_back(note.text);
  }
  CHECK(texts == Words{"1 of 1 running instances are unhealthy or unreachable; 1 of them stay in "
                       "rotation (services.panic_threshold 50 %)",
                       "no instance stays in rotation by the panic threshold alone any more"});
}

TEST_CASE("A service that is not published here is not at any threshold here") {
  Rig rig = RouterRig();
  auto service = App("/web", "web", {Like("a", 1, Condition::kCritical)});
  rig.Offer(service);
  CHECK(rig.r().Report(rig.now).panics.size() == 1);
  auto refused = std::make_shared<Service>(*service);
  Profile profile = *service->profile;
  profile.refusal = "no";
  refused->profile = std::make_shared<const Profile>(std::move(profile));
  rig.Offer(refused);
  CHECK(rig.r().Report(rig.now).panics.empty());
}

TEST_CASE("A draining or unreachable instance leaves although it is only if-there") {
  Rig rig = RouterRig();
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2), Task("c", 3)}));
  rig.Sync();
  rig.writes.clear();
  rig.Offer(App("/web", "web",
                {Like("a", 1, Condition::kDraining, Want::kIfThere),
                 Like("b", 2, Condition::kCritical, Want::kIfThere), Task("c", 3)}));
  rig.Write();
  CHECK(rig.writes == Words{"delete server web/a", "delete server web/b"});
}

TEST_CASE("One being killed leaves even if it is the last, and if nothing is known of its service") {
  Rig rig = RouterRig();
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  rig.Sync();
  auto doubt = App("/web", "web", {Like("a", 1, Condition::kDraining, Want::kIfThere)});
  if (GENERATE(false, true)) {
    doubt->profile = nullptr;
    doubt->want = Want::kIfThere;
    doubt->complete = false;
  }
  rig.Offer(doubt);
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web"});
}

TEST_CASE("The unhealthy stay until the healthy that replace them are there") {
  Rig rig = RouterRig();
  auto a = Task("a", 1), b = Task("b", 2);
  rig.Offer(App("/web", "web", {a, b}));
  rig.Sync();
  rig.fail["put server web/c"] = absl::UnavailableError("down");
  rig.fail["put server web/d"] = absl::InvalidArgumentError("no");
  const auto sick_a = Like("a", 1, Condition::kCritical), sick_b = Like("b", 2, Condition::kCritical);
  rig.Offer(App("/web", "web", {sick_a, sick_b, Task("c", 3), Task("d", 4)}));
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/a", "server web/b"});
  rig.fail.clear();
  rig.now += seconds(10);
  rig.Write();
  // One of the new ones is there: two of four have to be.
  CHECK(rig.There() == WordSet{"backend web", "server web/b", "server web/c"});
  rig.Offer(App("/web", "web", {sick_a, sick_b, Task("c", 3), Task("d", 5)}));
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/c", "server web/d"});
  // A dead one never waits.
  rig.fail["put server web/e"] = absl::UnavailableError("down");
  rig.Offer(App("/web", "web", {Task("c", 3, Want::kNo), Task("d", 5), Task("e", 6)}));
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/d"});
}

TEST_CASE("Whatever fails in between, health removes nobody who is needed, and all ends as decided") {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    Rig rig = RouterRig();
    rig.policy.seed = seed;
    rig.policy.panic_threshold = static_cast<int>(random() % 101);
    rig.adapter.traits.batch = 1 + random() % 4;
    rig.Sync();
    std::shared_ptr<Service> service;
    for (int step = 0; step < 25; ++step) {
      if (step == 0 || random() % 2 == 0) {
        std::string letters;
        for (int i = 0; i < 6; ++i) {
          letters += "PPPCCuUNDk"[random() % 10];
        }
        service = Of(letters);
        rig.Offer(service);
      }
      rig.fail.clear();
      for (const char* task : {"a", "b", "c"}) {
        if (random() % 3 == 0) {
          rig.fail[std::string("put server web/") + task] = absl::UnavailableError("down");
        }
      }
      rig.now += milliseconds(random() % 2000);
      const Rotation rotation = Rotate(*service, rig.policy.panic_threshold);
      while (auto batch = rig.r().NextBatch(rig.now)) {
        rig.Finish(*batch);
        size_t there = 0;
        bool for_health = false;
        for (uint32_t i = 0; i < service->instances.size(); ++i) {
          const Instance& instance = *service->instances[i];
          const bool running = instance.want != Want::kNo && instance.condition != Condition::kDraining;
          there += running && rig.Has("server web/" + instance.task);
          for (const Change& change : batch->changes) {
            for_health = for_health || (change.op == Op::kDelete && change.entry->task == instance.task &&
                                        rotation.Unfit(i));
          }
        }
        REQUIRE((!for_health || there >= rotation.least));
      }
    }
    rig.fail.clear();
    for (int i = 0; i < 4; ++i) {
      rig.now += seconds(40);
      rig.Write();
    }
    const Rotation rotation = Rotate(*service, rig.policy.panic_threshold);
    for (uint32_t i = 0; i < service->instances.size(); ++i) {
      const Instance& instance = *service->instances[i];
      INFO(instance.task);
      if (instance.want == Want::kNo || rotation.Leaves(i)) {
        REQUIRE_FALSE(rig.Has("server web/" + instance.task));
      } else if (instance.want == Want::kYes && !rotation.Unfit(i)) {
        REQUIRE(rig.Has("server web/" + instance.task));
      }
    }
    size_t in = 0;  // wanted or kept, and there: a kept one may not be created
    bool unfit_there = false;
    for (uint32_t i = 0; i < service->instances.size(); ++i) {
      const bool there = rig.Has("server web/" + service->instances[i]->task);
      in += there;
      unfit_there = unfit_there || (there && rotation.Unfit(i));
    }
    REQUIRE((!unfit_there || in <= rotation.least));
  }
}

TEST_CASE("What was written under another framework leaves for its health all the same") {
  Rig rig = RouterRig();
  auto a = Task("a", 1), b = Task("b", 2);
  rig.Offer(App("/web", "web", {a, b}));
  rig.Sync(false, "f1");
  rig.Sync(false, "f2");
  rig.Offer(App("/web", "web", {a, Like("b", 2, Condition::kCritical)}));
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/a"});
}

TEST_CASE("A restart over a rotation writes nothing") {
  Rig rig = RouterRig();
  const auto service = App(
      "/web", "web", {Task("a", 1), Like("b", 2, Condition::kCritical), Like("c", 3, Condition::kCritical)});
  for (int run = 0; run < 2; ++run) {
    rig.Offer(service);
    rig.Sync();
    rig.Sync();
    CHECK(rig.writes.size() == (run == 0 ? 3U : 0U));
    CHECK(rig.There() == WordSet{"backend web", "server web/a", "server web/c"});
    rig.Restart();
  }
}

}  // namespace
}  // namespace dispatcher
