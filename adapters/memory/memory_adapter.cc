#include "adapters/memory/memory_adapter.h"

#include <utility>

#include "dispatcher/model/names.h"

namespace dispatcher {
namespace {

std::string IdOf(const ServiceKey& key) { return key.app + ":" + std::to_string(key.port); }

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    text.append(text.empty() ? "" : ",").append(part);
  }
  return text;
}

}  // namespace

MemoryAdapter::MemoryAdapter(MemoryOptions options, std::shared_ptr<MemoryRegistry> registry)
    : options_(std::move(options)),
      registry_(registry != nullptr ? std::move(registry) : std::make_shared<MemoryRegistry>()) {}

Traits MemoryAdapter::GetTraits() const {
  return {.type = "memory",
          .tier = options_.tier,
          .batch = options_.batch,
          .parallelism = options_.parallelism,
          .atomic = false,
          .lanes = options_.lanes,
          .own_entries = true};
}

Rendered MemoryAdapter::Render(const Service& service) const {
  Rendered rendered = Publication(service, options_.name, options_.expose);
  if (rendered.published && service.profile != nullptr) {
    Entry entry;
    entry.id = {"", "service", IdOf(service.key)};
    entry.service = service.key;
    entry.framework = framework_.Get();
    entry.fields = {{"names", Joined(service.profile->names)}};
    rendered.structure.push_back(std::move(entry));
  }
  ClaimNames(service, rendered);
  return rendered;
}

std::vector<Entry> MemoryAdapter::Render(const Service& service, const Instance& instance) const {
  if (instance.profile == nullptr) {
    return {};
  }
  Entry entry;
  entry.id = {options_.lanes ? instance.host : "", "instance", IdOf(service.key) + ":" + instance.task};
  entry.rank = 1;
  entry.service = service.key;
  entry.task = instance.task;
  entry.address = HostPort(instance.address, instance.port);
  entry.framework = framework_.Get();
  // Nothing is wrong with what nobody has checked yet.
  const Condition shown =
      instance.condition == Condition::kUnknown ? Condition::kPassing : instance.condition;
  entry.fields = {{"address", entry.address},
                  {"names", Joined(instance.profile->names)},
                  {"status", std::string(Name(shown))},
                  {"tags", Joined(instance.profile->tags)},
                  {"version", instance.version}};
  return {std::move(entry)};
}

absl::StatusOr<std::vector<std::string>> MemoryAdapter::Lanes(const Cancel& /*cancel*/) {
  return registry_->Lanes(options_.owner);
}

absl::Status MemoryAdapter::Read(std::string_view lane, const Cancel& cancel,
                                 absl::FunctionRef<void(Entry)> visit) {
  std::vector<Entry> found;
  const absl::Status status = registry_->Read(options_.owner, lane, cancel, found);
  for (Entry& entry : found) {
    visit(std::move(entry));
  }
  return status;
}

std::vector<absl::Status> MemoryAdapter::Write(std::string_view lane, std::span<const Change> changes,
                                               Mono deadline, const Cancel& cancel) {
  return registry_->Write(options_.owner, lane, changes, deadline, cancel);
}

void MemoryAdapter::SetFramework(std::string_view framework) { framework_.Set(framework); }

}  // namespace dispatcher
