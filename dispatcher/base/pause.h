// A wait that a Cancel ends.
#pragma once

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/clock.h"

namespace dispatcher {

// Returns after `length`, or as soon as `cancel` is triggered. For the few places that have
// nothing to be told by and must ask again.
void Pause(Duration length, const Cancel& cancel);

}  // namespace dispatcher
