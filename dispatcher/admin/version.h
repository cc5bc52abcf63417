#pragma once

#include <string_view>

namespace dispatcher {

// "0.1.0" of a release, else with the commit: "0.1.0+g5ff5fd2a", and ".dirty" if the sources
// were changed since (deploy/package/version.cmake).
std::string_view Version();

}  // namespace dispatcher
