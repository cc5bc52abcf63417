#include "dispatcher/base/clock.h"

#include <ctime>

namespace dispatcher {

Mono MonoClock::now() noexcept {
  timespec ts{};
  clock_gettime(CLOCK_BOOTTIME, &ts);
  return Mono(std::chrono::seconds(ts.tv_sec) + std::chrono::nanoseconds(ts.tv_nsec));
}

const Clock& SystemClock() {
  class System final : public Clock {
   public:
    Mono Now() const override { return MonoClock::now(); }
    WallMs Wall() const override {
      const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
      return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
    }
  };
  static const System clock;
  return clock;
}

}  // namespace dispatcher
