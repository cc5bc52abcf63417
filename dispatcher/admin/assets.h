// What is served as it lies in assets/, compiled in (CMakeLists.txt, assets.cc.in).
#pragma once

#include <string_view>

namespace dispatcher {

extern const std::string_view kOpenApi;  // assets/openapi.json

}  // namespace dispatcher
