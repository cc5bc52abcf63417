// A state as one number: equal where all that can matter later is equal.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "dispatcher/catalog/inventory.h"

namespace dispatcher::schedule {

// `list` is called twice and lists the same both times. Of positions in the inbox and
// of numbers of reads only their order counts.
uint64_t DigestOf(absl::FunctionRef<void(Inventory&)> list);

}  // namespace dispatcher::schedule
