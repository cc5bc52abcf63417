// One app, looked up in every room.
#pragma once

#include <optional>

#include "dispatcher/admin/source.h"
#include "dispatcher/admin/views.h"

namespace dispatcher {

// nullopt: neither the catalog nor a registry knows it. At most the 50 newest decisions.
std::optional<AppView> ViewApp(const Source& source, const AppId& id);

}  // namespace dispatcher
