#include "adapters/consul/adopt_scripts.h"

#include <map>
#include <string>

#include "adapters/consul/strangers.h"

namespace dispatcher {
namespace {

using Outcome = Adoption::Outcome;

struct Ours {
  std::string address;  // "router:10000"
  bool stands = false;
};

// By name.
std::map<std::string, Ours> OursByName(const ConsulSite& site, const AdoptionRequest& request,
                                       const std::vector<Registered>& there) {
  std::map<std::string, Ours> ours;
  for (const Entry& entry : StructureOf(site.adapter, request)) {
    ours[std::string(FieldOf(entry, "name"))].address = FieldOf(entry, "address");
  }
  for (const Registered& own : there) {
    const Registration& found = own.registration;
    if (const auto mine = ours.find(found.name); mine != ours.end()) {
      mine->second.stands = mine->second.stands ||
                            HostPort(found.address, static_cast<int>(found.port)) == mine->second.address;
    }
  }
  return ours;
}

// "" if it is just as the scripts make them, but for the port.
std::string UnlikeScripts(const Registration& registration) {
  return registration.id != registration.name ? "its id is not its name"
         : !registration.tags.empty()         ? "it has tags"
         : !registration.address.empty()      ? "it has an address of its own"
         : !registration.owner.empty()        ? "it is another dispatcher's"
                                              : "";
}

// Why an entry that has the name of one of ours stays; "" if it may go.
std::string Obstacle(const Registration& found, const Ours& ours, bool dry_run) {
  std::string why = UnlikeScripts(found);
  const int64_t port = SplitHostPort(ours.address).second;
  if (why.empty() && found.port != port) {
    why = "its port is " + std::to_string(found.port) + ", that of ours is " + std::to_string(port);
  }
  return why.empty() && !ours.stands && !dry_run ? "ours does not stand beside it" : why;
}

}  // namespace

std::vector<Adoption> AdoptScriptsEntries(const ConsulSite& site, const AdoptionRequest& request,
                                          const Cancel& cancel) {
  if (site.options.publish != "router") {
    return {{Outcome::kLeft, "every entry",
             "a name stands for the instances here, with the scripts it stood for the router: set publish: "
             "router"}};
  }
  const absl::StatusOr<CatalogContent> found = ReadAllNodes(site.servers, site.options.owner, cancel);
  if (!found.ok()) {
    return {{Outcome::kFailed, "reading the catalog", Text(found.status())}};
  }
  const std::map<std::string, Ours> ours = OursByName(site, request, found->ours);
  std::vector<Adoption> adoptions;
  Evictor evictor(site.servers, site.agents, request, cancel);
  for (const Registered& theirs : found->strangers) {
    const Registration& registration = theirs.registration;
    if (const auto mine = ours.find(registration.name); mine != ours.end()) {
      const std::string why = Obstacle(registration, mine->second, request.dry_run);
      adoptions.push_back(why.empty() ? evictor.Evict(theirs)
                                      : Adoption{Outcome::kLeft, NameOf(theirs), why});
    } else if (UnlikeScripts(registration).empty() && registration.name != "consul") {
      adoptions.push_back({Outcome::kLeft, NameOf(theirs), "no app that is published here is called so"});
    }
  }
  return adoptions;
}

}  // namespace dispatcher
