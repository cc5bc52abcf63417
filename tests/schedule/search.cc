#include "tests/schedule/search.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "tests/schedule/check.h"
#include "tests/schedule/stage.h"

namespace dispatcher::schedule {
namespace {

class Searcher {
 public:
  Searcher(std::shared_ptr<const Tale> tale, uint64_t most) : tale_(std::move(tale)), most_(most) {
    for (size_t at = 0; at < tale_->moments.size(); ++at) {
      truths_.push_back(Truth(tale_, at));
      texts_.push_back(tale_->moments[at]->Apps() + tale_->moments[at]->Info().leader);
    }
  }

  Found Run(const Limits& limits) {
    Stage stage(tale_, {});
    stage.Play({.kind = Act::Kind::kAttach});
    path_.push_back({.kind = Act::Kind::kAttach});
    // Only what happens later is searched: the first read is over.
    stage.Play({.kind = Act::Kind::kAnswer});
    path_.push_back({.kind = Act::Kind::kAnswer});
    Go(stage, std::vector<bool>(tale_->events.size(), false), limits, true);
    found_.schedule.tale = tale_;
    return std::move(found_);
  }

 private:
  using Heard = std::vector<bool>;

  void Try(const Stage& from, const std::vector<Act>& acts, const Heard& heard, const Limits& limits,
           bool whole) {
    if (!found_.wrong.empty()) {
      return;
    }
    Stage stage = from;
    for (const Act& act : acts) {
      stage.Play(act);
      path_.push_back(act);
    }
    Go(stage, heard, limits, whole);
    path_.resize(path_.size() - acts.size());
  }

  void Blame(std::string why, bool heard) {
    if (found_.wrong.empty()) {
      found_.wrong = std::move(why);
      found_.schedule.acts = path_;
      found_.heard = heard;
    }
  }

  // `whole`: no event was lost to a stream that was cut.
  void Go(const Stage& stage, const Heard& heard, const Limits& limits, bool whole) {
    ++found_.steps;
    if (!known_.insert(KeyOf(stage, heard, limits, whole)).second) {
      return;
    }
    if (++found_.states > most_) {
      Blame("more than " + std::to_string(most_) + " states", false);
    } else if (!stage.violation().empty()) {
      Blame(stage.violation(), false);
    } else {
      Blame(Converges(stage, Ending::kRead, truths_[stage.moment()]), false);
    }
    if (!found_.wrong.empty()) {
      return;
    }
    bool over = true;
    std::set<std::string> spoke;
    const std::optional<size_t> end = EndOfStream(stage);
    for (size_t i = 0; i < end.value_or(heard.size()); ++i) {
      if (!heard[i] && spoke.insert(tale_->events[i].emitter).second) {
        Heard then = heard;
        then[i] = true;
        Try(stage, {{.kind = Act::Kind::kEvent, .index = i}}, then, limits, whole);
        over = false;
      }
    }
    over &= !TryReads(stage, heard, limits, whole);
    if (end.has_value()) {
      TryCut(stage, *end, heard, limits, whole);
      over = false;
    }
    TryFaults(stage, heard, limits, whole);
    if (over) {
      ++found_.ends;
      Blame(Converges(stage, Ending::kHeard, truths_[stage.moment()]), true);
    }
  }

  static uint64_t KeyOf(const Stage& stage, const Heard& heard, const Limits& limits, bool whole) {
    const int left = limits.cuts * 1000 + limits.fails * 100 + limits.foreign * 10 + limits.passes;
    return stage.Digest() ^ (std::hash<Heard>()(heard) * 0x9e3779b97f4a7c15ULL) ^
           static_cast<uint64_t>(left * 2 + (whole ? 1 : 0));
  }

  // Moments from this one on at which a read is answered differently.
  std::vector<size_t> MomentsFrom(size_t first) const {
    std::vector<size_t> moments;
    for (size_t at = first; at < texts_.size(); ++at) {
      if (at == first || texts_[at] != texts_[at - 1]) {
        moments.push_back(at);
      }
    }
    return moments;
  }

  bool TryReads(const Stage& stage, const Heard& heard, const Limits& limits, bool whole) {
    bool tried = false;
    if (stage.read_due() && stage.under_way().size() < limits.at_once) {
      for (const size_t at : MomentsFrom(stage.moment())) {
        Try(stage, {{.kind = Act::Kind::kBegin, .at = at}}, heard, limits, whole);
      }
      tried = true;
    }
    for (size_t i = 0; i < stage.under_way().size(); ++i) {
      Try(stage, {{.kind = Act::Kind::kEnd, .index = i}}, heard, limits, whole);
      tried = true;
    }
    return tried;
  }

  // Where the stream that is attached ends by itself.
  std::optional<size_t> EndOfStream(const Stage& stage) const {
    const auto passed = static_cast<size_t>(std::count_if(
        tale_->breaks.begin(), tale_->breaks.end(), [&](size_t at) { return stage.stream_from() >= at; }));
    return passed < tale_->breaks.size() ? std::optional(tale_->breaks[passed]) : std::nullopt;
  }

  // Another stream, attached when `at` events were published.
  void TryCut(const Stage& stage, size_t at, const Heard& heard, const Limits& limits, bool whole) {
    Heard then = heard;
    for (size_t i = 0; i < at; ++i) {
      whole &= then[i];
      then[i] = true;
    }
    Try(stage, {{.kind = Act::Kind::kLose}, {.kind = Act::Kind::kAttach, .at = at}}, then, limits, whole);
  }

  void TryFaults(const Stage& stage, const Heard& heard, const Limits& limits, bool whole) {
    if (limits.cuts > 0) {
      Limits less = limits;
      --less.cuts;
      TryCut(stage, stage.moment(), heard, less, whole);
      TryCut(stage, EndOfStream(stage).value_or(heard.size()), heard, less, whole);
    }
    if (limits.fails > 0) {
      Limits less = limits;
      --less.fails;
      for (size_t i = 0; i < stage.under_way().size(); ++i) {
        Try(stage, {{.kind = Act::Kind::kFail, .index = i}}, heard, less, whole);
      }
    }
    if (limits.foreign > 0) {
      Limits less = limits;
      --less.foreign;
      for (const size_t at : MomentsFrom(0)) {
        if (at <= stage.moment()) {
          Try(stage, {{.kind = Act::Kind::kSnapshot, .at = at, .foreign = true}}, heard, less, whole);
        }
      }
    }
    if (limits.passes > 0 && !stage.read_due() && !stage.wanted().empty()) {
      Limits less = limits;
      --less.passes;
      Mono due = stage.wanted().front().not_before;
      for (const ReadWanted& wanted : stage.wanted()) {
        due = std::min(due, wanted.not_before);
      }
      Try(stage, {{.kind = Act::Kind::kPass, .time = due - stage.now()}}, heard, less, whole);
    }
  }

  const std::shared_ptr<const Tale> tale_;
  const uint64_t most_;
  std::vector<Desired> truths_;     // by moment
  std::vector<std::string> texts_;  // what reads answer, by moment
  std::vector<Act> path_;
  absl::flat_hash_set<uint64_t> known_;
  Found found_;
};

}  // namespace

Found Search(const std::shared_ptr<const Tale>& tale, const Limits& limits, uint64_t most) {
  return Searcher(tale, most).Run(limits);
}

}  // namespace dispatcher::schedule
