// A token bucket: so many a second, and so many together.
#pragma once

#include <algorithm>

#include "dispatcher/base/clock.h"

namespace dispatcher::reconcile {

class Bucket {
 public:
  // Full at first. `rate` 0: no limit. As many together as a second brings, or `most`.
  explicit Bucket(int rate, int most = 0)
      : rate_(std::max(rate, 0)), most_(most > 0 ? most : rate_), tokens_(most_) {}

  // How many may be taken now.
  size_t Room(Mono now) {
    if (rate_ == 0) {
      return SIZE_MAX;
    }
    if (now > filled_) {
      tokens_ = std::min<double>(most_, tokens_ + Seconds(now - filled_) * rate_);
      filled_ = now;
    }
    // A rest of rounding must not make a token come later than it was promised for.
    return static_cast<size_t>(tokens_ + 1e-6);
  }
  // At most Room of them.
  void Take(size_t count) {
    if (rate_ != 0) {
      tokens_ -= static_cast<double>(count);
    }
  }
  // From when on there is room for one.
  Mono NextAt() const {
    if (rate_ == 0 || tokens_ >= 1) {
      return filled_;
    }
    const std::chrono::duration<double> wait((1 - tokens_) / rate_);
    return filled_ + std::chrono::ceil<Duration>(wait);
  }

 private:
  int rate_, most_;
  double tokens_;
  Mono filled_{};
};

}  // namespace dispatcher::reconcile
