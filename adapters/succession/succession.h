// Taking over what a dispatcher of another owner wrote (`--adopt owner:OLD`). With the
// same settings but the owner it would write the same entries as we do, one for one,
// under other ids: so each of its entries is paired with ours by rendering both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/adapter.h"

namespace dispatcher {

// What a registry adds to it. The defaults are for one in which ours stands beside theirs.
class Succession {
 public:
  virtual ~Succession() = default;

  // True for what only one of the two can be there of, such as a route: it is exchanged.
  virtual bool Exclusive(std::string_view /*kind*/) const { return false; }
  // Puts ours in the place of theirs, without a moment with neither; returns how.
  // FailedPrecondition: theirs has to stay, and why.
  virtual absl::StatusOr<std::string> Exchange(const EntryId& /*theirs*/, const Entry& /*ours*/) {
    return absl::UnimplementedError("nothing is exclusive here");
  }
  // Why theirs has to stay although ours is there, or could take its place; "": it may go.
  // `there`: our entry as the registry has it, null where it has none. Writes nothing.
  virtual absl::StatusOr<std::string> Obstacle(const Entry& /*theirs*/, const Entry& /*ours*/,
                                               const Entry* /*there*/) {
    return std::string();
  }
  // What is left of a `theirs` that is no more, because its exchange was broken off.
  virtual std::optional<EntryId> RestOf(const EntryId& /*theirs*/) { return std::nullopt; }
};

// Adapter::Adopt from `request.predecessor`. Exclusive entries first, and only when all
// that they lead to stands; then the others, each when ours stands or its task has ended.
// Once something of a service has to stay, what it needs stays with it.
std::vector<Adoption> AdoptOwner(Adapter& adapter, Succession& registry, const AdoptionRequest& request,
                                 const Cancel& cancel);

}  // namespace dispatcher
