// The floor: a writer that knows the answer already and does nothing but send it.
// Same entries, byte for byte, as the dispatcher's catalog mode writes, in
// transactions of 64 operations over one connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/consul/api.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/entry.h"
#include "tests/bench/apps.h"

namespace dispatcher::bench {

// Marks of equal length, so that entries have equal sizes.
inline constexpr const char* kDispatcherOwner = "dispatcher";
inline constexpr const char* kBareOwner = "barewriter";

// One thread at a time.
class BareWriter {
 public:
  explicit BareWriter(const std::string& consul_url);

  // What a task is in the registry, but for its id.
  static Entry EntryOf(const std::string& app, const std::string& service, const Task& task);
  // Operations, as text, for Send.
  static std::vector<std::string> Everything(const Apps& apps);              // nodes, then all tasks
  static std::vector<std::string> Exchange(const Replacement& replacement);  // put one, delete one

  // Returns when Consul has confirmed the last.
  absl::Status Send(const std::vector<std::string>& operations);

 private:
  const ConsulApi api_;
};

}  // namespace dispatcher::bench
