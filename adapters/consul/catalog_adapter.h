// Consul's catalog mode: services on external nodes of our own, one for each host,
// written in transactions.
//
// Writes never go to a node that runs an agent: its anti-entropy would undo them.
#pragma once

#include <memory>
#include <string>

#include "adapters/adapter.h"
#include "adapters/consul/agents.h"
#include "adapters/consul/api.h"
#include "adapters/consul/catalog_book.h"
#include "adapters/consul/consul.h"
#include "adapters/framework.h"
#include "adapters/publish.h"
#include "dispatcher/base/mutex.h"

namespace dispatcher {

// "<owner>-<host>" in [a-z0-9-], at most 63 characters; what that leaves out is
// told apart by a hash. Dots become dashes without one.
std::string NodeName(std::string_view owner, std::string_view host);

// Entries:
//   kind "service", id "<node>/<service id>", fields of registration.h and "status":
//     not there  passing, or health not known: no check
//     critical   a check of ours is critical
//     draining   the same, and its note says so
//   kind "node", id "<node>": read only, a node of ours on which nothing is left
class CatalogAdapter : public Adapter {
 public:
  // The token and `agent_http` are for agents, which only adoption asks.
  CatalogAdapter(ConsulOptions options, Expose expose, std::unique_ptr<ConsulApi> api,
                 std::shared_ptr<Secret> token, HttpClientOptions agent_http);

  Traits GetTraits() const override;
  Rendered Render(const Service& service) const override;
  std::vector<Entry> Render(const Service& service, const Instance& instance) const override;
  absl::StatusOr<std::vector<std::string>> Lanes(const Cancel& cancel) override;
  absl::Status Read(std::string_view lane, const Cancel& cancel,
                    absl::FunctionRef<void(Entry)> visit) override;
  std::vector<absl::Status> Write(std::string_view lane, std::span<const Change> changes, Mono deadline,
                                  const Cancel& cancel) override;
  absl::StatusOr<WatchAnswer> Watch(size_t thing, uint64_t since, const Cancel& cancel) override;
  void SetFramework(std::string_view framework) override;
  void SetFence(const Fence& fence) override;
  std::vector<Adoption> Adopt(const AdoptionRequest& request, const Cancel& cancel) override;

 private:
  const ConsulOptions options_;
  const Expose expose_;
  const std::unique_ptr<ConsulApi> api_;
  ConsulAgents agents_;
  CatalogBook book_;
  Mutex write_mutex_;  // one transaction at a time: whether a node is empty depends on their order
  FrameworkMark framework_;

  Fence GetFence() const;
  mutable Mutex fence_mutex_;
  Fence fence_ ABSL_GUARDED_BY(fence_mutex_);
};

}  // namespace dispatcher
