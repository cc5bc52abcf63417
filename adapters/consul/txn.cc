#include "adapters/consul/txn.h"

#include "adapters/consul/registration.h"

namespace dispatcher {

std::string NodeSet(std::string_view node, std::string_view address, std::string_view owner,
                    std::string_view datacenter) {
  JsonWriter json;
  json.BeginObject().Key("Node").BeginObject().Field("Verb", "set").Key("Node").BeginObject();
  json.Field("Node", node).Field("Address", address);
  if (!datacenter.empty()) {
    json.Field("Datacenter", datacenter);
  }
  // consul-esm probes external nodes unless told not to.
  json.Key("Meta").BeginObject().Field("external-node", "true").Field("external-probe", "false");
  json.Field(kOwnerKey, owner).EndObject();
  json.EndObject().EndObject().EndObject();
  return json.Take();
}

std::string NodeDelete(std::string_view node) {
  JsonWriter json;
  json.BeginObject().Key("Node").BeginObject().Field("Verb", "delete").Key("Node").BeginObject();
  json.Field("Node", node).EndObject().EndObject().EndObject();
  return json.Take();
}

std::string ServiceDelete(std::string_view node, std::string_view service_id) {
  JsonWriter json;
  json.BeginObject().Key("Service").BeginObject().Field("Verb", "delete").Field("Node", node);
  // Consul demands a name and does not look at it.
  json.Key("Service").BeginObject().Field("ID", service_id).Field("Service", "-").EndObject();
  json.EndObject().EndObject();
  return json.Take();
}

std::string CheckId(std::string_view service_id) { return std::string(service_id) + "health"; }

std::string CheckSet(std::string_view node, std::string_view service_id, std::string_view service_name,
                     std::string_view note) {
  JsonWriter json;
  json.BeginObject().Key("Check").BeginObject().Field("Verb", "set").Key("Check").BeginObject();
  json.Field("Node", node).Field("CheckID", CheckId(service_id)).Field("Name", "Marathon's view");
  json.Field("Status", "critical").Field("Notes", note);
  json.Field("ServiceID", service_id).Field("ServiceName", service_name);
  json.EndObject().EndObject().EndObject();
  return json.Take();
}

std::string CheckDelete(std::string_view node, std::string_view service_id) {
  JsonWriter json;
  json.BeginObject().Key("Check").BeginObject().Field("Verb", "delete").Key("Check").BeginObject();
  json.Field("Node", node).Field("CheckID", CheckId(service_id));
  json.EndObject().EndObject().EndObject();
  return json.Take();
}

std::string SessionCheck(std::string_view key, std::string_view session) {
  JsonWriter json;
  json.BeginObject().Key("KV").BeginObject().Field("Verb", "check-session").Field("Key", key);
  json.Field("Session", session).EndObject().EndObject();
  return json.Take();
}

TxnOutcome SendTxn(const ConsulApi& api, const std::string& session_check,
                   const std::vector<std::string>& operations, const Cancel& cancel) {
  size_t size = 2 + session_check.size();
  for (const std::string& operation : operations) {
    size += operation.size() + 1;
  }
  std::string body;
  body.reserve(size);
  body.push_back('[');
  body.append(session_check);
  for (const std::string& operation : operations) {
    body.append(body.size() > 1 ? "," : "").append(operation);
  }
  body.push_back(']');

  TxnOutcome outcome;
  const absl::StatusOr<HttpResponse> response = api.Put("/v1/txn", "", std::move(body), cancel);
  if (!response.ok()) {
    outcome.status = response.status();
    return outcome;
  }
  outcome.status = Annotate(ConsulApi::StatusOf(*response), "/v1/txn");
  outcome.too_large = response->status == 413;
  if (response->status != 409) {
    return outcome;
  }
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response->body);
  std::string lock_error;
  if (document.ok()) {
    document->root()["Errors"].ForEach([&](JsonView error) {
      int64_t index = error["OpIndex"].IntOr(-1);
      if (!session_check.empty() && index-- == 0) {
        lock_error = error["What"].StringOr("the check of its session failed");
      }
      if (index >= 0 && static_cast<size_t>(index) < operations.size()) {
        outcome.errors.push_back({static_cast<size_t>(index), error["What"].StringOr("")});
      }
    });
  }
  if (!lock_error.empty()) {
    outcome.lock_lost = true;
    outcome.errors.clear();
    outcome.status =
        lock_error.find("Permission denied") != std::string::npos
            ? absl::PermissionDeniedError(
                  "the adapter's token may not read the key of the lock (leader.key): it needs key_prefix "
                  "read for it")
            : absl::CancelledError("the lock is not held any more: " + lock_error.substr(0, 200));
    return outcome;
  }
  outcome.status =
      outcome.errors.empty()
          ? absl::UnavailableError("/v1/txn: Consul refused the transaction without naming an operation")
          : absl::AbortedError("/v1/txn: refused");
  return outcome;
}

}  // namespace dispatcher
