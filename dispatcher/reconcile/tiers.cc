#include "dispatcher/reconcile/tiers.h"

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

uint64_t HashOf(const ServiceKey& service) {
  return Fnv1a(service.app, static_cast<uint64_t>(service.port) + 1);
}

}  // namespace

TierBoard::Member TierBoard::Join(Tier tier) {
  MutexLock lock(mutex_);
  const auto member = static_cast<Member>(tiers_.size());
  tiers_.push_back(tier);
  unread_ |= 1U << member;
  return member;
}

void TierBoard::Opened(Member member) {
  MutexLock lock(mutex_);
  unread_ &= ~(1U << member);
}

bool TierBoard::Set(Member member, const ServiceKey& service, bool missing, bool holding) {
  MutexLock lock(mutex_);
  const uint64_t key = HashOf(service);
  const uint32_t bit = 1U << member;
  const auto it = rows_.find(key);
  const Row before = it == rows_.end() ? Row{} : it->second;
  const Row after{missing ? before.missing | bit : before.missing & ~bit,
                  holding ? before.holding | bit : before.holding & ~bit};
  if (after.missing == 0 && after.holding == 0) {
    if (it != rows_.end()) {
      rows_.erase(it);
    }
  } else {
    rows_[key] = after;
  }
  return (before.missing & ~after.missing) != 0 || (before.holding & ~after.holding) != 0;
}

bool TierBoard::MayCreate(Member member, const ServiceKey& service) const {
  MutexLock lock(mutex_);
  return ((Find(service).missing | unread_) & Lower(member)) == 0;
}

bool TierBoard::MayDelete(Member member, const ServiceKey& service) const {
  MutexLock lock(mutex_);
  return ((Find(service).holding | unread_) & Higher(member)) == 0;
}

uint32_t TierBoard::Lower(Member member) const {
  uint32_t bits = 0;
  for (Member m = 0; m < tiers_.size(); ++m) {
    bits |= tiers_[m] < tiers_[member] ? 1U << m : 0;
  }
  return bits;
}

uint32_t TierBoard::Higher(Member member) const {
  uint32_t bits = 0;
  for (Member m = 0; m < tiers_.size(); ++m) {
    bits |= tiers_[m] > tiers_[member] ? 1U << m : 0;
  }
  return bits;
}

TierBoard::Row TierBoard::Find(const ServiceKey& service) const {
  const auto it = rows_.find(HashOf(service));
  return it == rows_.end() ? Row{} : it->second;
}

}  // namespace dispatcher
