#include "dispatcher/reconcile/brake.h"

#include <algorithm>
#include <cmath>

std::string_view dispatcher::Name(HeldFor cause) {
  switch (cause) {
    case HeldFor::kConfirmation:
      return "unconfirmed";
    case HeldFor::kEmptyAnswer:
      return "empty_answer";
    case HeldFor::kLimit:
      return "over_limit";
    case HeldFor::kFramework:
      break;
  }
  return "other_framework";
}

size_t dispatcher::CountHeld(const std::vector<HeldRemoval>& held, HeldFor cause) {
  return static_cast<size_t>(std::count_if(
      held.begin(), held.end(), [&](const HeldRemoval& removal) { return removal.cause == cause; }));
}

namespace dispatcher::reconcile {

const Brake::Verdict* Brake::Find(SlotId slot) const {
  const auto it = verdicts_.find(slot);
  return it == verdicts_.end() ? nullptr : &it->second;
}

bool Brake::MayGo(SlotId slot) const {
  const Verdict* verdict = Find(slot);
  return verdict != nullptr && (verdict->state == State::kLetGo || verdict->state == State::kReleased);
}

bool Brake::Hold(SlotId slot, State state) {
  const auto [it, added] = verdicts_.try_emplace(slot);
  const bool held_before = !added && IsHeld(it->second.state);
  if (added || (state == State::kOtherFramework && it->second.state != State::kReleased)) {
    it->second.state = state;
  }
  return !held_before && IsHeld(it->second.state);
}

void Brake::SeenByRead(SlotId slot) {
  Verdict& verdict = verdicts_[slot];
  if (verdict.state != State::kReleased) {
    verdict.state = State::kSeenByRead;
  }
}

bool Brake::Suspect(SlotId slot, const Pass& pass) {
  Verdict& verdict = verdicts_[slot];
  if (verdict.state == State::kSeenByRead || verdict.state == State::kOtherFramework) {
    verdict = Verdict{};
  }
  verdict.empty = pass.empty;
  if (verdict.state != State::kUnconfirmed || pass.empty || verdict.last_pass == pass.number) {
    return false;
  }
  verdict.last_pass = pass.number;
  if (verdict.passes++ == 0) {
    verdict.first = pass.begun;
    return false;
  }
  return pass.begun - verdict.first >= policy_.confirm_after;
}

size_t Brake::Limit(size_t total) const {
  const size_t share = total * static_cast<size_t>(std::max(policy_.max_removal_percent, 0)) / 100;
  return std::max(share, static_cast<size_t>(std::max(policy_.min_instances, 0)));
}

void Brake::Expire(Mono now) {
  while (!window_.empty() && now - window_.front().first >= policy_.window) {
    const Item& item = window_.front().second;
    if (--counts_[item] == 0) {
      counts_.erase(item);
    }
    if (--by_service_[item.first] == 0) {
      by_service_.erase(item.first);
    }
    window_.pop_front();
  }
}

size_t Brake::CountedOf(ServiceId service) const {
  const auto it = by_service_.find(service);
  return it == by_service_.end() ? 0 : it->second;
}

bool Brake::LetGo(SlotId slot, const Item& item, Totals totals, Mono now) {
  Verdict& verdict = verdicts_[slot];
  if (!counts_.contains(item)) {
    if (Counted() >= Limit(totals.adapter) || CountedOf(item.first) >= Limit(totals.service)) {
      verdict.state = State::kOverLimit;
      return false;
    }
    window_.emplace_back(now, item);
    ++counts_[item];
    ++by_service_[item.first];
  }
  verdict.state = State::kLetGo;
  return true;
}

bool Brake::Release(SlotId slot) {
  const auto it = verdicts_.find(slot);
  if (it == verdicts_.end() || !IsHeld(it->second.state)) {
    return false;
  }
  it->second.state = State::kReleased;
  return true;
}

bool Brake::HoldsAny() const {
  return std::any_of(verdicts_.begin(), verdicts_.end(),
                     [](const auto& verdict) { return IsHeld(verdict.second.state); });
}

std::string_view Brake::Leave(const Verdict& verdict) {
  return verdict.state == State::kReleased ? ", released by an operator"
         : verdict.state == State::kLetGo  ? ", confirmed by two complete reads"
                                           : "";
}

HeldFor Brake::CauseOf(const Verdict& verdict) {
  switch (verdict.state) {
    case State::kOverLimit:
      return HeldFor::kLimit;
    case State::kOtherFramework:
      return HeldFor::kFramework;
    default:
      return verdict.empty ? HeldFor::kEmptyAnswer : HeldFor::kConfirmation;
  }
}

std::string Brake::Reason(const Verdict& verdict, Mono now) const {
  switch (verdict.state) {
    case State::kUnconfirmed:
      break;
    case State::kOverLimit:
      return "absent, but more than " + std::to_string(policy_.max_removal_percent) + " % (or " +
             std::to_string(policy_.min_instances) + ") went unexplained within " +
             std::to_string(std::chrono::duration_cast<std::chrono::seconds>(policy_.window).count()) +
             " s: waits for an explanation or a release";
    case State::kOtherFramework:
      return "written under another framework than Marathon's now: waits for a release";
    default:
      return "";
  }
  if (verdict.empty) {
    return "absent from an answer without any apps, which is not believed: waits for another answer or a "
           "release";
  }
  if (verdict.passes == 0) {
    return "nothing explains its absence, needs two complete reads";
  }
  const double wait = std::ceil(std::max(0.0, Seconds(verdict.first + policy_.confirm_after - now)));
  return "absent from " + std::to_string(verdict.passes) + " complete read" +
         (verdict.passes == 1 ? "" : "s") + ", needs " + (verdict.passes == 1 ? "a second" : "another") +
         " one " + std::to_string(static_cast<int64_t>(wait)) + " s from now";
}

}  // namespace dispatcher::reconcile
