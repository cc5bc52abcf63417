// Rules 1 to 3: whatever is delayed, doubled or put out of order between
// independent emitters, the desired state comes out as one complete read of the
// final world gives it; whatever is lost, after one complete read.
#include <cstdlib>

#include "tests/property/listener.h"
#include "tests/property/shuffle.h"
#include "tests/property/story.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

const std::vector<std::string> kProfiles = {"1.1", "1.3", "1.4", "1.6", "1.8", "1.10"};

uint64_t Seeds() {
  const char* text = std::getenv("DISPATCHER_SEEDS");
  return text == nullptr ? 120 : std::strtoull(text, nullptr, 10);
}

Desired Truth(const world::World& w) {
  Listener fresh;
  fresh.Attach(w);
  fresh.Finish(w);
  return fresh.Want();
}

std::string Diff(const Desired& want, const Desired& truth) {
  std::string text;
  for (const std::string& line : want) {
    if (std::find(truth.begin(), truth.end(), line) == truth.end()) {
      text.append("\n  + ").append(line);
    }
  }
  for (const std::string& line : truth) {
    if (std::find(want.begin(), want.end(), line) == want.end()) {
      text.append("\n  - ").append(line);
    }
  }
  return text;
}

// Delivers a story in disorder, reads answered now and then from the world as it
// was, or later. Returns "" or what is wrong.
std::string Tell(uint64_t seed, const std::string& profile, const Disorder& disorder) {
  const Story story({seed, profile, 8, true});
  Random random(seed + 1000);
  Listener listener;
  listener.Attach(story.As(0));
  uint64_t reached = 0;
  for (const size_t index : Shuffle(story, disorder, random)) {
    listener.Deliver(story.events()[index]);
    reached = std::max(reached, story.events()[index].id);
    if (random.Chance(60)) {
      // An event that was delivered was published: the world is at least that far.
      reached += static_cast<uint64_t>(random.Chance(30) ? random.Below(10) : 0);
      listener.AnswerReads(story.As(reached));
    }
  }
  listener.Finish(story.End());
  if (disorder.drop_percent > 0) {
    listener.Snapshot(story.End());
    listener.Finish(story.End());
  }
  const std::string diff = Diff(listener.Want(), Truth(story.End()));
  if (diff.empty() && listener.violation().empty()) {
    return "";
  }
  return "seed " + std::to_string(seed) + " profile " + profile + ": " + story.deeds() +
         listener.violation() + diff;
}

void ForAll(const Disorder& disorder) {
  for (uint64_t seed = 1; seed <= Seeds(); ++seed) {
    const std::string wrong = Tell(seed, kProfiles[seed % kProfiles.size()], disorder);
    INFO(wrong);
    CHECK(wrong.empty());
  }
}

TEST_CASE("events in their order lead to what a complete read says") { ForAll({false, 0, 0}); }
TEST_CASE("permuted across emitters") { ForAll({true, 0, 0}); }
TEST_CASE("permuted and doubled") { ForAll({true, 20, 0}); }
TEST_CASE("permuted, doubled and dropped: after one complete read") { ForAll({true, 20, 25}); }

TEST_CASE("a complete read of the final world says what the oracle knows to run") {
  for (uint64_t seed = 1; seed <= Seeds(); ++seed) {
    const std::string& profile = kProfiles[seed % kProfiles.size()];
    const Story story({seed, profile, 8, false});
    std::vector<std::string> oracle, read;
    for (const world::LiveTask& task : story.End().Running()) {
      if (task.healthy.value_or(false)) {
        for (const world::Endpoint& endpoint : task.endpoints) {
          oracle.push_back(task.task + " " + endpoint.ip + ":" + std::to_string(endpoint.port));
        }
      }
    }
    for (const std::string& line : Truth(story.End())) {
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
