// Bytes as they come from a socket, and a snapshot's as the observations that they mean.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/observation.h"

namespace dispatcher::bench {

// As cpp-httplib hands them over: 4 KB at a time.
void InPieces(std::string_view bytes, absl::FunctionRef<void(std::string_view)> feed);

// Each app of an answer of /v2/apps, then the end of that read; nothing is behind an error.
absl::Status Observe(std::string_view snapshot, uint64_t read, const ReadMark& mark,
                     absl::FunctionRef<void(Observation)> push);

}  // namespace dispatcher::bench
