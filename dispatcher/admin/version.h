#pragma once

#include <string_view>

namespace dispatcher {

// The project's version as CMakeLists.txt gives it: "0.1.0".
std::string_view Version();

}  // namespace dispatcher
