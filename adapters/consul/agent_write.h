// One Adapter::Write of the agent mode: changes of one host, one call after the
// other at its agent.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "adapters/consul/agent_book.h"
#include "adapters/consul/api.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

// Used once, by one thread.
class AgentWrite {
 public:
  // `servers` is where the catalog is, `nodes` where the lane's services were seen.
  AgentWrite(const ConsulApi& agent, const ConsulApi& servers, std::string_view owner, std::string_view lane,
             std::set<std::string> nodes, AgentBook& book, const Cancel& cancel);

  // One status a change, by adapter.h's codes. Once the agent did not answer it is
  // not asked again.
  std::vector<absl::Status> Run(std::span<const Change> changes, Mono deadline);

 private:
  absl::Status Put(const Entry& entry);
  absl::Status Delete(const std::string& id);
  // Checks that went from the definition: replace-existing-checks would take an
  // operator's maintenance along.
  absl::Status RemoveChecks(const std::string& id, uint32_t checks);
  absl::Status Hold(const std::string& id, bool hold);
  // A PUT to the agent; `done_if` is how a 404 or 500 begins that means "not there".
  absl::Status Call(std::string_view path, std::string_view query, std::string body,
                    std::string_view done_if);
  // Takes a service out of the catalog, if its agent can't do it any more: its
  // node is gone, or serfHealth is critical. Otherwise returns `why_not`.
  absl::Status DeleteFromCatalog(const std::string& id, const absl::Status& why_not);
  absl::StatusOr<bool> NodeIsDown(const std::string& node);

  const ConsulApi& agent_;
  const ConsulApi& servers_;
  const std::string owner_;
  const std::string lane_;
  const std::set<std::string> nodes_;
  AgentBook& book_;
  const Cancel& cancel_;
  Mono deadline_ = Mono::max();
  absl::Status dead_;  // why the agent is not asked any more
};

}  // namespace dispatcher
