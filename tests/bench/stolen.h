// What the host gave to other machines while this one wanted it: tails are to be read beside it.
#pragma once

#include "dispatcher/base/clock.h"

namespace dispatcher::bench {

// Begins when made. Zero where the kernel can't tell, as on a machine of its own.
class Stolen {
 public:
  Stolen();
  // Of all cores together, in percent.
  double Percent() const;

 private:
  const double seconds_;
  const Mono begun_;
};

}  // namespace dispatcher::bench
