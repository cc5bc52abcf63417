// Which tasks ended for good, in the order of their ends, so that a storm of them does not grow
// the catalog: while there are many, the oldest are known by their id alone, 10 to 20 bytes each.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/shared_string.h"
#include "dispatcher/catalog/inventory.h"
#include "dispatcher/catalog/policy.h"

namespace dispatcher {

class Graves {
 public:
  struct Death {
    Mono since{};
    SharedString app;
    SharedString task;
  };

  // A task has ended, and no word brings it back. It is listed as dead as yet.
  void Add(const SharedString& app, const SharedString& task, Mono now) {
    listed_.push_back({now, app, task});
  }
  // The next one that is to be listed no more, for there are too many; none if there are not, or it
  // ended so short a while ago that a registry or a reader may not know it yet. Forgets, in passing, whom
  // CatalogPolicy::tombstone has run out for.
  std::optional<Death> TakeSurplus(const CatalogPolicy& policy, Mono now);
  // It is listed no more; Holds says so for half of CatalogPolicy::tombstone at least.
  void Bury(std::string_view task, const CatalogPolicy& policy, Mono now);
  // A late word about it is void: an event, or a read that began before its end.
  bool Holds(std::string_view task) const;

  void List(Inventory& to) const;

 private:
  using Ids = absl::flat_hash_set<uint64_t>;  // hashes

  std::deque<Death> listed_;
  Ids young_, old_;
  Mono young_since_{};
};

}  // namespace dispatcher
