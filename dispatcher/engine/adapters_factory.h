// The one table from an adapter's type to the code that makes it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"

namespace dispatcher {

// Makes one configured adapter; no I/O beyond reading its secrets. InvalidArgument
// names the adapter and the setting.
using AdapterMaker =
    std::function<absl::StatusOr<std::unique_ptr<Adapter>>(const AdapterSettings&, const Settings&)>;

absl::StatusOr<std::unique_ptr<Adapter>> MakeAdapter(const AdapterSettings& adapter,
                                                     const Settings& settings);

// The types MakeAdapter knows, sorted.
std::vector<std::string> AdapterTypes();

}  // namespace dispatcher
