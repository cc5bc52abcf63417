#include "dispatcher/catalog/graves.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// Of each of the two sets: 9 MB. Who is above that is held for a shorter while.
constexpr size_t kMostIds = 500'000;

}  // namespace

std::optional<Graves::Death> Graves::TakeSurplus(const CatalogPolicy& policy, Mono now) {
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

void Graves::Bury(std::string_view task, const CatalogPolicy& policy, Mono now) {
  if (young_since_ + policy.tombstone / 2 <= now || young_.size() >= kMostIds) {
    old_ = std::exchange(young_, Ids());
    young_since_ = now;
  }
  young_.insert(Fnv1a(task));
}

bool Graves::Holds(std::string_view task) const {
  if (young_.empty() && old_.empty()) {
    return false;
  }
  const uint64_t id = Fnv1a(task);
  return young_.contains(id) || old_.contains(id);
}

void Graves::List(Inventory& to) const {
  for (const Death& death : listed_) {
    to.Number(death.since.time_since_epoch().count());
    to.Text(death.task);
  }
  for (const Ids* ids : {&young_, &old_}) {
    std::vector<uint64_t> sorted(ids->begin(), ids->end());
    std::sort(sorted.begin(), sorted.end());
    for (const uint64_t id : sorted) {
      to.Number(static_cast<int64_t>(id));
    }
  }
  to.Number(young_since_.time_since_epoch().count());
}

}  // namespace dispatcher
