// The simplest adapter: it keeps what it is given in a map. Serves when no registry
// is configured, and stands for one in the tests of reconcile and engine.
#pragma once

#include <memory>
#include <string>

#include "adapters/adapter.h"
#include "adapters/framework.h"
#include "adapters/memory/registry.h"
#include "adapters/publish.h"

namespace dispatcher {

struct MemoryOptions {
  std::string owner = "dispatcher";
  std::string name = "memory";  // in the configuration
  Expose expose = Expose::kAll;
  Tier tier = Tier::kDiscovery;
  size_t batch = 256;
  int parallelism = 1;
  bool lanes = false;  // an instance lives in the lane of its host; structure in ""
};

// Each service is one entry of kind "service" (rank 0, id "<app>:<port>") and each
// instance one of kind "instance" (rank 1, id "<app>:<port>:<task>").
class MemoryAdapter : public Adapter {
 public:
  // Its own empty registry if none is given.
  explicit MemoryAdapter(MemoryOptions options, std::shared_ptr<MemoryRegistry> registry = nullptr);

  MemoryRegistry& registry() { return *registry_; }

  Traits GetTraits() const override;
  Rendered Render(const Service& service) const override;
  std::vector<Entry> Render(const Service& service, const Instance& instance) const override;
  absl::StatusOr<std::vector<std::string>> Lanes(const Cancel& cancel) override;
  absl::Status Read(std::string_view lane, const Cancel& cancel,
                    absl::FunctionRef<void(Entry)> visit) override;
  std::vector<absl::Status> Write(std::string_view lane, std::span<const Change> changes, Mono deadline,
                                  const Cancel& cancel) override;
  void SetFramework(std::string_view framework) override;

 private:
  const MemoryOptions options_;
  const std::shared_ptr<MemoryRegistry> registry_;
  FrameworkMark framework_;
};

}  // namespace dispatcher
