// Which tasks ended for good, in the order of their ends, so that a storm of them does not grow
// the catalog: while there are many, the oldest are known by their id alone, 10 to 20 bytes each.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string_view>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/recent_ids.h"
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
  // CatalogPolicy::tombstone has run out for: to be called now and then.
  std::optional<Death> TakeSurplus(const CatalogPolicy& policy, Mono now);
  // It is listed no more; Holds says so for half of CatalogPolicy::tombstone at least and all of it
  // at most.
  void Bury(std::string_view task, WallMs ended_at, const CatalogPolicy& policy, Mono now) {
    buried_.Add(task, policy.tombstone / 2, now);
    last_end_ = std::max(last_end_, ended_at);
  }
  // A late word about it is void: an event, or a read that began before its end.
  bool Holds(std::string_view task) const { return buried_.Holds(task); }
  // Stamped after all their ends, and so of a next run (merge.h).
  bool AllEndedBefore(WallMs at) const { return at > last_end_; }

  void List(Inventory& to) const;

 private:
  std::deque<Death> listed_;
  RecentIds buried_;
  WallMs last_end_ = 0;  // of those buried, as Marathon stamped it
};

}  // namespace dispatcher
