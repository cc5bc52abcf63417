// What the agent adapter remembers of lanes and services. Only saves requests: each
// of its answers may be wrong, and the adapter survives that.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "dispatcher/base/mutex.h"

namespace dispatcher {

// A service of ours as it was last seen or written.
struct AgentService {
  uint32_t checks = 0;   // bit i: there is a check with id AgentCheckId(service, i)
  bool held = false;     // in maintenance, by us
  bool foreign = false;  // has our form and not our mark
};

// Any thread.
class AgentBook {
 public:
  // The nodes on which a host's services were found; empty: none known.
  std::set<std::string> Nodes(std::string_view lane) const;
  void SetNodes(std::map<std::string, std::set<std::string>, std::less<>> nodes_by_lane);
  void AddNode(std::string_view lane, const std::string& node);

  AgentService Get(std::string_view service_id) const;
  void Set(std::string_view service_id, AgentService service);
  void Remove(std::string_view service_id);

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::set<std::string>, std::less<>> nodes_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint64_t, AgentService> services_ ABSL_GUARDED_BY(mutex_);  // by hash of the id
};

}  // namespace dispatcher
