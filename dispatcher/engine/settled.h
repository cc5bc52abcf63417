// Whether one pass is over: Marathon and the registries were read, and what is to be
// written is written, or can't be without a change from outside. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dispatcher/engine/report.h"

namespace dispatcher {

enum class Until : uint8_t {
  kRead,     // all is read and compared: as far as a dry run comes
  kWritten,  // and what may be written now is written
  kSettled,  // and no service waits for another tier: nothing more happens by itself
};

// What has still to happen until then, in words; empty if it is so. A refused change
// and a removal that the brake holds are not waited for; a failed one, which is tried
// again, is.
std::vector<std::string> WaitingFor(const EngineReport& report, Until until);
// The adapters' part of it.
std::vector<std::string> WaitingFor(const std::vector<AdapterReport>& adapters, Until until);

}  // namespace dispatcher
