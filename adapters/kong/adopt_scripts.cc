#include "adapters/kong/adopt_scripts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "adapters/kong/write.h"
#include "adapters/publish.h"

namespace dispatcher {
namespace {

using Outcome = Adoption::Outcome;

// A service of others, and the only route that it has.
struct Theirs {
  KongService service;
  std::optional<KongRoute> route;
  size_t routes = 0;
};

std::map<std::string, Theirs> ByName(const KongSite& site, const KongVersion& version,
                                     const KongRouting& routing) {
  std::map<std::string, Theirs> by_id, by_name;
  for (const KongService& service : routing.services) {
    if (!IsOwn(site, version, service) && service.mark.owner.empty() && !service.name.empty()) {
      by_id[service.id].service = service;
    }
  }
  for (const KongRoute& route : routing.routes) {
    if (const auto found = by_id.find(route.service); found != by_id.end()) {
      found->second.route = route;
      ++found->second.routes;
    }
  }
  for (auto& [id, theirs] : by_id) {
    std::string name = theirs.service.name;
    by_name[std::move(name)] = std::move(theirs);
  }
  return by_name;
}

// "" if it is as the scripts make them, but for the host.
std::string UnlikeScripts(const Theirs& theirs) {
  if (theirs.routes != 1) {
    return "it has " + std::to_string(theirs.routes) + " routes instead of one";
  }
  const KongRoute& route = *theirs.route;
  return !route.mark.owner.empty()                         ? "its route is another dispatcher's"
         : route.hosts.size() != 1 || !route.paths.empty() ? "its route is not one whole host"
         : route.narrow                                    ? "its route takes only some of the requests"
                                                           : "";
}

class Adopter {
 public:
  Adopter(const KongSite& site, const KongVersion& version, const Adapter& adapter,
          const AdoptionRequest& request, const Cancel& cancel)
      : site_(site),
        adapter_(adapter),
        request_(request),
        write_(site, version, {}, request.deadline, cancel) {}

  void SetThere(std::set<EntryId> there) { there_ = std::move(there); }

  Adoption Take(const Service& service, const Entry& wanted, const Theirs& theirs) {
    Adoption adoption;
    adoption.what = "service " + theirs.service.name;
    adoption.why = Obstacle(service, wanted, theirs);
    if (!adoption.why.empty()) {
      return adoption;
    }
    const absl::Status status =
        request_.dry_run ? absl::OkStatus() : write_.TakeOver(wanted, theirs.service, *theirs.route);
    adoption.outcome = !status.ok() ? Outcome::kFailed : request_.dry_run ? Outcome::kWould : Outcome::kTaken;
    adoption.why = status.ok() ? "changed in place, what hangs on it stays" : Text(status);
    return adoption;
  }

 private:
  std::string Obstacle(const Service& service, const Entry& wanted, const Theirs& theirs) const {
    if (std::string unlike = UnlikeScripts(theirs); !unlike.empty()) {
      return unlike;
    }
    const std::vector<std::string> hosts = ListOf(FieldOf(wanted, "hosts"));
    const std::string& host = theirs.route->hosts.front();
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) {
      return "its host is " + host + ", which is none of ours";
    }
    if (!FieldOf(wanted, "paths").empty()) {
      return "it takes all of " + host + ", ours only some paths";
    }
    if (there_.contains(wanted.id)) {
      return "ours stands beside it already: take theirs away by hand";
    }
    if (request_.dry_run) {
      return "";
    }
    if (request_.unready.contains(service.key)) {
      return "what it would send to is not there: see the adapters above";
    }
    if (LeadsNowhere(service)) {
      return "where it is is not known: nobody has said who leads";
    }
    return site_.to_router ? "" : MissingInstances(adapter_, service, there_);
  }

  const KongSite& site_;
  const Adapter& adapter_;
  const AdoptionRequest& request_;
  KongWrite write_;
  std::set<EntryId> there_;
};

}  // namespace

absl::Status KongWrite::TakeOver(const Entry& entry, const KongService& service, const KongRoute& route) {
  const std::optional<KongId> id = ParseId(site_.owner, entry.id.id);
  if (!id.has_value()) {
    return Error(absl::StatusCode::kInvalidArgument, entry.id.id, " is no entry of ours");
  }
  return version_.HasServices()
             ? WritePair(entry, id->body, {service, route})
             : WriteApi(entry, KongName(site_.owner, id->body), KongApiObject{service, route});
}

std::vector<Adoption> AdoptScriptsObjects(const KongSite& site, const KongVersion& version,
                                          const Adapter& adapter, const AdoptionRequest& request,
                                          const Cancel& cancel) {
  std::set<EntryId> there;
  const absl::Status read = ReadKong(site, cancel, [&](Entry entry) { there.insert(entry.id); });
  const absl::StatusOr<KongRouting> routing = ReadRouting(*site.api, version, cancel);
  if (!read.ok() || !routing.ok()) {
    return {{Outcome::kFailed, "reading Kong", Text(read.ok() ? routing.status() : read)}};
  }
  std::map<std::string, Theirs> theirs = ByName(site, version, *routing);
  Adopter adopter(site, version, adapter, request, cancel);
  adopter.SetThere(std::move(there));
  std::vector<Adoption> adoptions;
  for (const auto& service : request.services) {
    for (const Entry& wanted : adapter.Render(*service).structure) {
      const auto found =
          wanted.id.kind == kServiceKind ? theirs.find(std::string(FieldOf(wanted, "name"))) : theirs.end();
      if (found != theirs.end()) {
        adoptions.push_back(adopter.Take(*service, wanted, found->second));
        theirs.erase(found);
      }
    }
  }
  for (const auto& [name, left] : theirs) {
    if (UnlikeScripts(left).empty()) {
      adoptions.push_back({Outcome::kLeft, "service " + name, "no app that is published here is called so"});
    }
  }
  return adoptions;
}

}  // namespace dispatcher
