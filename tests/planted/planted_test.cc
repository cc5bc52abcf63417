// The search finds bugs that were planted in the catalog: it would find yours.
#include "tests/planted/planted.h"

#include <array>
#include <cstdio>
#include <string>

#include "tests/schedule/check.h"
#include "tests/schedule/search.h"
#include "tests/schedule/worlds.h"
#include "tests/support/catch.h"

namespace dispatcher::schedule {
namespace {

struct Bug {
  int number;
  const char* what;
  const char* world;  // in which it must be found
};
constexpr std::array<Bug, 6> kBugs = {
    Bug{1, "the last word on a task's life wins, not the highest", "kill and replace (1.4)"},
    Bug{2, "absent from a read is gone, whatever was heard since it began", "two tasks start (1.4)"},
    Bug{3, "any node's read counts as the leader's", "kill and replace (1.8)"},
    Bug{4, "a read begun before a task was lost brings it back", "unreachable and back (1.3)"},
    Bug{5, "of two tasks at one address the later one is taken for dead", "port reuse (1.8)"},
    Bug{6, "the end of an app ends the tasks of the next one of its name too", "deleted and made anew (1.4)"},
};

TEST_CASE("each planted bug is found") {
  for (const Bug& bug : kBugs) {
    planted::which = 0;  // the truth is not to suffer
    for (const SmallWorld& world : SmallWorlds()) {
      if (world.tale->name != bug.world) {
        continue;
      }
      planted::which = bug.number;
      const Found found = Search(world.tale, world.limits, kMostStates);
      INFO(bug.what);
      CHECK_FALSE(found.wrong.empty());
      CHECK(found.states < kMostStates);
      if (!found.wrong.empty()) {
        const Ending ending = found.heard ? Ending::kHeard : Ending::kRead;
        std::printf("%d. %s: found after %lu states\n%s\n", bug.number, bug.what, found.states,
                    Explain(found.schedule, ending).c_str());
      }
    }
  }
  planted::which = 0;
}

}  // namespace
}  // namespace dispatcher::schedule
