// Rules 1 to 3: whatever is delayed, doubled or put out of order between
// independent emitters, the desired state comes out as one complete read of the
// final world gives it; whatever is lost, after one complete read.
#include <algorithm>

#include "tests/property/for_all.h"
#include "tests/schedule/stage.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

void ForAll(const Disorder& disorder, RouteWhen route_when = RouteWhen::kHealthy) {
  Telling telling;
  telling.disorder = disorder;
  telling.route_when = route_when;
  ForAll(telling);
}

TEST_CASE("events in their order lead to what a complete read says") { ForAll({false, 0, 0}); }
TEST_CASE("permuted across emitters") { ForAll({true, 0, 0}); }
TEST_CASE("permuted and doubled") { ForAll({true, 20, 0}); }
TEST_CASE("permuted, doubled and dropped: after one complete read") { ForAll({true, 20, 25}); }

TEST_CASE("permuted, doubled and dropped, the dead known by id alone") {
  Telling telling;
  telling.few_dead = true;
  // A next run of theirs is told from what comes late only if it began after all those had ended
  // (catalog/graves.h); anew_test has that.
  telling.story.residents = false;
  telling.disorder = {true, 20, 0};
  ForAll(telling);
  telling.disorder = {true, 20, 25};
  ForAll(telling);
}

TEST_CASE("versions that are swapped whole: permuted, doubled and dropped") {
  ForAll({true, 0, 0}, RouteWhen::kDeployed);
  ForAll({true, 20, 25}, RouteWhen::kDeployed);
}

TEST_CASE("a complete read of the final world says what the oracle knows to run") {
  for (uint64_t seed = FirstSeed(); seed <= Seeds(); ++seed) {
    const std::string profile = ProfileOf(seed);
    StoryOptions options{seed, profile};
    options.agents_fail = false;
    const Story story(options);
    std::vector<std::string> oracle, read;
    for (const world::LiveTask& task : story.End().Running()) {
      if (task.healthy.value_or(false)) {
        for (const world::Endpoint& endpoint : task.endpoints) {
          oracle.push_back(task.task + " " + endpoint.ip + ":" + std::to_string(endpoint.port));
        }
      }
    }
    const auto tale =
        schedule::TaleOf("", story.events(), [&](size_t n) -> const world::World& { return story.As(n); });
    for (const std::string& line : schedule::Truth(tale, story.events().size())) {
      if (line.ends_with(" passing")) {
        const size_t address = line.find(' ') + 1, task = line.find(' ', address) + 1;
        read.push_back(line.substr(task, line.rfind(' ') - task) + " " +
                       line.substr(address, task - address - 1));
      }
    }
    std::sort(oracle.begin(), oracle.end());
    std::sort(read.begin(), read.end());
    INFO("seed " << seed << " profile " << profile << " " << story.deeds());
    CHECK(read == oracle);
  }
}

}  // namespace
}  // namespace dispatcher
