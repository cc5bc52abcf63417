// Whether this dispatcher can be trusted now, and what an operator should look at.
#pragma once

#include "dispatcher/base/clock.h"
#include "dispatcher/engine/report.h"

namespace dispatcher {

// How long a stream that is not there may be on its way back, beyond
// marathon.stall_timeout, before the dispatcher is not ready any more.
inline constexpr Duration kStreamGrace = std::chrono::seconds(10);

// Sets ready, not_ready and degraded from all the rest of `report`. Pure.
//
// Not ready: never had a complete snapshot, no stream for stall_timeout + grace, or
// stopping. Everything else is `degraded`: a dispatcher that reported a held brake
// or a dead registry as not ready would get its own deployment stopped by Marathon.
void JudgeReadiness(EngineReport& report, Duration stall_timeout);

}  // namespace dispatcher
