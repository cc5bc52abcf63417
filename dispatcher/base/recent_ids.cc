#include "dispatcher/base/recent_ids.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// Of each of the two sets: 9 MB. Who is above that is held for a shorter while.
constexpr size_t kMostIds = 500'000;

}  // namespace

void RecentIds::Expire(Duration keep, Mono now) {
  if (young_since_ + keep > now || (young_.empty() && old_.empty())) {
    return;
  }
  old_ = young_since_ + 2 * keep > now ? std::exchange(young_, Hashes()) : Hashes();
  young_ = Hashes();
  young_since_ = old_.empty() ? Mono() : now;
}

void RecentIds::Add(std::string_view id, Duration keep, Mono now) {
  Expire(keep, now);
  if (young_.size() >= kMostIds) {
    old_ = std::exchange(young_, Hashes());
    young_since_ = now;
  }
  if (young_.empty() && old_.empty()) {
    young_since_ = now;
  }
  young_.insert(Fnv1a(id));
}

bool RecentIds::Holds(std::string_view id) const {
  if (young_.empty() && old_.empty()) {
    return false;
  }
  const uint64_t hash = Fnv1a(id);
  return young_.contains(hash) || old_.contains(hash);
}

std::vector<uint64_t> RecentIds::State() const {
  std::vector<uint64_t> state{young_.size(), static_cast<uint64_t>(young_since_.time_since_epoch().count())};
  for (const Hashes* hashes : {&young_, &old_}) {
    const auto first = static_cast<std::ptrdiff_t>(state.size());
    state.insert(state.end(), hashes->begin(), hashes->end());
    std::sort(state.begin() + first, state.end());
  }
  return state;
}

}  // namespace dispatcher
