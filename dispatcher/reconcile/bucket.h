// A token bucket: so many a second, as many together as a second brings.
#pragma once

#include <algorithm>

#include "dispatcher/base/clock.h"

namespace dispatcher::reconcile {

class Bucket {
 public:
  // Full at first. `rate` 0: no limit.
  explicit Bucket(int rate) : rate_(std::max(rate, 0)), tokens_(rate_) {}

  // How many may be taken now.
  size_t Room(Mono now) {
    if (rate_ == 0) {
      return SIZE_MAX;
    }
    if (now > filled_) {
      tokens_ = std::min<double>(rate_, tokens_ + Seconds(now - filled_) * rate_);
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
  int rate_;
  double tokens_;
  Mono filled_{};
};

}  // namespace dispatcher::reconcile
