#include "adapters/consul/catalog_read.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "adapters/consul/txn.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// "<node>/<service id>" -> status field of the check of ours on it.
using Statuses = absl::flat_hash_map<std::string, std::string>;

std::string OwnNodes(std::string_view owner) {
  return "node-meta=" + std::string(kOwnerKey) + ":" + PercentEncode(owner);
}

// External nodes have no check but those that we and other hands write, so this is
// short: an instance that is passing has none.
absl::StatusOr<Statuses> ReadStatuses(const ConsulApi& api, std::string_view owner, const Cancel& cancel) {
  ASSIGN_OR_RETURN(const JsonDocument document, api.Get("/v1/health/state/any", OwnNodes(owner), cancel));
  if (!document.root().IsArray()) {
    return absl::UnavailableError("/v1/health/state/any: the answer is no list");
  }
  Statuses statuses;
  document.root().ForEach([&](JsonView check) {
    const std::string service = check["ServiceID"].StringOr("");
    if (check["CheckID"].StringOr("") != CheckId(service)) {
      return;
    }
    const std::string status = check["Status"].StringOr("");
    const std::string note = check["Notes"].StringOr("");
    // What is not as we write it must differ from all that is rendered.
    statuses[Lower(check["Node"].StringOr("")) + "/" + service] =
        status == "critical" && (note == kCriticalStatus || note == kDrainingStatus) ? note
                                                                                     : "altered: " + status;
  });
  return statuses;
}

struct Found {
  std::vector<std::string> own, checked, foreign;
};

}  // namespace

absl::StatusOr<std::optional<CatalogNode>> GetCatalogNode(const ConsulApi& api, std::string_view node,
                                                          const Cancel& cancel) {
  ASSIGN_OR_RETURN(const JsonDocument document, api.Get(HttpPath("/v1/catalog/node", {node}), "", cancel));
  const JsonView root = document.root();
  if (root.IsNull()) {
    return std::nullopt;
  }
  if (!root["Node"].IsObject()) {
    return Error(absl::StatusCode::kUnavailable, "/v1/catalog/node/", node, ": the answer is no node");
  }
  CatalogNode found;
  found.owner = root["Node"]["Meta"][kOwnerKey].StringOr("");
  found.services.reserve(root["Services"].size());
  root["Services"].ForEachMember(
      [&](std::string_view, JsonView service) { found.services.push_back(ParseRegistration(service)); });
  return found;
}

absl::Status ReadCatalog(const ConsulApi& api, std::string_view owner, const Cancel& cancel,
                         CatalogBook& book, absl::FunctionRef<void(Entry)> visit) {
  RETURN_IF_ERROR(api.ProveReadable(cancel));
  ASSIGN_OR_RETURN(const JsonDocument nodes, api.Get("/v1/catalog/nodes", OwnNodes(owner), cancel));
  if (!nodes.root().IsArray()) {
    return absl::UnavailableError("/v1/catalog/nodes: the answer is no list");
  }
  ASSIGN_OR_RETURN(const Statuses statuses, ReadStatuses(api, owner, cancel));
  for (size_t i = 0; i < nodes.root().size(); ++i) {
    if (cancel.stop_requested()) {
      return absl::CancelledError("cancelled while reading the catalog");
    }
    const std::string node = Lower(nodes.root().At(i)["Node"].StringOr(""));
    ASSIGN_OR_RETURN(const std::optional<CatalogNode> content, GetCatalogNode(api, node, cancel));
    if (!content.has_value() || content->owner != owner) {
      continue;  // gone since it was listed
    }
    Found found;
    for (const Registration& registration : content->services) {
      if (!IsOwn(registration, owner)) {
        found.foreign.push_back(registration.id);
        continue;
      }
      found.own.push_back(registration.id);
      Entry entry = EntryOf(registration);
      entry.id = {"", std::string(kRegistrationKind), node + "/" + registration.id};
      if (auto status = statuses.find(entry.id.id); status != statuses.end()) {
        found.checked.push_back(registration.id);
        entry.fields["status"] = status->second;
      }
      visit(std::move(entry));
    }
    book.SetNode(node, found.own, found.checked, found.foreign);
    if (content->services.empty()) {
      Entry entry;
      entry.id = {"", std::string(kNodeKind), node};
      visit(std::move(entry));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<WatchAnswer> WatchCatalog(const ConsulApi& api, std::string_view owner, size_t thing,
                                         uint64_t since, const Cancel& cancel) {
  if (thing == 1) {
    // Its index moves, and it wakes, for every check of the datacenter; its text doesn't.
    return api.Wait("/v1/health/state/any", OwnNodes(owner), since, cancel);
  }
  ASSIGN_OR_RETURN(WatchAnswer answer, api.Wait("/v1/catalog/services", OwnNodes(owner), since, cancel));
  answer.state = answer.index;  // the text has names and tags alone
  return answer;
}

}  // namespace dispatcher
