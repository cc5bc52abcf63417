#include "adapters/consul/catalog_write.h"

#include <algorithm>
#include <utility>

#include "adapters/consul/catalog_read.h"
#include "adapters/consul/registration.h"
#include "adapters/may_write.h"

namespace dispatcher {
namespace {

// What one refused operation means for its change.
absl::Status Verdict(std::string_view what) {
  const std::string text = "Consul refused it: " + std::string(what.substr(0, 200));
  if (what.find("ACL not found") != std::string_view::npos) {
    return absl::UnauthenticatedError(text);
  }
  if (what.find("Permission denied") != std::string_view::npos) {
    return absl::PermissionDeniedError(text);
  }
  return absl::InvalidArgumentError(text);
}

bool IsMissingNode(std::string_view what) {
  return what.find("Missing node registration") != std::string_view::npos;
}

bool IsDenied(const absl::Status& status) {
  return status.code() == absl::StatusCode::kPermissionDenied ||
         status.code() == absl::StatusCode::kUnauthenticated;
}

}  // namespace

CatalogWrite::CatalogWrite(const ConsulApi& api, std::string_view owner, CatalogBook& book,
                           std::span<const Change> changes, Mono deadline, const Cancel& cancel)
    : api_(api),
      owner_(owner),
      book_(book),
      changes_(changes),
      deadline_(deadline),
      cancel_(cancel),
      results_(changes.size(), absl::OkStatus()) {}

CatalogWrite& CatalogWrite::CheckFirst(std::string session_check) {
  session_check_ = std::move(session_check);
  max_operations_ -= session_check_.empty() ? 0 : 1;
  return *this;
}

CatalogWrite& CatalogWrite::KeepNodes(bool keep) {
  keep_nodes_ = keep;
  return *this;
}

std::vector<absl::Status> CatalogWrite::Run() {
  for (size_t i = 0; i < changes_.size(); ++i) {
    queue_.push_back({i, false});
  }
  while (!queue_.empty()) {
    StopIfTooLate();
    if (stop_.ok()) {
      Send(Pack());
    }
    if (!stop_.ok()) {
      for (const Item& item : queue_) {
        Decide(item, stop_);
      }
      break;
    }
  }
  return std::move(results_);
}

std::string CatalogWrite::Node(const Item& item) const {
  const EntryId& id = changes_[item.change].id;
  return id.kind == kNodeKind ? id.id : id.id.substr(0, id.id.find('/'));
}

std::string CatalogWrite::ServiceIdOf(const Item& item) const {
  const std::string& id = changes_[item.change].id.id;
  const size_t slash = id.find('/');
  return slash == std::string::npos ? "" : id.substr(slash + 1);
}

bool CatalogWrite::Fits(const Txn& txn, size_t operations, size_t bytes) const {
  return txn.items.empty() || (txn.operations.size() + txn.reserved + operations <= max_operations_ &&
                               txn.bytes + bytes <= max_bytes_);
}

CatalogWrite::Txn CatalogWrite::Pack() {
  Txn txn;
  while (!queue_.empty() && stop_.ok()) {
    const Item item = queue_.front();
    const Change& change = changes_[item.change];
    const std::string node = Node(item);
    const bool ours = node.starts_with(owner_ + "-") &&
                      (change.id.kind == kNodeKind || (ServiceIdOf(item).starts_with(owner_ + ":") &&
                                                       !book_.IsForeign(node, ServiceIdOf(item))));
    if (!ours) {
      Decide(item, Error(absl::StatusCode::kFailedPrecondition, "\"", change.id.id,
                         "\" in Consul lacks the mark ", kOwnerKey, "=", owner_, ": it is left alone"));
    } else if (!(change.op == Op::kPut ? PackPut(item, txn) : PackDelete(item, txn))) {
      break;
    }
    if (stop_.ok()) {
      queue_.pop_front();
    }
  }
  if (stop_.ok()) {
    PackEmptiedNodes(txn);
  }
  return txn;
}

absl::StatusOr<std::string> CatalogWrite::NodeOperation(const std::string& node, const Entry& entry) {
  if (book_.KnowsNode(node)) {
    return std::string();
  }
  ASSIGN_OR_RETURN(const std::optional<CatalogNode> found, GetCatalogNode(api_, node, cancel_));
  if (found.has_value() && found->owner != owner_) {
    return Error(absl::StatusCode::kFailedPrecondition, "node ", node, " in Consul lacks the mark ",
                 kOwnerKey, "=", owner_, ": remove the node, or choose another owner");
  }
  if (found.has_value()) {
    return std::string();
  }
  const size_t colon = entry.address.rfind(':');
  const std::string_view address =
      entry.extra.empty() ? std::string_view(entry.address).substr(0, colon) : std::string_view(entry.extra);
  return NodeSet(node, address, owner_, api_.datacenter());
}

bool CatalogWrite::PackPut(const Item& item, Txn& txn) {
  const Entry& entry = *changes_[item.change].entry;
  if (absl::Status status = CheckWritable(entry); !status.ok()) {
    Decide(item, std::move(status));
    return true;
  }
  const std::string node = Node(item), id = ServiceIdOf(item);
  std::string node_operation;
  if (!txn.staying.contains(node)) {
    absl::StatusOr<std::string> operation = NodeOperation(node, entry);
    if (!operation.ok() && IsTransient(operation.status())) {
      StopWith(operation.status());
      return true;
    }
    if (!operation.ok()) {
      Decide(item, operation.status());
      return true;
    }
    node_operation = *std::move(operation);
  }

  JsonWriter json;
  json.BeginObject().Key("Service").BeginObject().Field("Verb", "set").Field("Node", node);
  json.Key("Service").BeginObject();
  WriteRegistration(json, entry, id, owner_, "Service", "", "");
  json.EndObject().EndObject().EndObject();
  std::vector<std::string> operations = {json.Take()};
  if (const auto status = entry.fields.find("status"); status != entry.fields.end()) {
    operations.push_back(CheckSet(node, id, entry.fields.at("name"), status->second));
  } else if (book_.HasCheck(node, id)) {
    operations.push_back(CheckDelete(node, id));
  }

  size_t bytes = node_operation.size();
  for (const std::string& operation : operations) {
    bytes += operation.size() + 1;
  }
  if (bytes > kTxnBytes) {
    Decide(item, absl::InvalidArgumentError("it is larger than a transaction of Consul may be"));
    return true;
  }
  if (!Fits(txn, operations.size() + (node_operation.empty() ? 0 : 1), bytes)) {
    return false;
  }
  if (!node_operation.empty()) {
    txn.operations.push_back(std::move(node_operation));
    txn.purposes.push_back({Purpose::kNodeSet, 0, node});
  }
  for (std::string& operation : operations) {
    txn.operations.push_back(std::move(operation));
    txn.purposes.push_back({Purpose::kChange, txn.items.size(), {}});
  }
  txn.staying.insert(node);
  txn.items.push_back(item);
  txn.bytes += bytes;
  return true;
}

bool CatalogWrite::PackDelete(const Item& item, Txn& txn) {
  const std::string node = Node(item);
  if (changes_[item.change].id.kind == kNodeKind) {
    // Found empty by a read: whether it still is, is seen when the transaction is full.
    if (!Fits(txn, 1, 0)) {
      return false;
    }
    txn.leaving[node];
    txn.items.push_back(item);
    txn.reserved += 1;
    return true;
  }
  const std::string id = ServiceIdOf(item);
  std::string operation = ServiceDelete(node, id);
  if (!Fits(txn, 2, operation.size() + 1)) {
    return false;
  }
  std::vector<std::string>& leaving = txn.leaving[node];
  leaving.push_back(id);
  if (book_.WouldBeEmpty(node, leaving)) {
    txn.reserved += 1;
  }
  txn.bytes += operation.size() + 1;
  txn.operations.push_back(std::move(operation));
  txn.purposes.push_back({Purpose::kChange, txn.items.size(), {}});
  txn.items.push_back(item);
  return true;
}

void CatalogWrite::PackEmptiedNodes(Txn& txn) {
  for (const auto& [node, leaving] : txn.leaving) {
    if (!keep_nodes_ && !txn.staying.contains(node) && book_.WouldBeEmpty(node, leaving) &&
        HoldsNothingElse(node, leaving)) {
      txn.operations.push_back(NodeDelete(node));
      txn.purposes.push_back({Purpose::kNodeDelete, 0, node});
    }
  }
}

// A node goes with all that lies on it, so Consul is asked first. If it can't say,
// the node stays and the next full pass finds it empty.
bool CatalogWrite::HoldsNothingElse(const std::string& node, const std::vector<std::string>& leaving) {
  const absl::StatusOr<std::optional<CatalogNode>> found = GetCatalogNode(api_, node, cancel_);
  if (found.ok() && !found->has_value()) {
    book_.ForgetNode(node);
  }
  if (!found.ok() || !found->has_value() || (*found)->owner != owner_) {
    return false;
  }
  for (const Registration& service : (*found)->services) {
    if (!IsOwn(service, owner_) || std::find(leaving.begin(), leaving.end(), service.id) == leaving.end()) {
      return false;
    }
  }
  const absl::StatusOr<JsonDocument> checks = api_.Get(HttpPath("/v1/health/node", {node}), "", cancel_);
  if (!checks.ok()) {
    return false;
  }
  bool foreign_check = false;
  checks->root().ForEach([&](JsonView check) { foreign_check |= check["ServiceID"].StringOr("").empty(); });
  return !foreign_check;
}

void CatalogWrite::StopIfTooLate() {
  if (const absl::Status may = MayWrite(deadline_, cancel_); !may.ok()) {
    StopWith(may);
  }
}

void CatalogWrite::Send(Txn txn) {
  StopIfTooLate();  // packing asks Consul, which may have taken long
  if (!stop_.ok() || txn.operations.empty()) {
    for (const Item& item : txn.items) {
      Decide(item, stop_);
    }
    return;
  }
  const TxnOutcome outcome = SendTxn(api_, session_check_, txn.operations, cancel_);
  if (outcome.status.ok()) {
    Applied(txn);
  } else if (outcome.lock_lost) {
    for (const Item& item : txn.items) {
      Decide(item, outcome.status);
    }
    StopWith(outcome.status);
  } else if (!outcome.errors.empty()) {
    Repair(txn, outcome.errors);
  } else if (outcome.too_large && txn.items.size() > 1) {
    // An agent with tighter limits: halve ours, for the rest of this call.
    max_operations_ = std::max<size_t>(1, txn.operations.size() / 2);
    max_bytes_ = std::max<size_t>(1, txn.bytes / 2);
    queue_.insert(queue_.begin(), txn.items.begin(), txn.items.end());
  } else {
    for (const Item& item : txn.items) {
      Decide(item, outcome.status);
    }
    if (!outcome.too_large) {
      StopWith(outcome.status);
    }
  }
}

void CatalogWrite::Applied(const Txn& txn) {
  for (const Item& item : txn.items) {
    const Change& change = changes_[item.change];
    if (change.op == Op::kPut) {
      book_.AddService(Node(item), ServiceIdOf(item), change.entry->fields.contains("status"));
    } else {
      book_.RemoveService(Node(item), ServiceIdOf(item));
    }
  }
  for (const Purpose& purpose : txn.purposes) {
    if (purpose.what == Purpose::kNodeDelete) {
      book_.ForgetNode(purpose.node);
    }
  }
}

// Nothing was applied. Each change goes once more, except those that Consul named;
// where a node was missing, its change goes again with the node.
void CatalogWrite::Repair(const Txn& txn, const std::vector<TxnOutcome::Bad>& errors) {
  std::vector<absl::Status> verdicts(txn.items.size(), absl::OkStatus());
  std::vector<bool> missing(txn.items.size(), false);
  bool denied = false;
  for (const TxnOutcome::Bad& bad : errors) {
    const Purpose& purpose = txn.purposes[bad.operation];
    const absl::Status verdict = Verdict(bad.what);
    denied = denied || IsDenied(verdict);
    if (purpose.what == Purpose::kNodeDelete) {
      keep_nodes_ = true;
      for (size_t i = 0; i < txn.items.size(); ++i) {
        if (changes_[txn.items[i].change].id.kind == kNodeKind && Node(txn.items[i]) == purpose.node) {
          verdicts[i] = verdict;
        }
      }
    } else if (purpose.what == Purpose::kNodeSet) {
      for (size_t i = 0; i < txn.items.size(); ++i) {
        if (changes_[txn.items[i].change].op == Op::kPut && Node(txn.items[i]) == purpose.node) {
          verdicts[i] = verdict;
        }
      }
    } else if (IsMissingNode(bad.what)) {
      book_.ForgetNode(Node(txn.items[purpose.item]));
      missing[purpose.item] = true;
    } else {
      verdicts[purpose.item] = verdict;
    }
  }
  // The token may have been exchanged meanwhile: then nothing was wrong with them.
  const bool again = denied && api_.RefreshToken();
  std::vector<Item> rest;
  for (size_t i = 0; i < txn.items.size(); ++i) {
    Item item = txn.items[i];
    if (again && IsDenied(verdicts[i])) {
      rest.push_back(item);
    } else if (!verdicts[i].ok()) {
      Decide(item, verdicts[i]);
    } else if (missing[i] && item.repaired) {
      Decide(item, absl::AbortedError("its node is gone again"));
    } else {
      item.repaired = item.repaired || missing[i];
      rest.push_back(item);
    }
  }
  queue_.insert(queue_.begin(), rest.begin(), rest.end());
}

}  // namespace dispatcher
