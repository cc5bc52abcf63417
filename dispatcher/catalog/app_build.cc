// Verdicts to services.
#include <algorithm>
#include <cstdint>

#include "dispatcher/catalog/app.h"

namespace dispatcher {
namespace {

// Facts older than this did not cause what is built now.
constexpr Duration kStale = std::chrono::seconds(30);

std::shared_ptr<Instance> MakeInstance(const SharedString& id, const Task& task, SharedString reason) {
  auto instance = std::make_shared<Instance>();
  instance->task = id;
  instance->host = task.facts.place.host;
  instance->version = task.facts.version;
  instance->condition = task.verdict.condition;
  instance->want = task.verdict.want;
  instance->why = task.verdict.why;
  instance->ended = task.facts.life == Life::kTerminal;
  instance->hinted = task.verdict.hinted;
  instance->reason = std::move(reason);
  return instance;
}

}  // namespace

void App::Rebuild(const SharedString& id, Task& task, const Versioned* versioned,
                  const Context& context) const {
  if (versioned == nullptr || task.endpoints.empty()) {
    // What stands under an earlier build stays listed, with the new verdict.
    for (auto& built : task.built) {
      if (built != nullptr) {
        auto copy = std::make_shared<Instance>(*built);
        copy->want = task.verdict.want;
        copy->why = task.verdict.why;
        copy->condition = task.verdict.condition;
        copy->ended = task.facts.life == Life::kTerminal;
        copy->hinted = task.verdict.hinted;
        copy->reason = context.strings.Get(task.verdict.reason);
        copy->since = task.facts.last_received;
        built = std::move(copy);
      }
    }
    return;
  }
  const bool fresh = context.now - task.facts.last_received < kStale;
  std::vector<int> ports;
  ports.reserve(task.endpoints.size());
  for (const Endpoint& endpoint : task.endpoints) {
    ports.push_back(endpoint.port);
  }
  task.built.assign(task.endpoints.size(), nullptr);
  for (size_t i = 0; i < task.endpoints.size() && i < versioned->profiles->size(); ++i) {
    if (task.endpoints[i].port == 0) {
      continue;
    }
    std::shared_ptr<Instance> instance = MakeInstance(id, task, context.strings.Get(task.verdict.reason));
    instance->address = task.endpoints[i].address;
    instance->port = task.endpoints[i].port;
    instance->profile = (*versioned->profiles)[i];
    if (!instance->profile->checks.empty()) {
      instance->ports = ports;
    }
    instance->since = fresh ? task.facts.last_received : Mono{};
    task.built[i] = std::move(instance);
  }
}

std::shared_ptr<const Service> App::Build(int port) const {
  auto service = std::make_shared<Service>();
  service->key = {id_, port};
  const Versioned* current = facts_.Current();
  if (port == kAnyPort && !in_doubt_) {
    return nullptr;
  }
  const size_t index = port == kAnyPort ? SIZE_MAX : static_cast<size_t>(port);
  bool live = false;
  for (const auto& [instance_id, instance] : facts_.instances) {
    for (const auto& [id, task] : instance.tasks) {
      if (index < task.built.size() && task.built[index] != nullptr) {
        service->instances.push_back(task.built[index]);
        live |= task.verdict.phase != Phase::kGone;
        if (service->profile == nullptr) {
          service->profile = task.built[index]->profile;
        }
      } else if (task.built.empty()) {
        // Known by id only. Listed, so that what a registry holds of it is judged.
        auto unplaced = MakeInstance(id, task, task.verdict.reason);
        unplaced->host.clear();
        unplaced->version.clear();
        if (unplaced->want == Want::kYes) {
          unplaced->want = Want::kNo;
          unplaced->why = Why::kPolicy;
          unplaced->reason = "its version declares no ports";
        }
        service->instances.push_back(std::move(unplaced));
      }
    }
  }
  std::sort(service->instances.begin(), service->instances.end(),
            [](const auto& a, const auto& b) { return a->task < b->task; });
  if (port == kAnyPort) {
    service->want = Want::kIfThere;
    service->reason =
        facts_.undecodable ? "Marathon's answer for it can't be decoded" : "it is being learned";
    if (Gone()) {
      service->want = Want::kNo;
      service->why = ExplainedGone() ? Why::kEvent : Why::kAbsent;
      service->reason = facts_.terminated ? "the app was terminated" : "the app is not in a complete read";
    }
    return service;
  }
  const bool declared = current != nullptr && index < current->profiles->size();
  if (declared) {
    service->profile = (*current->profiles)[index];
  }
  service->complete = facts_.whole && !facts_.undecodable;
  service->missing = ExplainedGone() ? Why::kEvent : facts_.full ? Why::kRead : Why::kAbsent;
  if (Gone()) {
    service->want = Want::kNo;
    service->why = ExplainedGone() ? Why::kEvent : Why::kAbsent;
    service->reason = facts_.terminated ? "the app was terminated" : "the app is not in a complete read";
  } else if (current == nullptr || facts_.undecodable || ExplainedGone()) {
    service->want = Want::kIfThere;
    service->reason =
        current == nullptr ? "the app is being learned" : "the app is in doubt or being stopped";
  } else if (!declared && !live) {
    service->want = Want::kNo;
    service->why = Why::kPolicy;
    service->reason = "the app declares no such port any more";
  }
  return service;
}

}  // namespace dispatcher
