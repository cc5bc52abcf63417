#include "adapters/consul/datacenter.h"

namespace dispatcher {
namespace {

// "" if it can't be told.
std::string DatacenterOf(const ConsulApi& agent, const Cancel& cancel) {
  const absl::StatusOr<JsonDocument> self = agent.Get("/v1/agent/self", "", cancel);
  return self.ok() ? self->root()["Config"]["Datacenter"].StringOr("") : "";
}

}  // namespace

absl::Status HomeDatacenter::Check(std::string_view host, const ConsulApi& agent, const Cancel& cancel) {
  std::string ours;
  {
    MutexLock lock(mutex_);
    if (proven_.contains(host)) {
      return absl::OkStatus();
    }
    ours = ours_;
  }
  if (ours.empty()) {
    ours = DatacenterOf(api_, cancel);
  }
  const std::string theirs = DatacenterOf(agent, cancel);
  if (ours.empty() || theirs.empty()) {
    return absl::OkStatus();
  }
  if (theirs != ours) {
    return Error(absl::StatusCode::kFailedPrecondition, "the Consul agent of ", host, " is of datacenter ",
                 theirs, " and this dispatcher writes to ", ours,
                 ": run one dispatcher a datacenter, or set adapters.*.datacenter and agent_url");
  }
  MutexLock lock(mutex_);
  ours_ = ours;
  proven_.emplace(host);
  return absl::OkStatus();
}

}  // namespace dispatcher
