#include "adapters/vulcand/adopt_owner.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "adapters/publish.h"
#include "adapters/succession/succession.h"
#include "adapters/vulcand/guards.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"
#include "adapters/vulcand/routes.h"
#include "adapters/vulcand/swap.h"

namespace dispatcher {
namespace {

class VulcandSuccession : public Succession {
 public:
  VulcandSuccession(VulcandEngine& engine, const std::string& host, std::set<std::string> exchanged,
                    const Cancel& cancel)
      : engine_(engine),
        host_(host),
        exchanged_(std::move(exchanged)),
        cancel_(cancel),
        view_(engine.Look(cancel)) {}

  absl::Status Look() {
    ASSIGN_OR_RETURN(frontends_, view_->Frontends());
    ASSIGN_OR_RETURN(listeners_, view_->Listeners());
    return absl::OkStatus();
  }

  bool Exclusive(std::string_view kind) const override {
    return kind == kFrontendKind || kind == kListenerKind;
  }

  absl::StatusOr<std::string> Obstacle(const Entry& theirs, const Entry& ours,
                                       const Entry* /*there*/) override {
    if (theirs.id.kind == kFrontendKind) {
      return AtFrontend(theirs, ours);
    }
    if (theirs.id.kind == kListenerKind) {
      return AtListener(theirs, ours);
    }
    const std::string_view backend = SplitServerId(theirs.id.id).first;
    for (const auto& [id, seen] : frontends_) {
      if (seen.backend == backend && !exchanged_.contains(id)) {
        return "frontend " + id + " sends requests to its backend, too";
      }
    }
    return std::string();
  }

  absl::StatusOr<std::string> Exchange(const EntryId& theirs, const Entry& ours) override {
    if (theirs.kind == kListenerKind) {
      ASSIGN_OR_RETURN(const std::string gap, SwapListeners(engine_, theirs, ours, host_, cancel_));
      return "exchanged for ours: " + gap;
    }
    // Vulcand is told of the two changes in their order, so no request finds neither.
    const auto seen = frontends_.find(theirs.id);
    const bool marked =
        seen != frontends_.end() && seen->second.route != RouteWithoutMark(seen->second.route);
    Entry beside = ours;
    std::string& route = beside.fields["route"];
    route = marked ? std::string(RouteWithoutMark(route)) : WithMark(route);
    RETURN_IF_ERROR(engine_.PutAnyway(beside, cancel_));
    RETURN_IF_ERROR(engine_.Has(beside.id, cancel_));
    RETURN_IF_ERROR(engine_.DeleteAnyway(theirs, cancel_));
    return std::string("ours stands in its place");
  }

 private:
  absl::StatusOr<std::string> AtFrontend(const Entry& theirs, const Entry& ours) {
    const auto seen = frontends_.find(theirs.id.id);
    if (seen == frontends_.end()) {
      return std::string("it has gone meanwhile");
    }
    if (RouteMeaning(seen->second.route) != RouteMeaning(FieldOf(ours, "route"))) {
      return "its route " + seen->second.route + " is another than ours, " +
             std::string(FieldOf(ours, "route"));
    }
    if (seen->second.tuned) {
      return std::string("its settings were changed (limits, failover or such), ours has none");
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> hung, view_->Middlewares(theirs.id.id));
    return hung.empty() ? std::string()
                        : "middleware " + hung.front() +
                              " hangs on it: put it on ours, which comes once it is gone here";
  }

  absl::StatusOr<std::string> AtListener(const Entry& theirs, const Entry& ours) {
    const auto seen = listeners_.find(theirs.id.id);
    if (seen == listeners_.end()) {
      return std::string("it has gone meanwhile");
    }
    return SameAddress(seen->second.address, FieldOf(ours, "address"))
               ? std::string()
               : "it listens on " + seen->second.address + ", ours on " +
                     std::string(FieldOf(ours, "address"));
  }

  VulcandEngine& engine_;
  const std::string& host_;
  const std::set<std::string> exchanged_;  // ids of their frontends that ours take the place of
  const Cancel& cancel_;
  const std::unique_ptr<VulcandView> view_;
  SeenFrontends frontends_;
  SeenListeners listeners_;
};

}  // namespace

std::vector<Adoption> AdoptOwnersRouting(VulcandEngine& engine, const std::string& host, Adapter& adapter,
                                         const AdoptionRequest& request, const Cancel& cancel) {
  std::set<std::string> exchanged;
  for (const Entry& entry : StructureOf(*request.predecessor, request)) {
    if (entry.id.kind == kFrontendKind) {
      exchanged.insert(entry.id.id);
    }
  }
  VulcandSuccession succession(engine, host, std::move(exchanged), cancel);
  if (const absl::Status status = succession.Look(); !status.ok()) {
    return {{Adoption::Outcome::kFailed, "reading Vulcand", Text(status)}};
  }
  return AdoptOwner(adapter, succession, request, cancel);
}

}  // namespace dispatcher
