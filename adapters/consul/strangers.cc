#include "adapters/consul/strangers.h"

#include <optional>
#include <utility>

#include "adapters/consul/catalog_read.h"
#include "adapters/may_write.h"

namespace dispatcher {
namespace {

using Outcome = Adoption::Outcome;

absl::Status Deregister(const ConsulApi& agent, const std::string& id, const Cancel& cancel) {
  ASSIGN_OR_RETURN(const HttpResponse response,
                   agent.Put(HttpPath("/v1/agent/service/deregister", {id}), "", "", cancel));
  const bool not_there = response.status == 404 || response.status == 500;
  return not_there && response.body.starts_with("Unknown service") ? absl::OkStatus()
                                                                   : ConsulApi::StatusOf(response);
}

}  // namespace

std::string NameOf(const Registered& entry) {
  return "service " + entry.registration.name + " on node " + entry.node;
}

absl::StatusOr<CatalogContent> ReadAllNodes(const ConsulApi& servers, std::string_view owner,
                                            const Cancel& cancel) {
  RETURN_IF_ERROR(servers.ProveReadable(cancel));
  ASSIGN_OR_RETURN(const JsonDocument nodes, servers.Get("/v1/catalog/nodes", "", cancel));
  CatalogContent content;
  for (size_t i = 0; i < nodes.root().size(); ++i) {
    const JsonView node = nodes.root().At(i);
    const std::string name = node["Node"].StringOr(""), address = node["Address"].StringOr("");
    ASSIGN_OR_RETURN(std::optional<CatalogNode> found, GetCatalogNode(servers, name, cancel));
    for (size_t k = 0; found.has_value() && k < found->services.size(); ++k) {
      Registration& registration = found->services[k];
      (IsOwn(registration, owner) ? content.ours : content.strangers)
          .push_back({name, address, std::move(registration)});
    }
  }
  return content;
}

absl::StatusOr<bool> Evictor::RunsAgent(const std::string& node) {
  ASSIGN_OR_RETURN(const JsonDocument checks, servers_.Get(HttpPath("/v1/health/node", {node}), "", cancel_));
  bool found = false;
  checks.root().ForEach(
      [&](JsonView check) { found = found || check["CheckID"].StringOr("") == "serfHealth"; });
  return found;
}

absl::Status Evictor::Remove(const Registered& theirs) {
  RETURN_IF_ERROR(MayWrite(request_.deadline, cancel_));
  ASSIGN_OR_RETURN(const ConsulApi* const agent, agents_.Of(theirs.node_address));
  return Deregister(*agent, theirs.registration.id, cancel_);
}

Adoption Evictor::Evict(const Registered& theirs) {
  Adoption adoption;
  adoption.what = NameOf(theirs);
  const absl::StatusOr<bool> runs_agent = RunsAgent(theirs.node);
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

}  // namespace dispatcher
