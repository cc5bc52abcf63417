#include "dispatcher/catalog/graves.h"

#include <utility>

namespace dispatcher {

std::optional<Graves::Death> Graves::TakeSurplus(const CatalogPolicy& policy, Mono now) {
  buried_.Expire(policy.tombstone / 2, now);
  while (!listed_.empty() && listed_.front().since + policy.tombstone <= now) {
    listed_.pop_front();
  }
  const bool surplus =
      listed_.size() > policy.max_tombstones && listed_.front().since + policy.tombstone_at_least <= now;
  if (!surplus) {
    return std::nullopt;
  }
  Death oldest = std::move(listed_.front());
  listed_.pop_front();
  return oldest;
}

void Graves::List(Inventory& to) const {
  for (const Death& death : listed_) {
    to.Number(death.since.time_since_epoch().count());
    to.Text(death.task);
  }
  for (const uint64_t number : buried_.State()) {
    to.Number(static_cast<int64_t>(number));
  }
  to.Number(last_end_);
}

}  // namespace dispatcher
