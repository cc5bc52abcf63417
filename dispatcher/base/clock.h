// Time as the dispatcher sees it.
//
// Two clocks, never mixed: Mono orders and measures what happens here; WallMs is
// a stamp that some other machine wrote, good for comparing with stamps of that
// same machine and for showing to a person.
//
// Pure rooms take `Mono now` as an argument and never ask a clock. Only engine/,
// net/, admin/ and main read one, through the Clock they were given.
#pragma once

#include <chrono>
#include <cstdint>

namespace dispatcher {

using Duration = std::chrono::nanoseconds;

// CLOCK_BOOTTIME: monotonic, and counts the time this machine was suspended, so
// that a permit to write can't outlive a laptop lid or a frozen VM.
struct MonoClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonoClock>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};
using Mono = MonoClock::time_point;

// Milliseconds since 1970 UTC by some machine's wall clock; 0 = not known.
using WallMs = int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Mono Now() const = 0;
  virtual WallMs Wall() const = 0;
};

// The machine's clocks. Lives for the whole process; any thread.
const Clock& SystemClock();

// Seconds as a double, for metrics and messages.
inline double Seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace dispatcher
