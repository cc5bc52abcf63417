// The fuzzers' targets without a fuzzer: every seed, every beginning of it, and
// copies with a few bytes changed. A broken promise aborts.
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "tests/fuzz/targets.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

void Run(const std::string& folder, void (*target)(std::string_view)) {
  std::mt19937 random(1);
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TEST_DATA "/fuzz/" + folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream whole;
    whole << in.rdbuf();
    const std::string seed = whole.str();
    ++seeds;
    target(seed);
    for (size_t size = 0; size < seed.size(); size += 1 + seed.size() / 64) {
      target(std::string_view(seed).substr(0, size));
    }
    for (int round = 0; round < 200 && !seed.empty(); ++round) {
      std::string damaged = seed;
      for (int i = 0; i < 3; ++i) {
        const char other = round % 2 == 0 ? static_cast<char>(random()) : seed[random() % seed.size()];
        damaged[random() % damaged.size()] = other;
      }
      target(damaged);
    }
  }
  CHECK(seeds > 0);
}

TEST_CASE("seeds of the SSE parser") { Run("sse", FuzzSse); }
TEST_CASE("seeds of the event decoder") { Run("event", FuzzEvent); }
TEST_CASE("seeds of the app decoder") { Run("apps", FuzzApps); }
TEST_CASE("seeds of the pod decoder") { Run("pods", FuzzPods); }
TEST_CASE("seeds of recordings, and the catalog going through them") { Run("recording", FuzzRecording); }
TEST_CASE("seeds of labels") { Run("labels", FuzzLabels); }
TEST_CASE("seeds of schedules") { Run("schedule", FuzzSchedule); }

}  // namespace
}  // namespace dispatcher
