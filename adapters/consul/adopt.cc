#include "adapters/consul/adopt.h"

#include <string>

#include "adapters/consul/adopt_allegro.h"
#include "adapters/consul/adopt_scripts.h"
#include "adapters/succession/succession.h"

namespace dispatcher {
namespace {

// Ours stands beside theirs: the ids differ, and in mode catalog the nodes.
class ConsulSuccession : public Succession {
 public:
  absl::StatusOr<std::string> Obstacle(const Entry& theirs, const Entry& /*ours*/,
                                       const Entry* there) override {
    const bool worse =
        there != nullptr && !FieldOf(*there, "status").empty() && FieldOf(theirs, "status").empty();
    return worse ? "ours is " + std::string(FieldOf(*there, "status")) + " and it is not" : std::string();
  }
};

}  // namespace

std::vector<Adoption> AdoptInConsul(const ConsulSite& site, const AdoptionRequest& request,
                                    const Cancel& cancel) {
  switch (request.from) {
    case Maker::kScripts:
      return AdoptScriptsEntries(site, request, cancel);
    case Maker::kAllegro:
      return AdoptAllegroEntries(site, request, cancel);
    case Maker::kOwner:
      break;
  }
  ConsulSuccession succession;
  return AdoptOwner(site.adapter, succession, request, cancel);
}

}  // namespace dispatcher
