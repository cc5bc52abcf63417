#include "adapters/consul/agent_adapter.h"

#include <utility>

#include "adapters/consul/adopt.h"
#include "adapters/consul/agent_write.h"
#include "adapters/consul/checks.h"
#include "adapters/consul/registration.h"
#include "adapters/consul/routed.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr std::string_view kMaintenance = "_service_maintenance:";

// Checks of ours on the services of a node, by service id.
using Seen = std::map<std::string, AgentService, std::less<>>;

Seen SeenChecks(JsonView checks) {
  Seen seen;
  checks.ForEach([&](JsonView check) {
    const std::string service = check["ServiceID"].StringOr("");
    const std::string id = check["CheckID"].StringOr("");
    if (service.empty()) {
      return;
    }
    AgentService& found = seen[service];
    const std::string prefix = AgentCheckPrefix(service);
    if (id == std::string(kMaintenance) + service) {
      found.held = check["Notes"].StringOr("") == kHeldReason;
    } else if (id.starts_with(prefix)) {
      const int64_t index = ParseInt(std::string_view(id).substr(prefix.size())).value_or(-1);
      if (index >= 0 && index < static_cast<int64_t>(kMaxChecks)) {
        found.checks |= uint32_t{1} << index;
      }
    }
  });
  return seen;
}

size_t CountBits(uint32_t bits) {
  size_t count = 0;
  for (; bits != 0; bits >>= 1) {
    count += bits & 1u;
  }
  return count;
}

}  // namespace

AgentAdapter::AgentAdapter(ConsulOptions options, Expose expose, std::unique_ptr<ConsulApi> api,
                           std::shared_ptr<Secret> token, HttpClientOptions agent_http)
    : options_(std::move(options)),
      expose_(expose),
      api_(std::move(api)),
      agents_(options_.agent_url, std::move(token), std::move(agent_http)),
      home_(*api_, options_.datacenter) {}

Traits AgentAdapter::GetTraits() const {
  // An agent syncs each write to its disk: a small batch keeps a lane's turn short.
  return {.type = "consul",
          .tier = Tier::kDiscovery,
          .batch = 32,
          .parallelism = 8,
          .atomic = false,
          .lanes = true,
          .own_entries = true};
}

Rendered AgentAdapter::Render(const Service& service) const {
  if (options_.publish != "router") {
    return RenderService(service, options_.name, expose_);
  }
  Rendered rendered = RenderRouted(service, options_, expose_, framework_.Get());
  for (Entry& entry : rendered.structure) {
    entry.id = {options_.router_address, std::string(kRegistrationKind), entry.id.id};
  }
  return rendered;
}

std::vector<Entry> AgentAdapter::Render(const Service& service, const Instance& instance) const {
  std::vector<Entry> entries;
  if (options_.publish == "router") {
    return entries;
  }
  for (const Registration& registration :
       RegistrationsOf(options_.owner, framework_.Get(), service, instance)) {
    Entry entry = EntryOf(registration);
    entry.id = {HostOf(instance), std::string(kRegistrationKind), registration.id};
    MappedChecks checks = MapChecks(instance, registration.id, options_.script_checks);
    if (checks.count > 0) {
      entry.fields["checks"] = checks.hash + "/" + std::to_string(checks.count);
      entry.extra = std::move(checks.json);
    }
    if (instance.condition == Condition::kDraining ||
        (instance.condition == Condition::kCritical && checks.count == 0)) {
      entry.fields["status"] = kHeldStatus;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

absl::StatusOr<std::vector<std::string>> AgentAdapter::Lanes(const Cancel& cancel) {
  RETURN_IF_ERROR(api_->ProveReadable(cancel));
  ASSIGN_OR_RETURN(const JsonDocument nodes, api_->Get("/v1/catalog/nodes", "", cancel));
  if (!nodes.root().IsArray() || nodes.root().size() == 0) {
    return absl::UnavailableError("/v1/catalog/nodes: the answer lists no node");
  }
  // Only saves bytes: Consul before 1.5 ignores it.
  const std::string filter =
      "filter=" + PercentEncode("Meta[\"" + std::string(kOwnerKey) + "\"] == \"" + options_.owner + "\"");
  std::map<std::string, std::set<std::string>, std::less<>> by_lane;
  for (size_t i = 0; i < nodes.root().size(); ++i) {
    if (cancel.stop_requested()) {
      return absl::CancelledError("cancelled while listing the nodes");
    }
    const std::string node = nodes.root().At(i)["Node"].StringOr("");
    ASSIGN_OR_RETURN(const JsonDocument content,
                     api_->Get(HttpPath("/v1/catalog/node", {node}), filter, cancel));
    content.root()["Services"].ForEachMember([&](std::string_view, JsonView service) {
      const Registration registration = ParseRegistration(service);
      if (IsOwn(registration, options_.owner) && !registration.host.empty()) {
        by_lane[registration.host].insert(node);
      }
    });
  }
  std::vector<std::string> lanes;
  for (const auto& [lane, on] : by_lane) {
    lanes.push_back(lane);
  }
  book_.SetNodes(std::move(by_lane));
  return lanes;
}

absl::StatusOr<std::set<std::string>> AgentAdapter::NodesOf(std::string_view lane, const Cancel& cancel) {
  std::set<std::string> nodes = book_.Nodes(lane);
  if (!nodes.empty()) {
    return nodes;
  }
  ASSIGN_OR_RETURN(const ConsulApi* agent, agents_.Of(lane));
  ASSIGN_OR_RETURN(const JsonDocument self, agent->Get("/v1/agent/self", "", cancel));
  const std::string node = self.root()["Config"]["NodeName"].StringOr("");
  if (node.empty()) {
    return Error(absl::StatusCode::kUnavailable, "the agent of ", lane, " does not say which node it is");
  }
  book_.AddNode(lane, node);
  return std::set<std::string>{node};
}

absl::Status AgentAdapter::ReadNode(const std::string& node, std::string_view lane, const Cancel& cancel,
                                    absl::FunctionRef<void(Entry)> visit) {
  ASSIGN_OR_RETURN(const JsonDocument content, api_->Get(HttpPath("/v1/catalog/node", {node}), "", cancel));
  ASSIGN_OR_RETURN(const JsonDocument checks, api_->Get(HttpPath("/v1/health/node", {node}), "", cancel));
  if (!content.root().IsNull() && !content.root()["Node"].IsObject()) {
    return Error(absl::StatusCode::kUnavailable, "/v1/catalog/node/", node, ": the answer is no node");
  }
  const Seen seen = SeenChecks(checks.root());
  content.root()["Services"].ForEachMember([&](std::string_view, JsonView service) {
    const Registration registration = ParseRegistration(service);
    if (!IsOwn(registration, options_.owner)) {
      if (registration.id.starts_with(options_.owner + ":")) {
        book_.Set(registration.id, {.foreign = true});
      }
      return;
    }
    if (registration.host != lane) {
      return;
    }
    const auto found = seen.find(registration.id);
    const AgentService state = found == seen.end() ? AgentService() : found->second;
    book_.Set(registration.id, state);
    Entry entry = EntryOf(registration);
    entry.id = {std::string(lane), std::string(kRegistrationKind), registration.id};
    if (!registration.checks.empty() || state.checks != 0) {
      entry.fields["checks"] = registration.checks + "/" + std::to_string(CountBits(state.checks));
    }
    if (state.held) {
      entry.fields["status"] = kHeldStatus;
    }
    visit(std::move(entry));
  });
  return absl::OkStatus();
}

absl::Status AgentAdapter::Read(std::string_view lane, const Cancel& cancel,
                                absl::FunctionRef<void(Entry)> visit) {
  RETURN_IF_ERROR(api_->ProveReadable(cancel));
  ASSIGN_OR_RETURN(const std::set<std::string> nodes, NodesOf(lane, cancel));
  for (const std::string& node : nodes) {
    RETURN_IF_ERROR(ReadNode(node, lane, cancel, visit));
  }
  return absl::OkStatus();
}

std::vector<absl::Status> AgentAdapter::Write(std::string_view lane, std::span<const Change> changes,
                                              Mono deadline, const Cancel& cancel) {
  const absl::StatusOr<const ConsulApi*> agent = agents_.Of(lane);
  if (!agent.ok()) {
    return std::vector<absl::Status>(changes.size(), agent.status());
  }
  if (const absl::Status home = home_.Check(lane, **agent, cancel); !home.ok()) {
    return std::vector<absl::Status>(changes.size(), home);
  }
  return AgentWrite(**agent, *api_, options_.owner, lane, book_.Nodes(lane), book_, cancel)
      .Run(changes, deadline);
}

std::vector<Adoption> AgentAdapter::Adopt(const AdoptionRequest& request, const Cancel& cancel) {
  return AdoptInConsul({*this, *api_, agents_, options_}, request, cancel);
}

void AgentAdapter::SetFramework(std::string_view framework) { framework_.Set(framework); }

}  // namespace dispatcher
