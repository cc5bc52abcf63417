// How a target says that something is broken: the fuzzer keeps the bytes.
#pragma once

#include <string_view>

namespace dispatcher {

// Aborts with `what` on stderr unless the promise was kept.
void Require(bool promise, std::string_view what);

}  // namespace dispatcher
