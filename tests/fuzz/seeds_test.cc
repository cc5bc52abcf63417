// The fuzzers' targets without a fuzzer: every seed, every beginning of it, and copies
// with a few bytes changed; and what fuzzers have found to lead somewhere else, as it
// is. A broken promise aborts.
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(TEST_DATA "/fuzz/" + folder)) {
    if (entry.is_regular_file()) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream whole;
      whole << in.rdbuf();
      files.push_back(whole.str());
    }
  }
  return files;
}

void Run(const std::string& folder, void (*target)(std::string_view)) {
  std::mt19937 random(1);
  const std::vector<std::string> seeds = FilesIn(folder), found = FilesIn(folder + "/found");
  for (const std::string& seed : seeds) {
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
  for (const std::string& input : found) {
    target(input);
  }
  CHECK_FALSE(seeds.empty());
  CHECK_FALSE(found.empty());
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
