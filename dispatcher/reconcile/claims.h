// Who may stand under a name (rule 14). Each service's claims are granted together
// or not at all; every grant is a function of who claims what, who is in the
// registry already and who held it before, never of the order of the calls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "adapters/adapter.h"
#include "dispatcher/reconcile/table.h"

namespace dispatcher::reconcile {

class Claims {
 public:
  enum class Outcome : uint8_t {
    kGranted,
    kRefused,
    kOpen,  // contested, and not every lane was looked into for a holder yet
  };

  // What a published service claims now; {} if it claims nothing (any more).
  // `holding`: entries of it are in the registry.
  void Set(ServiceId service, const ServiceKey& key, const std::vector<Claim>& claims, bool holding);
  void SetHolding(ServiceId service, bool holding);
  // Each lane was read, or failed to be: whoever holds something is known by now.
  void Settle();

  Outcome Of(ServiceId service) const;
  // kRefused: "name web is held by /web".
  std::string Reason(ServiceId service) const;
  // Services whose outcome changed since the last call, each once, sorted.
  std::vector<ServiceId> TakeChanged();

 private:
  struct Claimant {
    ServiceKey key;
    absl::InlinedVector<Claim, 1> claims;
    bool holding = false;
    bool confirmed = false;  // was granted while in the registry: keeps it through zero instances
    Outcome outcome = Outcome::kGranted;
    SharedString reason;
  };

  std::vector<ServiceId> Component(std::vector<ServiceId> from) const;
  void Resolve(const std::vector<ServiceId>& component);
  void Decide(ServiceId service, Outcome outcome, const std::string& reason);
  bool Contested(ServiceId service) const;

  absl::flat_hash_map<ServiceId, Claimant> claimants_;
  absl::flat_hash_map<SharedString, absl::InlinedVector<ServiceId, 4>> by_what_;  // nearly always one
  std::vector<ServiceId> changed_;
  bool settled_ = false;
};

}  // namespace dispatcher::reconcile
