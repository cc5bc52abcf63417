#include "tests/e2e/chaos/storm.h"

#include <random>
#include <set>

#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// All of it: stall and reconnect, two snapshots a second apart, the queues' backoffs (30 s at
// most). Edits by others are looked for only with a complete read of Marathon, which waits a
// hundred times as long as the quicker of the last two took: that comes on top.
constexpr seconds kBound(45);

milliseconds Since(Mono begun) { return std::chrono::duration_cast<milliseconds>(MonoClock::now() - begun); }

// Until something was written or a little time is over: harm strikes in the middle of
// work. A dispatcher that stands still is not asked. `lasting`: long enough for stalls to
// be noticed, and for wrong answers to be repeated.
void LetSomethingHappen(Place& place, std::mt19937& random, bool answers, bool lasting) {
  const milliseconds patience(std::uniform_int_distribution<int>(50, 900)(random));
  if (lasting) {
    WaitFor([] { return false; }, patience + seconds(1));
    return;
  }
  const auto written = [&] {
    return answers ? place.dispatcher().Metric("dispatcher_changes_applied_total") : 0;
  };
  const double before = written();
  WaitFor([&] { return written() > before + 2; }, patience);
}

std::vector<const Harm*> Choose(const Place& place, std::mt19937& random) {
  std::vector<const Harm*> possible, chosen;
  for (const Harm& harm : Harms()) {
    if (harm.possible(place.shape())) {
      possible.push_back(&harm);
    }
  }
  std::set<std::string> victims;
  for (int i = 0; i < 2; ++i) {
    const Harm* const harm = possible[random() % possible.size()];
    if (victims.insert(harm->victim).second) {
      chosen.push_back(harm);
    }
  }
  return chosen;
}

std::string InSeconds(milliseconds time) {
  const auto tenths = (time.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

Weather Storm(Place& place, Work& work, uint32_t seed) {
  Weather weather;
  weather.script = "storm " + std::to_string(seed) + "\n";
  std::mt19937 random(seed);
  const std::vector<const Harm*> harms = Choose(place, random);
  const bool lasting = random() % 4 == 0;
  bool answers = true;
  const auto act = [&] {
    weather.script += "  " + work.Step(random) + "\n";
    LetSomethingHappen(place, random, answers, lasting);
  };
  try {
    act();
    std::set<std::string> victims;
    for (const Harm* harm : harms) {
      victims.insert(harm->victim);
      weather.script += "  begin " + harm->name + "\n";
      weather.harms.push_back(harm->name);
      harm->begin(place);
      answers = answers && harm->victim != "dispatcher";
      act();
      act();
    }
    for (const Harm* harm : harms) {
      weather.script += "  end " + harm->name + "\n";
      harm->end(place);
    }
    answers = true;
    act();
    place.marathon().WaitDeployed(kBound);
    const Mono deployed = MonoClock::now();
    const milliseconds until_read(
        static_cast<int64_t>(1000 * place.dispatcher().Metric("dispatcher_marathon_next_snapshot_seconds")));
    weather.differs = place.Differs(work.Apps(), kBound + until_read);
    weather.recovery = Since(deployed);
    if (weather.differs.empty()) {
      weather.differs = place.steady().Differs(victims);
    }
    weather.script += "  whole " + std::to_string(weather.recovery.count()) + " ms after all is deployed\n";
  } catch (const std::exception& error) {
    weather.differs = error.what();
  }
  return weather;
}

void StormTally::Add(const Weather& weather, milliseconds took) {
  ++storms_;
  slowest_ = std::max(slowest_, weather.recovery);
  longest_ = std::max(longest_, took);
  for (const std::string& name : weather.harms) {
    Row& row = rows_[name];
    ++row.storms;
    row.slowest = std::max(row.slowest, weather.recovery);
  }
}

std::string StormTally::Table() const {
  std::string text = "| harm | storms | slowest recovery |\n|---|---:|---:|\n";
  for (const auto& [name, row] : rows_) {
    text += "| " + name + " | " + std::to_string(row.storms) + " | " + InSeconds(row.slowest) + " s |\n";
  }
  return text + "| **all** | " + std::to_string(storms_) + " | " + InSeconds(slowest_) +
         " s |\n\nThe longest storm took " + InSeconds(longest_) + " s.\n";
}

}  // namespace dispatcher::testing
