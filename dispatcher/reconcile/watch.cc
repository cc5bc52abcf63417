#include "dispatcher/reconcile/watch.h"

#include <algorithm>

namespace dispatcher::reconcile {

WatchPacer::WatchPacer(WatchPolicy policy, size_t things, uint64_t seed) : policy_(policy), things_(things) {
  for (Thing& thing : things_) {
    thing.backoff = Backoff(policy_.retry, ++seed);
  }
}

Mono WatchPacer::AskAt(size_t thing) const {
  const Thing& t = things_[thing];
  return std::max(t.full_at - policy_.least, t.not_before);
}

uint64_t WatchPacer::Asked(size_t thing, Mono now) {
  Thing& t = things_[thing];
  t.full_at = std::max(t.full_at, now) + policy_.least;
  return t.index;
}

void WatchPacer::Answered(size_t thing, const absl::StatusOr<WatchAnswer>& answer, Mono now) {
  Thing& t = things_[thing];
  const auto failing = [](const Thing& x) { return !x.error.empty(); };
  if (!answer.ok()) {
    t.error = Text(answer.status());
    t.not_before = now + t.backoff.Next();
    t.index = 0;
    t.lost = true;
    failing_since_ = failing_since_.value_or(now);
    return;
  }
  t.error.clear();
  t.backoff.Reset();
  if (std::none_of(things_.begin(), things_.end(), failing)) {
    failing_since_.reset();
  }
  const uint64_t before = t.index;
  const bool lost_data = answer->index < before;
  const bool same = answer->state == t.state && !lost_data;
  const Mono answered_before = t.answered;
  t.index = std::max<uint64_t>(answer->index, 1);
  t.state = answer->state;
  t.answered = now;
  const bool first = before == 0 && !t.lost;
  if (first || (same && !t.lost)) {
    return;
  }
  ++changes_;
  // An index that went back: the registry lost its data, or was given other data.
  const bool others = t.lost || lost_data || (writing_ == 0 && !(wrote_ && *wrote_ > answered_before));
  t.lost = false;
  changed_ = now;
  Mono at = now;
  ours_since_ = others ? std::nullopt : read_at_ ? ours_since_ : now;
  if (others) {
    at = std::max(at, reads_full_at_ - (policy_.burst - 1) * Cost());
  } else {
    at += policy_.own;
    if (read_ended_) {
      at = std::max(at, *read_ended_ + policy_.own_share * read_took_);
    }
  }
  read_at_ = read_at_ ? std::min(*read_at_, at) : at;
}

std::optional<Mono> WatchPacer::ReadAt(bool writing) const {
  return read_at_ && ours_since_ && writing ? std::max(*read_at_, *ours_since_ + policy_.own_most) : read_at_;
}

void WatchPacer::WriteBegan(Mono now) {
  ++writing_;
  wrote_ = now;
}

void WatchPacer::ReadBegan(Mono now) { read_began_ = now; }

void WatchPacer::ReadEnded(bool ok, Mono now) {
  if (!ok || !read_began_) {
    return;  // it is tried again by those who wanted it
  }
  read_took_ = now - *read_began_;
  read_ended_ = now;
  reads_full_at_ = std::max(reads_full_at_, now) + Cost();
  if (read_at_ && *read_began_ >= changed_) {
    read_at_.reset();
  }
}

std::string WatchPacer::error() const {
  const auto thing =
      std::find_if(things_.begin(), things_.end(), [](const Thing& t) { return !t.error.empty(); });
  return thing == things_.end() ? "" : thing->error;
}

uint32_t WatchPacer::failures() const {
  uint32_t most = 0;
  for (const Thing& thing : things_) {
    most = std::max(most, thing.backoff.failures());
  }
  return most;
}

}  // namespace dispatcher::reconcile
