// Storms: random work and random harm, seeded; after each one all registries equal what
// runs, and nothing foreign has changed.
//
// DISPATCHER_CHAOS_SEED and DISPATCHER_CHAOS_SECONDS make it longer, or the same again:
// tests/chaos.sh.
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "dispatcher/base/strings.h"
#include "tests/e2e/chaos/harm.h"
#include "tests/e2e/chaos/work.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// All of it: stall and reconnect, two snapshots a second apart, the queues' backoffs (30 s at most).
constexpr seconds kBound(45);

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? otherwise : ParseInt(value).value_or(otherwise);
}

// Until something has reached Consul or a little time is over: harm strikes in the middle of work.
void LetSomethingHappen(Place& place, std::mt19937& random) {
  const double before = place.dispatcher().Metric("dispatcher_changes_total");
  const milliseconds patience(std::uniform_int_distribution<int>(50, 900)(random));
  WaitFor([&] { return place.dispatcher().Metric("dispatcher_changes_total") > before + 2; }, patience);
}

// One storm, with each of its steps in `script`. "" or what is not as it should be afterwards.
std::string Storm(Place& place, Work& work, uint32_t seed, std::string& script) {
  std::mt19937 random(seed);
  std::vector<const Harm*> harms;
  std::set<std::string> victims;
  for (size_t i = 0; i < 2; ++i) {
    const Harm& harm = Harms()[random() % Harms().size()];
    if (victims.insert(harm.victim).second) {
      harms.push_back(&harm);
    }
  }
  const auto act = [&] {
    script += "  " + work.Step(random) + "\n";
    LetSomethingHappen(place, random);
  };
  act();
  for (const Harm* harm : harms) {
    script += "  begin " + harm->name + "\n";
    harm->begin(place);
    act();
    act();
  }
  for (const Harm* harm : harms) {
    script += "  end " + harm->name + "\n";
    harm->end(place);
  }
  act();
  place.marathon().WaitDeployed(kBound);
  const Mono deployed = MonoClock::now();
  std::string differs = place.Differs(work.Apps(), kBound);
  script += "  whole " + std::to_string((MonoClock::now() - deployed) / milliseconds(1)) +
            " ms after all is deployed\n";
  return differs;
}

TEST_CASE("after each storm every registry equals what runs", "[.chaos]") {
  const int64_t fixed = FromEnvironment("DISPATCHER_CHAOS_SEED", -1);
  const seconds length(FromEnvironment("DISPATCHER_CHAOS_SECONDS", 40));
  uint32_t seed = fixed >= 0 ? static_cast<uint32_t>(fixed) : std::random_device()();
  Place place;
  Work work(place);
  const Mono end = MonoClock::now() + length;
  int storms = 0;
  seconds longest{};
  do {
    std::string script = "storm " + std::to_string(seed) + "\n";
    const Mono begun = MonoClock::now();
    std::string differs;
    try {
      differs = Storm(place, work, seed, script);
    } catch (const std::runtime_error& error) {
      differs = error.what();
    }
    longest = std::max(longest, std::chrono::duration_cast<seconds>(MonoClock::now() - begun));
    ++storms;
    ++seed;
    INFO(script);
    REQUIRE(differs == "");
    std::cout << script << std::flush;
  } while (MonoClock::now() < end);
  std::cout << "  figure: " << storms << " storms, the longest took " << longest.count() << " s\n";
}

}  // namespace
}  // namespace dispatcher::testing
