#include "tests/property/tell.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "tests/schedule/check.h"
#include "tests/schedule/stage.h"

namespace dispatcher {
namespace {

using schedule::Act;
using schedule::Ending;
using schedule::Schedule;
using schedule::Stage;

// Events first .. last-1 until the stream is cut and attached again: what was on
// its way is lost. Returns how far it got.
size_t Listen(const Telling& telling, const Story& story, size_t first, size_t last, Random& random,
              std::vector<Act>& acts) {
  size_t reached = first;
  for (const size_t index : Shuffle(story, telling.disorder, random, first, last)) {
    acts.push_back({.kind = Act::Kind::kEvent, .index = index});
    reached = std::max(reached, index + 1);
    if (random.Chance(60)) {
      // An event that was delivered was published: the world is at least that far.
      reached += static_cast<size_t>(random.Chance(30) ? random.Below(10) : 0);
      reached = std::min(reached, last);
      acts.push_back({.kind = Act::Kind::kAnswer, .at = reached});
    }
    if (random.Chance(telling.slow_percent)) {
      acts.push_back({.kind = Act::Kind::kPass, .time = std::chrono::milliseconds(500)});
    }
    if (random.Chance(telling.cut_percent)) {
      reached = std::min(reached, last);
      acts.push_back({.kind = Act::Kind::kLose});
      acts.push_back({.kind = Act::Kind::kAttach, .at = reached});
      acts.push_back({.kind = Act::Kind::kAnswer, .at = reached});
      return reached;
    }
  }
  return last;
}

// Once all that is over is past its tombstone, nothing of it is left.
std::string LeavesNothing(Stage stage, size_t end, Duration tombstone) {
  const Act wait = {.kind = Act::Kind::kPass, .time = tombstone + std::chrono::seconds(1)};
  stage.Play({wait, {.kind = Act::Kind::kSnapshot, .at = end}, wait, wait});
  const size_t gone = stage.catalog().Counts().gone;
  return stage.violation() + (gone > 0 ? "\n" + std::to_string(gone) + " tombstones are kept for ever" : "");
}

}  // namespace

uint64_t Seeds() {
  const char* text = std::getenv("DISPATCHER_SEEDS");
  return text == nullptr ? 60 : std::strtoull(text, nullptr, 10);
}

uint64_t FirstSeed() {
  const char* text = std::getenv("DISPATCHER_FIRST_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

std::string ProfileOf(uint64_t seed) {
  static constexpr std::array<const char*, 6> kProfiles = {"1.1", "1.3", "1.4", "1.6", "1.8", "1.10"};
  return kProfiles[seed % kProfiles.size()];
}

Schedule ScheduleOf(const Telling& telling, const Story& story) {
  Schedule schedule;
  schedule.tale =
      schedule::TaleOf("seed " + std::to_string(telling.story.seed) + " profile " + telling.story.profile +
                           ": " + story.deeds(),
                       story.events(), [&](size_t n) -> const world::World& { return story.As(n); });
  schedule.policy.tombstone = telling.tombstone;
  if (telling.few_dead) {
    schedule.policy.max_tombstones = 0;
    schedule.policy.tombstone_at_least = {};
  }
  schedule.policy.route_when = telling.route_when;
  Random random(telling.story.seed + 1000);
  const size_t end = story.events().size();
  schedule.acts = {{.kind = Act::Kind::kAttach}, {.kind = Act::Kind::kAnswer}};
  std::vector<uint64_t> ends = story.breaks();
  ends.push_back(end);
  for (size_t i = 0, from = 0; i < ends.size(); ++i) {
    while (from < ends[i]) {
      from = Listen(telling, story, from, ends[i], random, schedule.acts);
    }
    if (i + 1 < ends.size()) {
      const size_t at = std::min(from + 1, end);
      schedule.acts.push_back({.kind = Act::Kind::kLose});
      schedule.acts.push_back(
          {.kind = Act::Kind::kPass, .time = std::chrono::milliseconds(random.Below(3000))});
      schedule.acts.push_back({.kind = Act::Kind::kAttach, .at = at});
      schedule.acts.push_back({.kind = Act::Kind::kAnswer, .at = at});
    }
  }
  schedule.acts.push_back({.kind = Act::Kind::kSettle, .at = end});
  return schedule;
}

std::string Tell(const Telling& telling) {
  const Story story(telling.story);
  const Schedule schedule = ScheduleOf(telling, story);
  const Ending ending = telling.disorder.drop_percent > 0 ? Ending::kRead : Ending::kHeard;
  if (!schedule::WrongWith(schedule, ending).empty()) {
    return schedule::Explain(schedule, ending);
  }
  Stage stage(schedule.tale, schedule.policy);
  stage.Play(schedule.acts);
  std::string wrong;
  // Two for each stream, info and a snapshot; one series of asking again for a version
  // that was announced and is never to be had; else none but an event asks for one.
  constexpr int kSeries = 10;
  if (stage.reads() > stage.events() + 2 * stage.streams() + kSeries) {
    wrong = std::to_string(stage.reads()) + " reads for " + std::to_string(stage.events()) + " events";
  }
  if (stage.catalog().Counts().tasks > 0 && telling.disorder.double_percent == 0) {
    wrong += LeavesNothing(stage, story.events().size(), telling.tombstone);
  }
  return wrong.empty() ? "" : schedule.tale->name + wrong;
}

}  // namespace dispatcher
