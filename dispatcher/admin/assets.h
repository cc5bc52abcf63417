// What is served as it lies in assets/, compiled in (CMakeLists.txt, assets.cc.in).
#pragma once

#include <span>
#include <string_view>

namespace dispatcher {

struct Asset {
  std::string_view name;  // of the file in assets/
  std::string_view text;
};

std::span<const Asset> Assets();  // all of them, sorted by name
// The text of that file; "" if there is none.
std::string_view FindAsset(std::string_view name);

}  // namespace dispatcher
