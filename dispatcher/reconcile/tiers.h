// What the tiers know of each other (rule 11): a service's structure is created in
// discovery first, then in the router, then in the gateway, and deleted the other
// way round. Instances never ask here.
//
// One board for all adapters of a dispatcher. It is the one thing that reconcilers
// share, each under its own mutex, so it has a leaf mutex of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "adapters/adapter.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

// What has become true that another tier may have waited for.
struct TierNews {
  std::vector<ServiceKey> services;
  bool all = false;
  bool empty() const { return services.empty() && !all; }
};

class TierBoard {
 public:
  using Member = uint32_t;

  // An adapter takes part from now on; at most 32. Until it has Opened, it is not
  // known what it holds, and everybody else waits for it.
  Member Join(Tier tier);
  void Opened(Member member);

  // `missing`: the service should be there and is not. `holding`: some of its
  // structure is there. True if somebody else may have waited for the change.
  bool Set(Member member, const ServiceKey& service, bool missing, bool holding);

  // Whether nobody in a lower tier lacks the service; nobody in a higher one holds it.
  bool MayCreate(Member member, const ServiceKey& service) const;
  bool MayDelete(Member member, const ServiceKey& service) const;

 private:
  // One bit a member.
  struct Row {
    uint32_t missing = 0, holding = 0;
  };

  uint32_t Lower(Member member) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint32_t Higher(Member member) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Row Find(const ServiceKey& service) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::vector<Tier> tiers_ ABSL_GUARDED_BY(mutex_);
  uint32_t unread_ ABSL_GUARDED_BY(mutex_) = 0;
  // By the key's hash: two services that share one wait for each other at worst.
  absl::flat_hash_map<uint64_t, Row> rows_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
