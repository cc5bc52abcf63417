// What the catalog adapter remembers of its nodes. Only saves requests: each of its
// answers may be wrong, and the adapter survives that.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "dispatcher/base/mutex.h"

namespace dispatcher {

// Any thread. Ids are kept as hashes: 60,000 of them in 2 MB.
class CatalogBook {
 public:
  // What a read found on a node, in place of what was known of it. `checked`: ids
  // with a check of ours; `foreign`: ids in our form that are not marked as ours.
  void SetNode(const std::string& node, const std::vector<std::string>& services,
               const std::vector<std::string>& checked, const std::vector<std::string>& foreign);
  bool KnowsNode(const std::string& node) const;
  void ForgetNode(const std::string& node);

  void AddService(const std::string& node, std::string_view service, bool checked);
  void RemoveService(const std::string& node, std::string_view service);
  bool HasCheck(const std::string& node, std::string_view service) const;
  bool IsForeign(const std::string& node, std::string_view service) const;
  // Whether nothing of ours would be left on the node without `gone`.
  bool WouldBeEmpty(const std::string& node, const std::vector<std::string>& gone) const;

 private:
  struct Node {
    absl::flat_hash_set<uint64_t> services, checked, foreign;
  };
  bool Holds(const std::string& node, absl::flat_hash_set<uint64_t> Node::*set,
             std::string_view service) const;

  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, Node> nodes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
