// Which datacenter is ours, and whether an agent is of it: what is registered at an
// agent of another one is never seen where we look, and would be written for ever.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/consul/api.h"
#include "dispatcher/base/mutex.h"

namespace dispatcher {

// Any thread.
class HomeDatacenter {
 public:
  // `api` outlives this. `named`: in the settings; "": that of the agent behind `api`.
  HomeDatacenter(const ConsulApi& api, std::string named) : api_(api), ours_(std::move(named)) {}

  // FailedPrecondition, with both names, if the agent of `host` is of another datacenter.
  // OK if it is of ours, which is asked once an agent, and if it can't be told: whoever
  // does not answer this will not take a registration either.
  absl::Status Check(std::string_view host, const ConsulApi& agent, const Cancel& cancel);

 private:
  const ConsulApi& api_;
  Mutex mutex_;
  std::string ours_ ABSL_GUARDED_BY(mutex_);  // "": not asked yet
  std::set<std::string, std::less<>> proven_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
