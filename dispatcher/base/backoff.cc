#include "dispatcher/base/backoff.h"

#include <algorithm>
#include <cmath>

namespace dispatcher {

Backoff::Backoff(BackoffPolicy policy, uint64_t seed)
    : policy_(policy), state_(seed ^ 0x9e3779b97f4a7c15ULL) {
  state_ = state_ == 0 ? 1 : state_;  // zero would stay zero
}

Duration Backoff::Next() {
  const double grown = static_cast<double>(policy_.first.count()) *
                       std::pow(policy_.factor, std::min<uint32_t>(failures_, 64));
  const double length = std::min(grown, static_cast<double>(policy_.cap.count()));
  ++failures_;
  // xorshift64*: enough to spread retries, and the same everywhere.
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  const double share = static_cast<double>((state_ * 0x2545f4914f6cdd1dULL) >> 11) / 9007199254740992.0;
  return Duration(static_cast<Duration::rep>(length * (0.5 + 0.5 * share)));
}

}  // namespace dispatcher
