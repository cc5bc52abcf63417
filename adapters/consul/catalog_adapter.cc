#include "adapters/consul/catalog_adapter.h"

#include <utility>

#include "adapters/consul/adopt.h"
#include "adapters/consul/catalog_read.h"
#include "adapters/consul/catalog_write.h"
#include "adapters/consul/registration.h"
#include "adapters/consul/routed.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {

std::string NodeName(std::string_view owner, std::string_view host) {
  constexpr size_t kMax = 63, kHash = 8;
  std::string name = std::string(owner) + "-";
  bool exact = true;
  for (char c : Lower(host)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    exact = exact && (plain || c == '.');
    name.push_back(plain ? c : '-');
  }
  if (exact && name.size() <= kMax) {
    return name;
  }
  name.resize(std::min(name.size(), kMax - kHash - 1));
  return name + "-" + Hex(Fnv1a(Lower(host)), kHash);
}

CatalogAdapter::CatalogAdapter(ConsulOptions options, Expose expose, std::unique_ptr<ConsulApi> api,
                               std::shared_ptr<Secret> token, HttpClientOptions agent_http)
    : options_(std::move(options)),
      expose_(expose),
      api_(std::move(api)),
      agents_(options_.agent_url, std::move(token), std::move(agent_http)) {}

Traits CatalogAdapter::GetTraits() const {
  // Several full transactions a call, so that a first sync wastes few of them on a
  // remainder. One call at a time: more connections gain nothing (measured).
  return {.type = "consul",
          .tier = Tier::kDiscovery,
          .batch = 4 * kTxnOperations,
          .parallelism = 1,
          .atomic = false,
          .lanes = false,
          .own_entries = true,
          .watches = kWatched};
}

Rendered CatalogAdapter::Render(const Service& service) const {
  if (options_.publish != "router") {
    return RenderService(service, options_.name, expose_);
  }
  Rendered rendered = RenderRouted(service, options_, expose_, framework_.Get());
  for (Entry& entry : rendered.structure) {
    entry.id = {"", std::string(kRegistrationKind),
                NodeName(options_.owner, options_.router_address) + "/" + entry.id.id};
    entry.extra = options_.router_address;
  }
  return rendered;
}

std::vector<Entry> CatalogAdapter::Render(const Service& service, const Instance& instance) const {
  const std::string& host = HostOf(instance);
  std::vector<Entry> entries;
  if (options_.publish == "router") {
    return entries;
  }
  const std::string node = NodeName(options_.owner, host);
  for (const Registration& registration :
       RegistrationsOf(options_.owner, framework_.Get(), service, instance)) {
    Entry entry = EntryOf(registration);
    entry.id = {"", std::string(kRegistrationKind), node + "/" + registration.id};
    entry.extra = host;
    if (instance.condition == Condition::kCritical) {
      entry.fields["status"] = kCriticalStatus;
    } else if (instance.condition == Condition::kDraining) {
      entry.fields["status"] = kDrainingStatus;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

absl::StatusOr<std::vector<std::string>> CatalogAdapter::Lanes(const Cancel& /*cancel*/) {
  return std::vector<std::string>{""};
}

absl::Status CatalogAdapter::Read(std::string_view /*lane*/, const Cancel& cancel,
                                  absl::FunctionRef<void(Entry)> visit) {
  return ReadCatalog(*api_, options_.owner, cancel, book_, visit);
}

std::vector<absl::Status> CatalogAdapter::Write(std::string_view /*lane*/, std::span<const Change> changes,
                                                Mono deadline, const Cancel& cancel) {
  MutexLock lock(write_mutex_);
  const Fence fence = GetFence();
  const std::string check = options_.leader_key.empty() || fence.session.empty()
                                ? ""
                                : SessionCheck(options_.leader_key, fence.session);
  return CatalogWrite(*api_, options_.owner, book_, changes, deadline, cancel)
      .CheckFirst(check)
      .KeepNodes(!fence.alone)
      .Run();
}

void CatalogAdapter::SetFence(const Fence& fence) {
  MutexLock lock(fence_mutex_);
  fence_ = fence;
}

Fence CatalogAdapter::GetFence() const {
  MutexLock lock(fence_mutex_);
  return fence_;
}

std::vector<Adoption> CatalogAdapter::Adopt(const AdoptionRequest& request, const Cancel& cancel) {
  return AdoptInConsul({*this, *api_, agents_, options_}, request, cancel);
}

absl::StatusOr<WatchAnswer> CatalogAdapter::Watch(size_t thing, uint64_t since, const Cancel& cancel) {
  return WatchCatalog(*api_, options_.owner, thing, since, cancel);
}

void CatalogAdapter::SetFramework(std::string_view framework) { framework_.Set(framework); }

}  // namespace dispatcher
