// Ids that were added of late, known by their hashes alone: 10 to 20 bytes each, and bounded. Each is held
// for `keep` at least and twice that at most, if Expire is called now and then; less if there are too many.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "dispatcher/base/clock.h"

namespace dispatcher {

class RecentIds {
 public:
  void Add(std::string_view id, Duration keep, Mono now);
  void Expire(Duration keep, Mono now);
  bool Holds(std::string_view id) const;
  // All that makes one different from another.
  std::vector<uint64_t> State() const;

 private:
  using Hashes = absl::flat_hash_set<uint64_t>;

  Hashes young_, old_;
  Mono young_since_{};
};

}  // namespace dispatcher
