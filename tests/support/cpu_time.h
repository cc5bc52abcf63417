// What a computation costs, however busy the machine is.
#pragma once

#include <ctime>

namespace dispatcher::testing {

// The processor's time that the calling thread has used since this was made.
class CpuTime {
 public:
  CpuTime() : begin_(Now()) {}
  double Seconds() const { return Now() - begin_; }

 private:
  static double Now() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }

  double begin_;
};

}  // namespace dispatcher::testing
