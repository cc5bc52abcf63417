#include <utility>

#include "dispatcher/catalog/context.h"

namespace dispatcher {

const AddressBook::Holder* AddressBook::Claim(const Endpoint& endpoint, Holder claimant) {
  const auto [it, fresh] = holders_.try_emplace(std::pair(endpoint.address, endpoint.port), claimant);
  Holder& holder = it->second;
  if (fresh || holder.task == claimant.task) {
    holder = std::move(claimant);
    return nullptr;
  }
  // The later start wins, whichever was heard of first. Unknown or equal starts
  // prove nothing.
  if (holder.running_at == 0 || claimant.running_at == 0 || holder.running_at == claimant.running_at) {
    return nullptr;
  }
  if (holder.running_at < claimant.running_at) {
    loser_ = std::exchange(holder, std::move(claimant));
  } else {
    loser_ = std::move(claimant);
  }
  return &loser_;
}

void AddressBook::Release(const Endpoint& endpoint, std::string_view task) {
  const auto it = holders_.find(std::pair(endpoint.address, endpoint.port));
  if (it != holders_.end() && it->second.task == task) {
    holders_.erase(it);
  }
}

void AddressBook::List(Inventory& to) const {
  for (const auto& [address, holder] : holders_) {
    to.Text(address.first);
    to.Number(address.second);
    to.Text(holder.app);
    to.Text(holder.task);
    to.Number(holder.running_at);
  }
}

}  // namespace dispatcher
