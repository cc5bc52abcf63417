// How many members an aggregate has: for tests that whoever adds one has thought of
// all places that list them.
#pragma once

#include <cstddef>
#include <utility>

namespace dispatcher::testing {

struct Anything {
  template <typename T>
  operator T() const {  // NOLINT(google-explicit-constructor): in the place of any member
    return T();
  }
};
template <typename T, size_t... kIndex>
constexpr bool Takes(std::index_sequence<kIndex...>) {
  return requires { T{((void)kIndex, Anything())...}; };
}
template <typename T, size_t kCount = 0>
constexpr size_t Members() {
  if constexpr (Takes<T>(std::make_index_sequence<kCount + 1>())) {
    return Members<T, kCount + 1>();
  } else {
    return kCount;
  }
}

}  // namespace dispatcher::testing
