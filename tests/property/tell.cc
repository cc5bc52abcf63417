#include "tests/property/tell.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace dispatcher {
namespace {

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

// Without the tasks whose health is not complete in that world: of those the last
// known stands, and a fresh listener knows nothing.
Desired WithHealth(Desired want, const world::World& w) {
  for (const world::LiveTask& task : w.Alive()) {
    if (!task.healthy.has_value()) {
      std::erase_if(want, [&](const std::string& line) { return line.find(task.task) != std::string::npos; });
    }
  }
  return want;
}

// Events first .. last-1 until the stream is cut and attached again: what was on
// its way is lost. Returns how far it got.
size_t Listen(const Telling& telling, const Story& story, size_t first, size_t last, Random& random,
              Listener& listener) {
  uint64_t reached = first;
  for (const size_t index : Shuffle(story, telling.disorder, random, first, last)) {
    listener.Deliver(story.events()[index]);
    reached = std::max(reached, story.events()[index].id);
    if (random.Chance(60)) {
      // An event that was delivered was published: the world is at least that far.
      reached += static_cast<uint64_t>(random.Chance(30) ? random.Below(10) : 0);
      listener.AnswerReads(story.As(reached));
    }
    if (random.Chance(telling.slow_percent)) {
      listener.Pass(std::chrono::milliseconds(500));
    }
    if (random.Chance(telling.cut_percent)) {
      reached = std::min<uint64_t>(reached, last);
      listener.Lose();
      listener.Attach(story.As(reached));
      return reached;
    }
  }
  return last;
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

Desired Truth(const world::World& w, RouteWhen route_when) {
  CatalogPolicy policy;
  policy.route_when = route_when;
  Listener fresh(policy);
  fresh.Attach(w);
  fresh.Finish(w);
  return fresh.Want();
}

std::string Tell(const Telling& telling) {
  const Story story(telling.story);
  Random random(telling.story.seed + 1000);
  CatalogPolicy policy;
  policy.tombstone = telling.tombstone;
  policy.route_when = telling.route_when;
  Listener listener(policy);
  listener.Attach(story.As(0));
  std::vector<uint64_t> ends = story.breaks();
  ends.push_back(story.events().size());
  for (size_t i = 0, from = 0; i < ends.size(); ++i) {
    while (from < ends[i]) {
      from = Listen(telling, story, from, ends[i], random, listener);
    }
    if (i + 1 < ends.size()) {
      listener.Lose();
      listener.Pass(std::chrono::milliseconds(random.Below(3000)));
      listener.Attach(story.As(from + 1));
    }
  }
  listener.Finish(story.End());
  if (telling.disorder.drop_percent > 0) {
    listener.Snapshot(story.End());
    listener.Finish(story.End());
  }
  std::string wrong =
      listener.violation() + Diff(WithHealth(listener.Want(), story.End()),
                                  WithHealth(Truth(story.End(), telling.route_when), story.End()));
  // Two for each stream, info and a snapshot; one series of asking again for a version
  // that was announced and is never to be had; else none but an event asks for one.
  constexpr int kSeries = 10;
  const int bound = listener.events() + 2 * listener.streams() + kSeries;
  if (listener.reads() > bound) {
    wrong.append("\n").append(std::to_string(listener.reads())).append(" reads for ");
    wrong.append(std::to_string(listener.events())).append(" events");
  }
  if (listener.Counts().tasks > 0 && telling.disorder.double_percent == 0) {
    // Once all that is over is past its tombstone, nothing of it is left.
    listener.Pass(telling.tombstone + std::chrono::seconds(1));
    listener.Snapshot(story.End());
    listener.Pass(telling.tombstone + std::chrono::seconds(1));
    listener.Pass(telling.tombstone + std::chrono::seconds(1));
    if (const size_t gone = listener.Counts().gone; gone > 0) {
      wrong.append("\n").append(std::to_string(gone)).append(" tombstones are kept for ever");
    }
    wrong += listener.violation();
  }
  return wrong.empty() ? ""
                       : "seed " + std::to_string(telling.story.seed) + " profile " + telling.story.profile +
                             ": " + story.deeds() + wrong;
}

}  // namespace dispatcher
