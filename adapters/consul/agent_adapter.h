// Consul's agent mode: each instance is registered at the agent of its task's host,
// which then runs Marathon's health checks itself. A lane is a host.
//
// What is there is read from the catalog, which answers for agents that are down.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "adapters/adapter.h"
#include "adapters/consul/agent_book.h"
#include "adapters/consul/agents.h"
#include "adapters/consul/api.h"
#include "adapters/consul/consul.h"
#include "adapters/consul/datacenter.h"
#include "adapters/framework.h"
#include "adapters/publish.h"

namespace dispatcher {

// Entries: kind "service", id "<service id>", lane the task's host, fields of
// registration.h and
//   checks   "<hash of the definitions>/<how many>"; the definitions are in `extra`,
//            because Consul doesn't give them back
//   status   "held": in maintenance by us, because the instance is draining, or
//            because it is critical and no check of ours would show it. The status
//            of the checks themselves is the agent's business.
class AgentAdapter : public Adapter {
 public:
  AgentAdapter(ConsulOptions options, Expose expose, std::unique_ptr<ConsulApi> api,
               std::shared_ptr<Secret> token, HttpClientOptions agent_http);

  Traits GetTraits() const override;
  Rendered Render(const Service& service) const override;
  std::vector<Entry> Render(const Service& service, const Instance& instance) const override;
  absl::StatusOr<std::vector<std::string>> Lanes(const Cancel& cancel) override;
  absl::Status Read(std::string_view lane, const Cancel& cancel,
                    absl::FunctionRef<void(Entry)> visit) override;
  std::vector<absl::Status> Write(std::string_view lane, std::span<const Change> changes, Mono deadline,
                                  const Cancel& cancel) override;
  void SetFramework(std::string_view framework) override;
  std::vector<Adoption> Adopt(const AdoptionRequest& request, const Cancel& cancel) override;

 private:
  // The nodes that hold the lane's services: as the last Lanes found them, else
  // the one that the host's agent says it is.
  absl::StatusOr<std::set<std::string>> NodesOf(std::string_view lane, const Cancel& cancel);
  absl::Status ReadNode(const std::string& node, std::string_view lane, const Cancel& cancel,
                        absl::FunctionRef<void(Entry)> visit);

  const ConsulOptions options_;
  const Expose expose_;
  const std::unique_ptr<ConsulApi> api_;
  ConsulAgents agents_;
  HomeDatacenter home_;
  AgentBook book_;
  FrameworkMark framework_;
};

inline constexpr std::string_view kHeldStatus = "held";
// The note of a maintenance that is ours; an operator's says something else.
inline constexpr std::string_view kHeldReason = "dispatcher: held back from traffic";

}  // namespace dispatcher
