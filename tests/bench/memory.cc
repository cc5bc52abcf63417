// What is held for so many apps: a snapshot decoded, merged and written, as Consul's
// adapter renders it, in this process and without a socket. So the figures are the same
// on a busy machine; what comes on top in the real program is in README.md.
#include <malloc.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapters/consul/consul.h"
#include "dispatcher/catalog/catalog.h"
#include "dispatcher/reconcile/reconciler.h"
#include "tests/bench/apps.h"
#include "tests/bench/figures.h"
#include "tests/bench/program.h"
#include "tests/bench/snapshot.h"

namespace dispatcher::bench {
namespace {

constexpr const char* kLeader = "m1:8080";

// With what malloc adds to each block.
size_t Allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::string Megabytes(size_t bytes) { return InMegabytes(static_cast<double>(bytes) / 1e6); }

// The pipeline from catalog to registry on one thread, with a registry that takes all.
class Pipeline {
 public:
  Pipeline() : adapter_(MakeConsulAdapter({}).value()), reconciler_(*adapter_, Policy()) {
    Push(StreamAttached{kLeader});
    reconciler_.LanesKnown(std::vector<std::string>{""}, now_);
    ReadLane();
  }

  absl::Status Read(const std::string& snapshot) {
    const ReadMark mark{seq_, 1, SharedString(kLeader)};
    RETURN_IF_ERROR(Observe(snapshot, ++reads_, mark, [&](Observation what) { Push(std::move(what)); }));
    ReadLane();
    return absl::OkStatus();
  }
  // How many changes.
  size_t Write() {
    size_t written = 0;
    while (const std::optional<Batch> batch = reconciler_.NextBatch(now_)) {
      written += batch->changes.size();
      reconciler_.Finished(*batch, std::vector<absl::Status>(batch->changes.size()), now_);
      Look();
    }
    reconciler_.TakeNotes();
    return written;
  }
  size_t peak() const { return peak_; }

 private:
  static ReconcilePolicy Policy() {
    ReconcilePolicy policy;
    policy.adapter = "consul";
    return policy;
  }
  void Push(Observation what) {
    const Effects effects = catalog_.Step({++seq_, 1, now_, std::move(what)}, now_);
    for (const ServiceKey& key : effects.dirty) {
      services_[key] = catalog_.Build(key);
      reconciler_.Offer(key, services_[key], now_);
    }
    if (effects.full_pass) {
      reconciler_.BeginFullPass(effects.full_pass->empty, effects.full_pass->framework, now_);
    }
    Look();
  }
  void ReadLane() {
    if (const auto lane = reconciler_.NextRead(now_)) {
      reconciler_.ReadEnded(*lane, absl::OkStatus(), now_);
    }
  }
  void Look() { peak_ = std::max(peak_, Allocated()); }

  const Mono now_ = Mono(std::chrono::hours(1));
  Catalog catalog_{CatalogPolicy()};
  const std::unique_ptr<Adapter> adapter_;
  Reconciler reconciler_;
  std::map<ServiceKey, std::shared_ptr<const Service>> services_;  // as in the engine
  uint64_t seq_ = 0, reads_ = 0;
  size_t peak_ = 0;
};

absl::Status Measure(int apps, int tasks) {
  const std::string snapshot = Apps("bench", apps, tasks).Snapshot();
  const size_t before = Allocated();
  Pipeline pipeline;
  RETURN_IF_ERROR(pipeline.Read(snapshot));
  const size_t written = pipeline.Write();
  const size_t held = Allocated() - before;
  const size_t count = static_cast<size_t>(apps) * static_cast<size_t>(tasks);
  if (written != count) {
    return Error(absl::StatusCode::kInternal, std::to_string(written), " entries written");
  }
  const std::string work = "held in memory, " + std::to_string(apps) + " x " + std::to_string(tasks);
  Print({work + ": peak", "", Megabytes(pipeline.peak() - before), "", ""});
  Print({work, "", Megabytes(held) + ", " + std::to_string(held / count) + " B a task", "", ""});
  return absl::OkStatus();
}

absl::Status Run(const Chosen& chosen) {
  if (chosen.Has("--apps")) {
    return Measure(chosen.Number("--apps", 5000), chosen.Number("--tasks", 2));
  }
  RETURN_IF_ERROR(Measure(5000, 2));
  return chosen.quick() ? absl::OkStatus() : Measure(20000, 3);
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) {
  return dispatcher::bench::RunProgram(
      argc, argv,
      {{"--apps", "N", "apps, instead of the usual rows"}, {"--tasks", "N", "tasks of each app (2)"}},
      dispatcher::bench::Run);
}
