#include "dispatcher/leader/election.h"

#include <algorithm>
#include <utility>

namespace dispatcher {

ElectionPolicy ElectionPolicyOf(Duration ttl) {
  ElectionPolicy policy;
  policy.ttl = ttl;
  policy.margin = std::chrono::seconds(1) + ttl / 20;
  return policy;
}

Election::Election(ElectionPolicy policy) : policy_(policy), retry_(policy.retry, policy.seed) {}

void Election::SetFit(bool fit, Mono now) {
  if (fit == fit_) {
    return;
  }
  fit_ = fit;
  unfit_since_ = fit ? std::nullopt : std::optional(now);
}

void Election::Stop(Mono now) {
  stopping_ = true;
  retry_at_ = now;
}

bool Election::GivingUp(Mono now) const {
  return stopping_ || (unfit_since_ && now >= *unfit_since_ + policy_.unfit_for);
}

// Free, or ours although we were not told: an answer was lost.
bool Election::MayAcquire() const {
  return !held_ && fit_ && seen_ && (seen_->session.empty() || seen_->session == session_);
}

std::optional<LockAsk> Election::Next(Mono now) {
  if (held_ && !expired_ && now >= until_) {
    expired_ = true;
    Say("the permit has run out");
  }
  if (asking_) {
    return std::nullopt;
  }
  std::optional<What> what;
  if (GivingUp(now)) {
    if (held_ && now >= retry_at_) {
      what = What::kRelease;
    } else if (!held_ && !session_.empty()) {
      what = What::kDestroy;
    }
  } else if (now < retry_at_) {
    return std::nullopt;
  } else if (session_.empty()) {
    what = fit_ ? std::optional(What::kCreate) : std::nullopt;
  } else if (look_due_ && held_) {
    what = What::kLook;
  } else if (now >= renew_at_) {
    what = What::kRenew;
  } else if (MayAcquire() && now >= not_before_) {
    what = What::kAcquire;
  }
  if (!what) {
    return std::nullopt;
  }
  if (*what == What::kRelease) {
    releasing_ = true;
    Say(stopping_ ? "gives the lock back: it stops"
                  : "gives the lock back: no live stream with a complete snapshot for " +
                        std::to_string(static_cast<int>(Seconds(policy_.unfit_for))) + " s");
  }
  asking_ = true;
  return LockAsk{*what, session_, ""};
}

std::optional<Mono> Election::NextDeadline() const {
  std::optional<Mono> next;
  const auto at = [&](Mono when) { next = next ? std::min(*next, when) : when; };
  if (held_ && !expired_) {
    at(until_);
  }
  if (asking_) {
    return next;
  }
  if (stopping_) {
    if (held_ || !session_.empty()) {
      at(retry_at_);
    }
    return next;
  }
  if (unfit_since_ && (held_ || !session_.empty())) {
    at(std::max(*unfit_since_ + policy_.unfit_for, held_ ? retry_at_ : Mono::min()));
  }
  if (session_.empty()) {
    if (fit_) {
      at(retry_at_);
    }
    return next;
  }
  at(std::max(retry_at_, look_due_ && held_ ? retry_at_ : renew_at_));
  if (MayAcquire()) {
    at(std::max(retry_at_, not_before_));
  }
  return next;
}

void Election::Answered(const LockAsk& ask, const LockAnswer& answer, Mono begun, Mono now) {
  asking_ = false;
  if (ask.what == What::kDestroy) {
    session_.clear();  // if it could not be told, it ends by itself
    return;
  }
  if (ask.what == What::kRelease) {
    // With its session the lock goes as well, a little later.
    held_ = doubted_ = look_due_ = cut_off_ = releasing_ = false;
    return;
  }
  if (answer.code == Code::kSessionGone && ask.what == What::kRenew && held_) {
    // A Consul that has just begun to lead denies sessions that it has not read yet; whose
    // the lock is it says only when it has.
    Say("is told that its session is gone, and asks whose the lock is");
    Doubt(now + policy_.delayed);
    return;
  }
  if (answer.code == Code::kSessionGone && ask.what != What::kCreate) {
    session_.clear();
    retry_at_ = now;
    if (held_) {
      Lose("its session is gone");
    }
    return;
  }
  if (answer.code == Code::kNotNow) {
    not_before_ = now + policy_.delayed;
    return;
  }
  if (answer.code != Code::kDone) {
    Failed(answer, now);
    return;
  }
  retry_.Reset();
  retry_at_ = now;
  error_.clear();
  switch (ask.what) {
    case What::kCreate:
      session_ = answer.session;
      renewed_ = begun;
      renew_at_ = begun + policy_.ttl / 3;
      break;
    case What::kRenew:
      renewed_ = begun;
      renew_at_ = begun + policy_.ttl / 3;
      look_due_ = held_;
      break;
    case What::kAcquire:
      Win(now);
      break;
    case What::kLook:
      look_due_ = false;
      if (answer.view.session == session_) {
        Confirm(now);
      } else {
        Lose(!answer.view.there            ? "its key was deleted"
             : answer.view.session.empty() ? "it was taken from it"
                                           : "another holds it");
        Seen(answer.view, now);
        not_before_ = now;  // it was ours until now, so nobody else may still write
      }
      break;
    case What::kRelease:
    case What::kDestroy:
      break;
  }
}

void Election::Win(Mono now) {
  held_ = true;
  doubted_ = look_due_ = cut_off_ = expired_ = false;
  until_ = End();
  ++term_;
  Say("leads, term " + std::to_string(term_));
  if (now >= until_) {
    renew_at_ = now;
  }
}

// Ours at this moment: nobody can take it before the session ends.
void Election::Confirm(Mono now) {
  doubted_ = cut_off_ = false;
  if (now >= End()) {
    return;  // it took too long: the next renewal is due
  }
  if (now >= until_) {
    ++term_;
    Say("leads again, term " + std::to_string(term_) + ": the permit had run out");
  }
  expired_ = false;
  until_ = End();
}

void Election::Lose(std::string_view why) {
  held_ = doubted_ = look_due_ = cut_off_ = false;
  Say("has lost the lock: " + std::string(why));
}

void Election::Failed(const LockAnswer& answer, Mono now) {
  if (error_.empty()) {
    Say("the lock's store fails: " + answer.error);
  }
  error_ = answer.error;
  const bool silent = answer.code == Code::kSilent;
  retry_at_ = now + (silent ? retry_.Next() : policy_.denied);
  const bool cut_off = silent && held_ && now >= until_;
  if (cut_off && !cut_off_) {
    Say("the permit has run out and the lock's store does not answer: only tasks seen dead are removed");
  }
  cut_off_ = cut_off;
}

void Election::Doubt(Mono look_at) {
  doubted_ = look_due_ = true;
  cut_off_ = false;
  retry_at_ = look_at;
}

void Election::Refused(uint64_t term, Mono now) {
  if (held_ && term == term_) {
    // Should the two contradict each other, they do so ten times a second at most.
    Doubt(now + policy_.delayed);
  }
}

void Election::Seen(const LockView& view, Mono now) {
  const bool vanished = seen_ && !seen_->session.empty() && !view.there;
  seen_ = view;
  if (held_) {
    if (view.session != session_ && !doubted_) {
      Doubt(now);
    }
    return;
  }
  // Deleted under its holder, who may not know yet: there is no delay by Consul then.
  not_before_ = vanished ? now + policy_.ttl : view.session.empty() ? not_before_ : now;
}

std::optional<Permission> Election::permission() const {
  if (!held_ || doubted_ || stopping_ || releasing_) {
    return std::nullopt;
  }
  return cut_off_ ? Permission{term_, Mono::max(), WriteScope::kSeenDead, session_}
                  : Permission{term_, until_, WriteScope::kAll, session_};
}

Election::State Election::state(Mono now) const {
  if (stopping_) {
    return State::kStopped;
  }
  if (held_) {
    return doubted_       ? State::kDoubting
           : cut_off_     ? State::kCutOff
           : now < until_ ? State::kLeading
                          : State::kExpired;
  }
  return fit_ ? State::kStandby : State::kUnfit;
}

std::vector<std::string> Election::TakeNotes() { return std::exchange(notes_, {}); }

}  // namespace dispatcher
