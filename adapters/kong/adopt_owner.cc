#include "adapters/kong/adopt_owner.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "adapters/kong/write.h"
#include "adapters/succession/succession.h"

namespace dispatcher {
namespace {

class KongSuccession : public Succession {
 public:
  KongSuccession(const KongSite& site, const KongVersion& version, const AdoptionRequest& request,
                 KongRouting routing, const Cancel& cancel)
      : site_(site),
        old_site_(OfOwner(site, request.whose)),
        version_(version),
        routing_(std::move(routing)),
        write_(site, version, {}, request.deadline, cancel) {}

  bool Exclusive(std::string_view kind) const override { return kind == kServiceKind; }

  absl::StatusOr<std::string> Obstacle(const Entry& theirs, const Entry& /*ours*/,
                                       const Entry* there) override {
    if (theirs.id.kind != kServiceKind) {
      return std::string();
    }
    const KongService* const service = Find(theirs.id);
    if (service == nullptr) {
      return std::string("it has gone meanwhile");
    }
    if (there != nullptr && !Is(site_, *service)) {
      return std::string("ours stands beside it already: take theirs away by hand");
    }
    return RouteOf(*service) == nullptr ? "it has no route" : std::string();
  }

  absl::StatusOr<std::string> Exchange(const EntryId& theirs, const Entry& ours) override {
    const KongService* const service = Find(theirs);
    RETURN_IF_ERROR(write_.TakeOver(ours, *service, *RouteOf(*service)));
    return std::string("changed in place, what hangs on it stays");
  }

  // A service is changed before its route: this may be ours, and that still theirs.
  std::optional<EntryId> RestOf(const EntryId& theirs) override {
    const KongService* const service = theirs.kind == kServiceKind ? Find(theirs) : nullptr;
    const KongRoute* const route = service == nullptr ? nullptr : RouteOf(*service);
    return route == nullptr || !version_.HasTags()
               ? std::nullopt
               : std::optional(EntryId{"", std::string(kRouteKind), route->id});
  }

 private:
  static KongSite OfOwner(KongSite site, const std::string& owner) {
    site.owner = owner;
    return site;
  }
  bool Is(const KongSite& site, const KongService& service) const { return IsOwn(site, version_, service); }

  // Theirs, or what has become ours of it and has their route still.
  const KongService* Find(const EntryId& theirs) const {
    const std::optional<KongId> id = ParseId(old_site_.owner, theirs.id);
    const KongService* half = nullptr;
    for (const KongService& service : routing_.services) {
      if (id && BodyOfOwn(old_site_, version_, service) == id->body) {
        return &service;
      }
      if (id && version_.HasTags() && BodyOfOwn(site_, version_, service) == id->body &&
          RouteOf(service) != nullptr) {
        half = &service;
      }
    }
    return half;
  }

  const KongRoute* RouteOf(const KongService& service) const {
    const KongRoute* oldest = nullptr;
    for (const KongRoute& route : routing_.routes) {
      const bool theirs = route.service == service.id &&
                          (!version_.HasTags() ||
                           (IsOwn(old_site_, version_, route) && route.mark.body == service.mark.body));
      if (theirs &&
          (oldest == nullptr || std::tie(route.created, route.id) < std::tie(oldest->created, oldest->id))) {
        oldest = &route;
      }
    }
    return oldest;
  }

  const KongSite& site_;
  const KongSite old_site_;
  const KongVersion version_;
  const KongRouting routing_;
  KongWrite write_;
};

}  // namespace

std::vector<Adoption> AdoptOwnersObjects(const KongSite& site, const KongVersion& version, Adapter& adapter,
                                         const AdoptionRequest& request, const Cancel& cancel) {
  absl::StatusOr<KongRouting> routing = ReadRouting(*site.api, version, cancel);
  if (!routing.ok()) {
    return {{Adoption::Outcome::kFailed, "reading Kong", Text(routing.status())}};
  }
  KongSuccession succession(site, version, request, *std::move(routing), cancel);
  return AdoptOwner(adapter, succession, request, cancel);
}

}  // namespace dispatcher
