// Every schedule of the small worlds, within their limits.
#include "tests/schedule/search.h"

#include <chrono>
#include <cstdio>

#include "tests/schedule/check.h"
#include "tests/schedule/worlds.h"
#include "tests/support/catch.h"
#include "tests/support/sanitized.h"

namespace dispatcher::schedule {
namespace {

TEST_CASE("every schedule of the small worlds keeps the rules") {
  std::printf("%-36s %7s %9s %9s %9s %6s\n", "world", "events", "states", "steps", "ends", "s");
  for (const SmallWorld& world : SmallWorlds()) {
    if (world.large && testing::kSanitized) {
      continue;
    }
    const auto begun = std::chrono::steady_clock::now();
    const Found found = Search(world.tale, world.limits, kMostStates);
    std::printf("%-36s %7zu %9lu %9lu %9lu %6.1f\n", world.tale->name.c_str(), world.tale->events.size(),
                found.states, found.steps, found.ends,
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    std::fflush(stdout);
    const Ending ending = found.heard ? Ending::kHeard : Ending::kRead;
    INFO(found.wrong);
    INFO((found.wrong.empty() ? "" : Explain(found.schedule, ending)));
    CHECK(found.wrong.empty());
  }
}

}  // namespace
}  // namespace dispatcher::schedule
