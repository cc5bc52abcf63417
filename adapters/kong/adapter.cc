#include "adapters/kong/adapter.h"

#include <utility>

#include "adapters/kong/adopt_owner.h"
#include "adapters/kong/adopt_scripts.h"
#include "adapters/kong/write.h"

namespace dispatcher {

KongAdapter::KongAdapter(const KongOptions& options, std::unique_ptr<KongApi> api)
    : api_(std::move(api)),
      render_(options),
      site_{.owner = options.owner,
            .to_router = options.mode == "router",
            .whole_file = !options.dbless.empty(),
            .delete_with_plugins = options.delete_with_plugins,
            .api = api_.get(),
            .book = &book_,
            .uncarried = &uncarried_} {}

Traits KongAdapter::GetTraits() const {
  Traits traits;
  traits.type = "kong";
  traits.tier = Tier::kGateway;
  if (site_.whole_file) {
    // Each write is the whole document: the more changes in one, the better.
    traits.batch = size_t{1} << 14;
    traits.atomic = true;
    return traits;
  }
  traits.batch = 64;
  // 3.x takes 6 to 8 ms for a write and serves eight at once just as fast; 2.8 and
  // before gain little and lose nothing by it (measured on 3.9.3, 2.8.5, 0.14.1).
  traits.parallelism = 4;
  return traits;
}

std::string KongAdapter::framework() const {
  MutexLock lock(mutex_);
  return framework_;
}

Rendered KongAdapter::Render(const Service& service) const {
  Rendered rendered = render_.Structure(service, framework());
  MutexLock lock(mutex_);
  for (size_t i = 0; i < rendered.structure.size() && !has_tags_; ++i) {
    uncarried_.Remember(rendered.structure[i]);
  }
  return rendered;
}

std::vector<Entry> KongAdapter::Render(const Service& service, const Instance& instance) const {
  std::vector<Entry> entries = render_.Target(service, instance, framework());
  MutexLock lock(mutex_);
  for (size_t i = 0; i < entries.size() && !has_tags_; ++i) {
    uncarried_.Remember(entries[i]);
  }
  return entries;
}

absl::StatusOr<std::vector<std::string>> KongAdapter::Lanes(const Cancel& /*cancel*/) {
  return std::vector<std::string>{""};
}

absl::StatusOr<KongVersion> KongAdapter::Usable(const Cancel& cancel) {
  ASSIGN_OR_RETURN(const KongVersion version, api_->Version(cancel));
  RETURN_IF_ERROR(CheckUsable(site_, version));
  MutexLock lock(mutex_);
  has_tags_ = version.HasTags();
  if (has_tags_) {
    uncarried_.Clear();
  }
  return version;
}

absl::Status KongAdapter::Read(std::string_view /*lane*/, const Cancel& cancel,
                               absl::FunctionRef<void(Entry)> visit) {
  RETURN_IF_ERROR(Usable(cancel).status());
  return ReadKong(site_, cancel, visit);
}

std::vector<absl::Status> KongAdapter::Write(std::string_view /*lane*/, std::span<const Change> changes,
                                             Mono deadline, const Cancel& cancel) {
  if (MonoClock::now() >= deadline) {
    return std::vector<absl::Status>(
        changes.size(), absl::DeadlineExceededError("the permit to write ended before it was written"));
  }
  const absl::StatusOr<KongVersion> version = Usable(cancel);
  if (!version.ok()) {
    return std::vector<absl::Status>(changes.size(), version.status());
  }
  if (version->dbless) {
    return document_.Write(site_, *version, changes, deadline, cancel);
  }
  return KongWrite(site_, *version, changes, deadline, cancel).Run();
}

std::vector<Adoption> KongAdapter::Adopt(const AdoptionRequest& request, const Cancel& cancel) {
  if (request.from == Maker::kAllegro) {
    return {};  // it knew Consul alone
  }
  const absl::StatusOr<KongVersion> version = Usable(cancel);
  if (!version.ok()) {
    return {{Adoption::Outcome::kFailed, "reading Kong", Text(version.status())}};
  }
  if (version->dbless) {
    return {};  // a document that is replaced as a whole holds nothing of others
  }
  return request.from == Maker::kOwner ? AdoptOwnersObjects(site_, *version, *this, request, cancel)
                                       : AdoptScriptsObjects(site_, *version, *this, request, cancel);
}

void KongAdapter::SetFramework(std::string_view framework) {
  MutexLock lock(mutex_);
  framework_ = framework;
}

}  // namespace dispatcher
