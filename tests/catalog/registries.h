// A catalog with a registry of each kind behind it: Consul's tier, which lists
// everything with its condition, and a router's, which sends traffic to what it lists.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/memory/memory_adapter.h"
#include "dispatcher/reconcile/reconciler.h"
#include "tests/catalog/driver.h"

namespace dispatcher {

// Ids as of Marathon 1.8; task and instance n of app /web.
inline InstanceId InstanceN(int n) { return "web.instance-u" + std::to_string(n); }
inline TaskId TaskN(int n) { return InstanceN(n) + "._app.1"; }

// n listens on port 31000 + n.
inline TaskSeen SeenN(int n, const char* version = kV1, Life life = Life::kRunning) {
  return SeenTask(TaskN(n), 31000 + n, version, life);
}
inline TaskUpdate UpdateN(int n, Life life, const char* version = kV1) {
  return Update("/web", TaskN(n), life, 31000 + n, version);
}

inline DeploymentUpdate Deployment(DeploymentPhase phase, const std::string& verb, const char* version,
                                   const std::string& id = "d1", const AppId& app = "/web") {
  DeploymentUpdate update;
  update.phase = phase;
  update.id = id;
  update.version = version;
  update.all = {{verb, app}};
  if (phase != DeploymentPhase::kSucceeded && phase != DeploymentPhase::kFailed) {
    update.current = update.all;
    update.step = 1;
  }
  update.steps = 1;
  return update;
}

class Registries {
 public:
  explicit Registries(CatalogPolicy policy = {}, int panic_threshold = 50) : d(std::move(policy)) {
    for (const Tier tier : {Tier::kDiscovery, Tier::kRouter}) {
      MemoryOptions options;
      options.tier = tier;
      adapters_.push_back(std::make_unique<MemoryAdapter>(options));
      ReconcilePolicy reconcile;
      reconcile.adapter = tier == Tier::kRouter ? "router" : "consul";
      reconcile.panic_threshold = panic_threshold;
      reconcilers_.push_back(std::make_unique<Reconciler>(*adapters_.back(), reconcile));
    }
  }

  // Another dispatcher in place of this one, that knows nothing: the registries stay.
  void Restart(CatalogPolicy policy = {}) {
    Driver fresh(std::move(policy));
    fresh.now = d.now;
    std::swap(d, fresh);
    for (size_t i = 0; i < adapters_.size(); ++i) {
      reconcilers_[i] = std::make_unique<Reconciler>(*adapters_[i], ReconcilePolicy());
    }
  }

  void Push(Observation what) {
    d.Push(std::move(what));
    Flow();
  }
  void Snapshot(std::vector<AppSeen> apps) {
    d.Snapshot(std::move(apps));
    Flow();
  }
  void Wait(Duration time) {
    d.Wait(time);
    Flow();
  }
  // Hands on what changed and writes until nothing is due. The router's batches since
  // the last call are in `batches`: "put 2, delete 1".
  void Flow() {
    batches.clear();
    const bool full = d.full_passes > passes_;
    passes_ = d.full_passes;
    for (size_t i = 0; i < adapters_.size(); ++i) {
      Reconciler& reconciler = *reconcilers_[i];
      for (const ServiceKey& key : d.dirty) {
        reconciler.Offer(key, d.catalog.Build(key), d.now);
      }
      if (full) {
        adapters_[i]->SetFramework("f1");
        reconciler.BeginFullPass(false, "f1", d.now);
      }
      Read(reconciler, *adapters_[i]);
      while (const std::optional<Batch> batch = reconciler.NextBatch(d.now)) {
        if (i == 1) {
          batches.push_back(Text(*batch));
        }
        reconciler.Finished(*batch, adapters_[i]->Write(batch->lane, batch->changes, Mono::max(), Cancel()),
                            d.now);
      }
    }
    d.dirty.clear();
  }

  // "1 passing, 2 draining": everything that Consul lists.
  std::string Consul() const { return List(0, true); }
  // "1 2": who gets requests.
  std::string Router() const { return List(1, false); }

  Driver d;
  std::vector<std::string> batches;

 private:
  void Read(Reconciler& reconciler, MemoryAdapter& adapter) const {
    if (reconciler.LanesWanted(d.now)) {
      reconciler.LanesKnown(std::vector<std::string>{""}, d.now);
    }
    while (const std::optional<std::string> lane = reconciler.NextRead(d.now)) {
      const absl::Status status =
          adapter.Read(*lane, Cancel(), [&](Entry entry) { reconciler.Observed(*lane, std::move(entry)); });
      reconciler.ReadEnded(*lane, status, d.now);
    }
  }
  // The n of TaskN.
  static std::string Short(const TaskId& task) {
    const size_t at = task.find("-u");
    return at == std::string::npos ? task : task.substr(at + 2, task.find("._app") - at - 2);
  }
  static std::string Text(const Batch& batch) {
    std::string text;
    for (const Change& change : batch.changes) {
      if (!change.entry->task.empty()) {
        text.append(text.empty() ? "" : ", ").append(change.op == Op::kPut ? "put " : "delete ");
        text.append(Short(change.entry->task));
      }
    }
    return text;
  }
  std::string List(size_t adapter, bool status) const {
    std::string text;
    for (const Entry& entry : adapters_[adapter]->registry().Entries("dispatcher")) {
      if (!entry.task.empty()) {
        text.append(text.empty() ? "" : status ? ", " : " ").append(Short(entry.task));
        text.append(status ? " " + entry.fields.find("status")->second : "");
      }
    }
    return text;
  }

  std::vector<std::unique_ptr<MemoryAdapter>> adapters_;
  std::vector<std::unique_ptr<Reconciler>> reconcilers_;
  int passes_ = 0;
};

}  // namespace dispatcher
