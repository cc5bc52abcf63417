// Marathon's health checks as checks that a Consul agent runs.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/model/service.h"

namespace dispatcher {

struct MappedChecks {
  std::string json;  // the array for "Checks"; "" if nothing could be mapped
  std::string hash;  // of the definitions without their first status; "" as above
  size_t count = 0;
};

// At most 16 are taken. COMMAND checks only with `scripts`: agents refuse them
// unless enable_script_checks is set. A check whose port can't be told is left
// out. The status that a new check starts with is passing unless Marathon knows
// better: without it Consul would start critical.
MappedChecks MapChecks(const Instance& instance, std::string_view service_id, bool scripts);

// The id of the n-th of them; they all start with the first part.
std::string AgentCheckPrefix(std::string_view service_id);
std::string AgentCheckId(std::string_view service_id, size_t index);

inline constexpr size_t kMaxChecks = 16;

}  // namespace dispatcher
