// Storms: random work and random harm, seeded; after each one all registries equal what
// runs, and nothing foreign has changed.
//
// Here some 25 seconds of them, always the same. DISPATCHER_CHAOS_SECONDS and
// DISPATCHER_CHAOS_SEED make it longer, or others: tests/chaos.sh.
#include <filesystem>
#include <iostream>

#include "tests/e2e/chaos/storm.h"
#include "tests/e2e/frame/environment.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Storms one after the other in one place: each begins with what the last one left.
constexpr uint32_t kStormsOfAPlace = 20;

// Beginning with the last storms of a place, so that two shapes are seen in a short run.
constexpr uint32_t kSeed = 36;

std::string LogsPrefix(uint32_t seed) {
  return (std::filesystem::temp_directory_path() / ("storm-" + std::to_string(seed) + "-")).string();
}

// In a new place, from the storm `seed` on until the place has had its share or `end` is
// over; leaves `seed` at the one that is next. Fails with the first that leaves a difference.
void Storms(uint32_t& seed, Mono end, StormTally& tally) {
  const uint32_t first = seed;
  const Shape shape = Shape::Of(seed / kStormsOfAPlace);
  std::cout << "place: " << shape.Text() << std::endl;
  Place place(shape);
  Work work(place.world());
  do {
    const Mono begun = MonoClock::now();
    const Weather weather = Storm(place, work, seed);
    tally.Add(weather, std::chrono::duration_cast<milliseconds>(MonoClock::now() - begun));
    std::cout << weather.script << std::flush;
    if (!weather.differs.empty()) {
      place.KeepLogs(LogsPrefix(seed));
      FAIL(weather.script << weather.differs << "\nlogs: " << LogsPrefix(seed) << "*.log"
                          << "\nplay it again: tests/chaos.sh 1 " << seed
                          << "\nwith all before it in this place: tests/chaos.sh 3600 " << first);
    }
    ++seed;
  } while (MonoClock::now() < end && seed % kStormsOfAPlace != 0);
}

TEST_CASE("after each storm every registry equals what runs", "[chaos][apart]") {
  if (const std::string why = WhyNoClock(); !why.empty()) {
    WARN("no storm steps the dispatcher's clock: " << why);
  }
  auto seed = static_cast<uint32_t>(FromEnvironment("DISPATCHER_CHAOS_SEED", kSeed));
  const Mono end = MonoClock::now() + seconds(FromEnvironment("DISPATCHER_CHAOS_SECONDS", 25));
  StormTally tally;
  do {
    Storms(seed, end, tally);
  } while (MonoClock::now() < end);
  std::cout << "figure: " << tally.storms() << " storms\n" << tally.Table() << std::flush;
}

}  // namespace
}  // namespace dispatcher::testing
