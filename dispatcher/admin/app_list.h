// Every app, and every static service, in a line.
#pragma once

#include <string>

#include "dispatcher/admin/source.h"

namespace dispatcher {

// {"apps": [...], "static": [...]}: one answer for a list of 20,000. Apps that only a registry
// still knows are among them, in the state "unknown".
std::string AppsJson(const Source& source);

}  // namespace dispatcher
