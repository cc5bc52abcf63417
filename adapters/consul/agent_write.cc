#include "adapters/consul/agent_write.h"

#include <utility>

#include "adapters/consul/agent_adapter.h"
#include "adapters/consul/checks.h"
#include "adapters/consul/registration.h"
#include "adapters/may_write.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

bool NoAnswer(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kCancelled;
}

// "<hash>/<count>" -> the two.
std::pair<std::string_view, size_t> ChecksOf(const Entry& entry) {
  auto found = entry.fields.find("checks");
  if (found == entry.fields.end()) {
    return {"", 0};
  }
  const std::string_view text = found->second;
  const size_t slash = text.find('/');
  return {text.substr(0, slash), slash == std::string_view::npos
                                     ? 0
                                     : static_cast<size_t>(ParseInt(text.substr(slash + 1)).value_or(0))};
}

}  // namespace

AgentWrite::AgentWrite(const ConsulApi& agent, const ConsulApi& servers, std::string_view owner,
                       std::string_view lane, std::set<std::string> nodes, AgentBook& book,
                       const Cancel& cancel)
    : agent_(agent),
      servers_(servers),
      owner_(owner),
      lane_(lane),
      nodes_(std::move(nodes)),
      book_(book),
      cancel_(cancel) {}

std::vector<absl::Status> AgentWrite::Run(std::span<const Change> changes, Mono deadline) {
  deadline_ = deadline;
  std::vector<absl::Status> results;
  results.reserve(changes.size());
  for (const Change& change : changes) {
    const std::string& id = change.id.id;
    if (absl::Status may = MayWrite(deadline_, cancel_); !may.ok()) {
      results.push_back(std::move(may));
    } else if (!id.starts_with(owner_ + ":") || book_.Get(id).foreign) {
      results.push_back(Error(absl::StatusCode::kFailedPrecondition, "\"", id, "\" in Consul lacks the mark ",
                              kOwnerKey, "=", owner_, ": it is left alone"));
    } else {
      results.push_back(change.op == Op::kPut ? Put(*change.entry) : Delete(id));
    }
  }
  return results;
}

absl::Status AgentWrite::Call(std::string_view path, std::string_view query, std::string body,
                              std::string_view done_if) {
  if (!dead_.ok()) {
    return dead_;
  }
  RETURN_IF_ERROR(MayWrite(deadline_, cancel_));
  const absl::StatusOr<HttpResponse> response = agent_.Put(path, query, std::move(body), cancel_);
  if (!response.ok()) {
    dead_ = response.status();
    return dead_;
  }
  const bool not_there = response->status == 404 || response->status == 500;
  if (!done_if.empty() && not_there && response->body.starts_with(done_if)) {
    return absl::OkStatus();
  }
  return Annotate(ConsulApi::StatusOf(*response), path);
}

absl::Status AgentWrite::Put(const Entry& entry) {
  RETURN_IF_ERROR(CheckWritable(entry));
  const std::string& id = entry.id.id;
  const auto [hash, count] = ChecksOf(entry);
  JsonWriter json;
  json.BeginObject();
  WriteRegistration(json, entry, id, owner_, "Name", lane_, hash);
  if (count > 0) {
    json.Key("Checks").Raw(entry.extra);
  }
  json.EndObject();
  RETURN_IF_ERROR(Call("/v1/agent/service/register", "", json.Take(), ""));

  AgentService known = book_.Get(id);
  const uint32_t wanted = (uint32_t{1} << count) - 1;
  const uint32_t surplus = known.checks & ~wanted;
  known.checks |= wanted;
  book_.Set(id, known);
  RETURN_IF_ERROR(RemoveChecks(id, surplus));
  known.checks = wanted;
  book_.Set(id, known);

  const bool hold = entry.fields.contains("status");
  if (hold != known.held) {
    RETURN_IF_ERROR(Hold(id, hold));
    known.held = hold;
    book_.Set(id, known);
  }
  return absl::OkStatus();
}

absl::Status AgentWrite::RemoveChecks(const std::string& id, uint32_t checks) {
  for (size_t i = 0; i < kMaxChecks; ++i) {
    if ((checks >> i) & 1u) {
      const std::string check = AgentCheckId(id, i);
      RETURN_IF_ERROR(Call(HttpPath("/v1/agent/check/deregister", {check}), "", "", "Unknown check"));
    }
  }
  return absl::OkStatus();
}

absl::Status AgentWrite::Hold(const std::string& id, bool hold) {
  const std::string query =
      hold ? "enable=true&reason=" + PercentEncode(kHeldReason) : std::string("enable=false");
  return Call(HttpPath("/v1/agent/service/maintenance", {id}), query, "", "");
}

absl::Status AgentWrite::Delete(const std::string& id) {
  // With ACLs up to 1.10 a missing id is a 500, from 1.11 on a 404 for everybody.
  absl::Status status = Call(HttpPath("/v1/agent/service/deregister", {id}), "", "", "Unknown service");
  if (NoAnswer(status) && !cancel_.stop_requested()) {
    status = DeleteFromCatalog(id, status);
  }
  if (status.ok()) {
    book_.Remove(id);
  }
  return status;
}

absl::StatusOr<bool> AgentWrite::NodeIsDown(const std::string& node) {
  ASSIGN_OR_RETURN(const JsonDocument document,
                   servers_.Get(HttpPath("/v1/health/node", {node}), "", cancel_));
  bool down = document.root().size() == 0;  // no serfHealth any more: reaped
  document.root().ForEach([&](JsonView check) {
    down =
        down || (check["CheckID"].StringOr("") == "serfHealth" && check["Status"].StringOr("") == "critical");
  });
  return down;
}

absl::Status AgentWrite::DeleteFromCatalog(const std::string& id, const absl::Status& why_not) {
  if (nodes_.empty()) {
    return why_not;
  }
  for (const std::string& node : nodes_) {
    const absl::StatusOr<bool> down = NodeIsDown(node);
    if (!down.ok() || !*down) {
      return why_not;
    }
    JsonWriter json;
    json.BeginObject().Field("Node", node).Field("ServiceID", id);
    if (!servers_.datacenter().empty()) {
      json.Field("Datacenter", servers_.datacenter());  // the query's dc is ignored here
    }
    json.EndObject();
    RETURN_IF_ERROR(MayWrite(deadline_, cancel_));
    RETURN_IF_ERROR(servers_.PutOk("/v1/catalog/deregister", "", json.Take(), cancel_));
  }
  return absl::OkStatus();
}

}  // namespace dispatcher
