#include "adapters/consul/adopt.h"

#include <map>
#include <string>
#include <utility>

#include "adapters/consul/catalog_read.h"
#include "adapters/consul/registration.h"

namespace dispatcher {
namespace {

using Outcome = Adoption::Outcome;

struct Node {
  std::string name, address;
};

struct Theirs {
  Node node;
  Registration registration;
};

struct Ours {
  std::string address;  // "router:10000"
  bool stands = false;
};

// What the catalog holds of others, and which of ours stand.
absl::StatusOr<std::vector<Theirs>> Look(const ConsulApi& servers, std::string_view owner,
                                         std::map<std::string, Ours>& ours, const Cancel& cancel) {
  RETURN_IF_ERROR(servers.ProveReadable(cancel));
  ASSIGN_OR_RETURN(const JsonDocument nodes, servers.Get("/v1/catalog/nodes", "", cancel));
  std::vector<Theirs> theirs;
  for (size_t i = 0; i < nodes.root().size(); ++i) {
    const JsonView node = nodes.root().At(i);
    const std::string name = node["Node"].StringOr("");
    ASSIGN_OR_RETURN(const std::optional<CatalogNode> content, GetCatalogNode(servers, name, cancel));
    for (size_t k = 0; content.has_value() && k < content->services.size(); ++k) {
      const Registration& found = content->services[k];
      if (!IsOwn(found, owner)) {
        theirs.push_back({{name, node["Address"].StringOr("")}, found});
      } else if (const auto mine = ours.find(found.name); mine != ours.end()) {
        mine->second.stands = mine->second.stands ||
                              HostPort(found.address, static_cast<int>(found.port)) == mine->second.address;
      }
    }
  }
  return theirs;
}

// "" if it is just as the scripts make them, but for the port.
std::string UnlikeScripts(const Registration& registration) {
  return registration.id != registration.name ? "its id is not its name"
         : !registration.tags.empty()         ? "it has tags"
         : !registration.address.empty()      ? "it has an address of its own"
         : !registration.owner.empty()        ? "it is another dispatcher's"
                                              : "";
}

absl::StatusOr<bool> RunsAgent(const ConsulApi& servers, const std::string& node, const Cancel& cancel) {
  ASSIGN_OR_RETURN(const JsonDocument checks, servers.Get(HttpPath("/v1/health/node", {node}), "", cancel));
  bool found = false;
  checks.root().ForEach(
      [&](JsonView check) { found = found || check["CheckID"].StringOr("") == "serfHealth"; });
  return found;
}

absl::Status Deregister(const ConsulApi& agent, const std::string& id, const Cancel& cancel) {
  ASSIGN_OR_RETURN(const HttpResponse response,
                   agent.Put(HttpPath("/v1/agent/service/deregister", {id}), "", "", cancel));
  const bool not_there = response.status == 404 || response.status == 500;
  return not_there && response.body.starts_with("Unknown service") ? absl::OkStatus()
                                                                   : ConsulApi::StatusOf(response);
}

class Adopter {
 public:
  Adopter(const ConsulApi& servers, ConsulAgents& agents, const AdoptionRequest& request,
          const Cancel& cancel)
      : servers_(servers), agents_(agents), request_(request), cancel_(cancel) {}

  // What becomes of an entry that has the name of one of ours.
  Adoption Take(const Theirs& theirs, const Ours& ours) {
    Adoption adoption;
    const Registration& found = theirs.registration;
    adoption.what = "service " + found.name + " on node " + theirs.node.name;
    adoption.why = UnlikeScripts(found);
    const int64_t port = SplitHostPort(ours.address).second;
    if (adoption.why.empty() && found.port != port) {
      adoption.why =
          "its port is " + std::to_string(found.port) + ", that of ours is " + std::to_string(port);
    }
    if (adoption.why.empty() && !ours.stands && !request_.dry_run) {
      adoption.why = "ours does not stand beside it";
    }
    if (!adoption.why.empty()) {
      return adoption;
    }
    const absl::StatusOr<bool> runs_agent = RunsAgent(servers_, theirs.node.name, cancel_);
    if (runs_agent.ok() && !*runs_agent) {
      adoption.why = "its node runs no agent: take it out of the catalog by hand";
      return adoption;
    }
    const absl::Status status = !runs_agent.ok()   ? runs_agent.status()
                                : request_.dry_run ? absl::OkStatus()
                                                   : Remove(theirs);
    adoption.outcome = !status.ok() ? Outcome::kFailed : request_.dry_run ? Outcome::kWould : Outcome::kTaken;
    adoption.why = status.ok() ? "deregistered at its agent, ours stands in its place" : Text(status);
    return adoption;
  }

 private:
  absl::Status Remove(const Theirs& theirs) {
    if (cancel_.stop_requested() || MonoClock::now() >= request_.deadline) {
      return absl::DeadlineExceededError("the time was over before it was its turn");
    }
    ASSIGN_OR_RETURN(const ConsulApi* const agent, agents_.Of(theirs.node.address));
    return Deregister(*agent, theirs.registration.id, cancel_);
  }

  const ConsulApi& servers_;
  ConsulAgents& agents_;
  const AdoptionRequest& request_;
  const Cancel& cancel_;
};

}  // namespace

std::vector<Adoption> AdoptScriptsEntries(const ConsulApi& servers, ConsulAgents& agents,
                                          const ConsulOptions& options, const AdoptionRequest& request,
                                          const std::vector<Entry>& wanted, const Cancel& cancel) {
  if (options.publish != "router") {
    return {{Outcome::kLeft, "every entry",
             "a name stands for the instances here, with the scripts it stood for the router: set publish: "
             "router"}};
  }
  std::map<std::string, Ours> ours;
  for (const Entry& entry : wanted) {
    ours[std::string(FieldOf(entry, "name"))].address = FieldOf(entry, "address");
  }
  const absl::StatusOr<std::vector<Theirs>> found = Look(servers, options.owner, ours, cancel);
  if (!found.ok()) {
    return {{Outcome::kFailed, "reading the catalog", Text(found.status())}};
  }
  std::vector<Adoption> adoptions;
  Adopter adopter(servers, agents, request, cancel);
  for (const Theirs& theirs : *found) {
    const Registration& registration = theirs.registration;
    if (const auto mine = ours.find(registration.name); mine != ours.end()) {
      adoptions.push_back(adopter.Take(theirs, mine->second));
    } else if (UnlikeScripts(registration).empty() && registration.name != "consul") {
      adoptions.push_back({Outcome::kLeft, "service " + registration.name + " on node " + theirs.node.name,
                           "no app that is published here is called so"});
    }
  }
  return adoptions;
}

}  // namespace dispatcher
