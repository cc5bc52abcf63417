#include "dispatcher/reconcile/claims.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace dispatcher::reconcile {

void Claims::Set(ServiceId service, const ServiceKey& key, const std::vector<Claim>& claims, bool holding) {
  auto it = claimants_.find(service);
  if (it == claimants_.end()) {
    if (claims.empty()) {
      return;
    }
    it = claimants_.try_emplace(service).first;
    it->second.key = key;
    it->second.holding = holding;
  }
  Claimant& claimant = it->second;
  if (std::ranges::equal(claimant.claims, claims)) {
    return;
  }
  std::vector<ServiceId> affected{service};
  for (const Claim& claim : claimant.claims) {
    auto holders = by_what_.find(claim.what);
    holders->second.erase(std::remove(holders->second.begin(), holders->second.end(), service),
                          holders->second.end());
    affected.insert(affected.end(), holders->second.begin(), holders->second.end());
    if (holders->second.empty()) {
      by_what_.erase(holders);
    }
  }
  // Whoever comes to a name it did not have is no holder of it yet.
  const auto held = [&](const Claim& mine) {
    return std::any_of(claimant.claims.begin(), claimant.claims.end(),
                       [&](const Claim& had) { return had.what == mine.what; });
  };
  claimant.confirmed = claimant.confirmed && std::all_of(claims.begin(), claims.end(), held);
  claimant.claims.assign(claims.begin(), claims.end());
  for (const Claim& claim : claims) {
    auto& holders = by_what_[claim.what];
    if (std::find(holders.begin(), holders.end(), service) == holders.end()) {
      holders.push_back(service);
    }
  }
  Resolve(Component(std::move(affected)));
  if (claimants_.at(service).claims.empty()) {
    claimants_.erase(service);
  }
}

void Claims::SetHolding(ServiceId service, bool holding) {
  const auto it = claimants_.find(service);
  if (it == claimants_.end() || it->second.holding == holding) {
    return;
  }
  it->second.holding = holding;
  if (Contested(service)) {
    Resolve(Component({service}));
  } else if (holding && !it->second.claims.empty()) {
    it->second.confirmed = true;
  }
}

void Claims::Settle() {
  if (settled_) {
    return;
  }
  settled_ = true;
  std::vector<ServiceId> contested;
  for (const auto& [what, holders] : by_what_) {
    if (holders.size() > 1) {
      contested.insert(contested.end(), holders.begin(), holders.end());
    }
  }
  Resolve(Component(std::move(contested)));
}

Claims::Outcome Claims::Of(ServiceId service) const {
  const auto it = claimants_.find(service);
  return it == claimants_.end() ? Outcome::kGranted : it->second.outcome;
}

std::string Claims::Reason(ServiceId service) const {
  const auto it = claimants_.find(service);
  return it == claimants_.end() ? "" : it->second.reason;
}

std::vector<ServiceId> Claims::TakeChanged() {
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  return std::exchange(changed_, {});
}

bool Claims::Contested(ServiceId service) const {
  for (const Claim& claim : claimants_.at(service).claims) {
    if (by_what_.at(claim.what).size() > 1) {
      return true;
    }
  }
  return false;
}

// All that can change each other's outcome: linked by claims in common.
std::vector<ServiceId> Claims::Component(std::vector<ServiceId> from) const {
  absl::flat_hash_set<ServiceId> seen;
  std::vector<ServiceId> component;
  while (!from.empty()) {
    const ServiceId service = from.back();
    from.pop_back();
    if (!seen.insert(service).second) {
      continue;
    }
    component.push_back(service);
    for (const Claim& claim : claimants_.at(service).claims) {
      const auto& holders = by_what_.at(claim.what);
      if (holders.size() > 1) {
        from.insert(from.end(), holders.begin(), holders.end());
      }
    }
  }
  return component;
}

void Claims::Resolve(const std::vector<ServiceId>& component) {
  // What the operator configured goes first, then the holder: who held it before,
  // then who is in the registry. That is a matter between apps; inside one app the
  // smaller port goes first.
  const auto tier = [](const Claimant& c) {
    return IsStatic(c.key) ? -1 : c.confirmed ? 0 : c.holding ? 1 : 2;
  };
  std::map<AppId, int> best;
  for (ServiceId service : component) {
    const Claimant& c = claimants_.at(service);
    const auto it = best.try_emplace(c.key.app, tier(c)).first;
    it->second = std::min(it->second, tier(c));
  }
  std::vector<ServiceId> order = component;
  const auto rank = [&](ServiceId service) {
    const Claimant& c = claimants_.at(service);
    return std::tie(best.at(c.key.app), c.key.app, c.key.port);
  };
  std::sort(order.begin(), order.end(), [&](ServiceId a, ServiceId b) { return rank(a) < rank(b); });

  absl::flat_hash_map<SharedString, std::pair<ServiceId, bool>> taken;
  const auto collides = [](bool mine, bool theirs) { return !mine || !theirs; };
  for (ServiceId service : order) {
    Claimant& c = claimants_.at(service);
    std::string reason;
    bool open = false;
    for (const Claim& claim : c.claims) {
      const auto it = taken.find(claim.what);
      if (it != taken.end() && it->second.first != service && collides(claim.shared, it->second.second)) {
        reason = claim.what + " is held by " + claimants_.at(it->second.first).key.app;
        break;
      }
      open = open || (!settled_ && best.at(c.key.app) == 2 && by_what_.at(claim.what).size() > 1);
    }
    if (!reason.empty()) {
      c.confirmed = false;
      Decide(service, Outcome::kRefused, reason);
      continue;
    }
    if (open) {
      Decide(service, Outcome::kOpen, "");
      continue;
    }
    for (const Claim& claim : c.claims) {
      taken.try_emplace(claim.what, service, claim.shared);
    }
    c.confirmed = c.confirmed || (c.holding && !c.claims.empty());
    Decide(service, Outcome::kGranted, "");
  }
}

void Claims::Decide(ServiceId service, Outcome outcome, const std::string& reason) {
  Claimant& c = claimants_.at(service);
  if (c.outcome != outcome || c.reason != reason) {
    c.outcome = outcome;
    c.reason = reason;
    changed_.push_back(service);
  }
}

}  // namespace dispatcher::reconcile
