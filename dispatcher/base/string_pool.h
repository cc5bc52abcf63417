// One copy of each string that many hold: hosts, versions, words. Forgets what
// nobody else holds any more, in passing. One thread.
#pragma once

#include <functional>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "dispatcher/base/shared_string.h"

namespace dispatcher {

class StringPool {
 public:
  SharedString Get(std::string_view text);
  size_t size() const { return strings_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  };
  absl::flat_hash_set<SharedString, Hash, Equal> strings_;
  size_t sweep_at_ = 256;
};

}  // namespace dispatcher
