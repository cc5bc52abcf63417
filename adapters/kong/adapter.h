// Kong's adapter: parts put together.
#pragma once

#include <memory>
#include <string>

#include "adapters/adapter.h"
#include "adapters/kong/document.h"
#include "adapters/kong/kong.h"
#include "adapters/kong/read.h"
#include "adapters/kong/render.h"
#include "dispatcher/base/mutex.h"

namespace dispatcher {

// Entries:
//   kind "upstream", id "<owner>.<body>.~"             mode targets; no fields
//   kind "target", id "<owner>.<body>.~/<address>~"    mode targets; address, weight
//   kind "service", id "<owner>.<body>.~"              a service and its route: name, to, hosts, paths ...
//   kind "route", id Kong's own                        read only: a route of ours without its service
class KongAdapter : public Adapter {
 public:
  KongAdapter(const KongOptions& options, std::unique_ptr<KongApi> api);

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
  std::string framework() const;
  // The version, if it can be written to as configured.
  absl::StatusOr<KongVersion> Usable(const Cancel& cancel);

  const std::unique_ptr<KongApi> api_;
  const KongRender render_;
  KongBook book_;
  mutable Uncarried uncarried_;
  KongDocument document_;
  const KongSite site_;
  mutable Mutex mutex_;
  std::string framework_ ABSL_GUARDED_BY(mutex_);
  bool has_tags_ ABSL_GUARDED_BY(mutex_) = false;  // so that nothing needs to be remembered
};

}  // namespace dispatcher
