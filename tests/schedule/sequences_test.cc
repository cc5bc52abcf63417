// Every sequence of events that Marathon is known to send, in the dress of each
// version: as it is, with any two neighbours exchanged, with any one lost, with any
// one doubled; with reads answered after each event, and with none answered before
// the end.
#include <algorithm>
#include <cstdio>

#include "tests/schedule/sequences.h"
#include "tests/schedule/stage.h"
#include "tests/support/catch.h"
#include "tests/support/sanitized.h"

namespace dispatcher::schedule {
namespace {

using Acts = std::vector<Act>;

// The events of a chronicle with its streams: attached before the first, cut and
// attached again where a leader went.
Acts Streams(const Chronicle& c) {
  Acts acts = {{.kind = Act::Kind::kAttach, .at = c.begin()}, {.kind = Act::Kind::kSettle, .at = c.begin()}};
  for (size_t i = c.begin(); i < c.end(); ++i) {
    if (std::find(c.breaks().begin(), c.breaks().end(), i) != c.breaks().end()) {
      acts.push_back({.kind = Act::Kind::kLose});
      acts.push_back({.kind = Act::Kind::kAttach, .at = i + 1});
    }
    acts.push_back({.kind = Act::Kind::kEvent, .index = i});
  }
  return acts;
}

// From act `from` on the acts are others than in their order.
struct Variant {
  const char* what;
  bool lossy;
  Acts acts;
};

// What may become of the event that is act `i`.
std::vector<Variant> VariantsAt(const Acts& acts, size_t i) {
  const auto at = static_cast<std::ptrdiff_t>(i);
  std::vector<Variant> all;
  if (i + 1 < acts.size() && acts[i + 1].kind == Act::Kind::kEvent) {
    all.push_back({"after its successor", false, acts});
    std::swap(all.back().acts[i], all.back().acts[i + 1]);
  }
  all.push_back({"lost", true, acts});
  all.back().acts.erase(all.back().acts.begin() + at);
  all.push_back({"doubled", false, acts});
  all.back().acts.insert(all.back().acts.begin() + at, acts[i]);
  const auto cut = std::find_if(acts.begin() + at, acts.end(),
                                [](const Act& act) { return act.kind == Act::Kind::kLose; });
  all.push_back({"told again at its stream's end", false, acts});
  all.back().acts.insert(all.back().acts.begin() + (cut - acts.begin()), acts[i]);
  return all;
}

struct Tally {
  int schedules = 0;
  int most_reads = 0;  // of one, from the sequence's first event on
  int most_events = 0;
  int untold = 0;             // losses that only a complete read made up for
  int untold_but_health = 0;  // ... other than that of the one event with a pod's health
};

class Player {
 public:
  Player(const Chronicle& c, std::string name, Tally& tally)
      : tale_(c.Tell(std::move(name))),
        acts_(Streams(c)),
        end_(c.end()),
        truth_(Truth(tale_, end_)),
        tally_(tally) {
    tally.most_events = std::max(tally.most_events, static_cast<int>(c.end() - c.begin()));
  }

  void PlayAll(bool at_once) {
    at_once_ = at_once;
    Stage stage(tale_, {});
    stage.Play({acts_[0], acts_[1]});  // attached, and all is known
    const int before = stage.reads();
    Finish(stage, {"in order", false, acts_}, 2, before);
    for (size_t i = 2; i < acts_.size(); ++i) {
      if (acts_[i].kind == Act::Kind::kEvent) {
        for (const Variant& variant : VariantsAt(acts_, i)) {
          Finish(stage, variant, i, before);
        }
      }
      PlayOne(stage, acts_[i]);
    }
  }

 private:
  void PlayOne(Stage& stage, const Act& act) const {
    stage.Play(act);
    if (at_once_) {
      stage.Play({Act::Kind::kAnswer, 0, stage.moment()});
    }
  }

  // Plays the rest of the variant to a copy, and looks at what came of it.
  void Finish(Stage stage, const Variant& variant, size_t from, int reads_before) {
    for (size_t i = from; i < variant.acts.size(); ++i) {
      PlayOne(stage, variant.acts[i]);
    }
    stage.Play({Act::Kind::kSettle, 0, end_});
    ++tally_.schedules;
    tally_.most_reads = std::max(tally_.most_reads, stage.reads() - reads_before);
    if (variant.lossy && !Agrees(stage)) {
      ++tally_.untold;
      tally_.untold_but_health += IsPodHealth(from) ? 0 : 1;
      stage.Play({{Act::Kind::kSnapshot, 0, end_}, {Act::Kind::kSettle, 0, end_}});
    }
    // Two for each stream, and one series of asking again.
    const bool bounded = stage.reads() <= stage.events() + 2 * stage.streams() + 10;
    if (!stage.violation().empty() || !Agrees(stage) || !bounded) {
      INFO("act " << from << " " << variant.what << (at_once_ ? ", read at once\n" : ", read at the end\n")
                  << ToText(Schedule{tale_, {}, variant.acts}));
      CHECK(stage.violation() == "");
      CHECK(Known(stage.Want()) == Known(truth_));
      CHECK(bounded);
    }
  }

  // Without tasks whose health Marathon does not know: the last that was told stands,
  // and a fresh catalog was told nothing.
  Desired Known(Desired lines) const {
    for (const TaskId& task : tale_->moments[end_]->HealthOpen()) {
      std::erase_if(lines, [&](const std::string& line) { return line.find(task) != std::string::npos; });
    }
    return lines;
  }
  bool IsPodHealth(size_t act) const {
    const std::string& json = tale_->events[acts_[act].index].json;
    return json.find("instance_health_changed_event") != std::string::npos &&
           json.find(R"("runSpecId":"/pod")") != std::string::npos;
  }
  bool Agrees(const Stage& stage) const { return Known(stage.Want()) == Known(truth_); }

  std::shared_ptr<const Tale> tale_;
  Acts acts_;
  size_t end_;
  Desired truth_;
  Tally& tally_;
  bool at_once_ = false;
};

void PlayAll(const std::string& profile) {
  if (testing::kSanitized && profile != "1.4" && profile != "1.8") {
    return;
  }
  std::printf("Marathon %s: schedules, most events and reads of one, losses that only a snapshot told\n",
              profile.c_str());
  const bool has_pods = profile != "1.1" && profile != "1.3";
  for (const Sequence& sequence : Sequences()) {
    if (sequence.pods && !has_pods) {
      continue;
    }
    Tally tally;
    for (const Circumstance& circumstance : Circumstances()) {
      const Chronicle c = Play(sequence, circumstance, profile);
      Player player(c, std::string(sequence.name) + ", " + profile + ", " + circumstance.name, tally);
      player.PlayAll(/*at_once=*/true);
      player.PlayAll(/*at_once=*/false);
    }
    std::printf("  %-38s %6d %6d %6d %6d\n", sequence.name, tally.schedules, tally.most_events,
                tally.most_reads, tally.untold);
    // From 1.4 on Marathon tells everything twice, of a task and of its instance; but a
    // pod's health once.
    INFO(sequence.name << ", " << profile);
    CHECK((tally.untold_but_health == 0 || !has_pods));
  }
}

TEST_CASE("every sequence of 1.1, exchanged, lost and doubled") { PlayAll("1.1"); }
TEST_CASE("every sequence of 1.3, exchanged, lost and doubled") { PlayAll("1.3"); }
TEST_CASE("every sequence of 1.4, exchanged, lost and doubled") { PlayAll("1.4"); }
TEST_CASE("every sequence of 1.6, exchanged, lost and doubled") { PlayAll("1.6"); }
TEST_CASE("every sequence of 1.8, exchanged, lost and doubled") { PlayAll("1.8"); }
TEST_CASE("every sequence of 1.10, exchanged, lost and doubled") { PlayAll("1.10"); }

}  // namespace
}  // namespace dispatcher::schedule
