#include "tests/bench/works.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include "adapters/consul/consul.h"
#include "dispatcher/base/json.h"
#include "dispatcher/catalog/catalog.h"
#include "dispatcher/marathon/codec/event.h"
#include "dispatcher/marathon/codec/splitter.h"
#include "dispatcher/marathon/codec/sse.h"
#include "dispatcher/reconcile/reconciler.h"
#include "tests/bench/apps.h"
#include "tests/bench/marathon.h"
#include "tests/bench/snapshot.h"

namespace dispatcher::bench {
namespace {

constexpr size_t kTogether = 256;  // envelopes of a round (catalog_loop.cc)
constexpr const char* kLeader = "m:1";

[[noreturn]] void Wrong(const char* what) {
  std::fprintf(stderr, "works: %s\n", what);
  std::abort();
}

// `count` replacements over at most a thousand apps.
std::string Stream(Apps& apps, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    bytes += apps.Replace(i % apps.size()).frames;
  }
  return bytes;
}

// Drives a catalog as the engine's loop does.
class Driven {
 public:
  void Push(Observation what) {
    generation_ += std::holds_alternative<StreamAttached>(what) ? 1 : 0;
    const Effects effects = catalog.Step({++seq_, generation_, now_, std::move(what)}, now_);
    dirty_.insert(effects.dirty.begin(), effects.dirty.end());
    if (++together_ == kTogether) {
      EndRound();
    }
  }
  void EndRound() {
    for (const ServiceKey& key : dirty_) {
      built += catalog.Build(key) != nullptr ? 1 : 0;
    }
    dirty_.clear();
    together_ = 0;
  }
  void Attach() {
    Push(StreamAttached{kLeader});
    MarathonInfo info;
    info.framework_id = kFrameworkId;
    info.leader = kLeader;
    Push(std::move(info));
  }
  void Read(std::string_view snapshot) {
    const ReadMark mark{seq_, generation_, SharedString(kLeader)};
    if (!Observe(snapshot, 1, mark, [&](Observation what) { Push(std::move(what)); }).ok()) {
      Wrong("a snapshot that can't be decoded");
    }
    EndRound();
    if (!catalog.synced()) {
      Wrong("a snapshot that was not believed");
    }
  }

  Catalog catalog{CatalogPolicy{}};
  size_t built = 0;

 private:
  Mono now_ = Mono(std::chrono::hours(1));
  uint64_t seq_ = 0;
  uint32_t generation_ = 0;
  std::set<ServiceKey> dirty_;
  size_t together_ = 0;
};

class Sse : public Work {
 public:
  explicit Sse(int count) {
    Apps apps("bench", 1000, 2);
    bytes_ = Stream(apps, count);
  }
  void Run() override {
    SseParser parser;
    size_t events = 0;
    InPieces(bytes_, [&](std::string_view piece) { parser.Feed(piece, [&](const SseEvent&) { ++events; }); });
    if (events == 0) {
      Wrong("no event in the stream");
    }
  }
  bool RunFloor() override {
    std::string copy;
    InPieces(bytes_, [&](std::string_view piece) { copy.assign(piece); });
    return !copy.empty();
  }
  double units() const override { return static_cast<double>(bytes_.size()) / 1e6; }

 private:
  std::string bytes_;
};

class Decode : public Work {
 public:
  explicit Decode(int count) : count_(3 * count) {
    Apps apps("bench", 1000, 2);
    bytes_ = Stream(apps, count);
  }
  void Run() override {
    int decoded = 0;
    ForEachEvent([&](const SseEvent& event) {
      const auto what = DecodeEvent(event.data);
      decoded += what.ok() ? static_cast<int>(what->observations.size()) : 0;
    });
    if (decoded != count_) {
      Wrong("events that were not decoded");
    }
  }
  bool RunFloor() override {
    ForEachEvent([](const SseEvent& event) {
      if (!JsonDocument::Parse(event.data).ok()) {
        Wrong("an event that is not JSON");
      }
    });
    return true;
  }
  double units() const override { return count_; }

 protected:
  void ForEachEvent(absl::FunctionRef<void(const SseEvent&)> visit) {
    SseParser parser;
    InPieces(bytes_, [&](std::string_view piece) { parser.Feed(piece, visit); });
  }

  const int count_;
  std::string bytes_;
};

// From bytes to built services, in a catalog that knows the apps.
class Merge : public Decode {
 public:
  explicit Merge(int count) : Decode(count) {
    known_.Attach();
    known_.Read(Apps("bench", 1000, 2).Snapshot());
  }
  void Prepare() override { driven_ = known_; }
  void Run() override {
    const size_t before = driven_->built;
    ForEachEvent([&](const SseEvent& event) {
      auto what = DecodeEvent(event.data);
      if (!what.ok()) {
        Wrong("an event that was not decoded");
      }
      for (Observation& observation : what->observations) {
        driven_->Push(std::move(observation));
      }
    });
    driven_->EndRound();
    if (driven_->built == before) {
      Wrong("events that changed nothing");
    }
  }
  bool RunFloor() override { return false; }

 private:
  Driven known_;
  std::optional<Driven> driven_;
};

class Snapshot : public Work {
 public:
  explicit Snapshot(int apps) : text_(Apps("bench", apps, 3).Snapshot()) {}
  void Prepare() override {
    driven_.emplace();
    driven_->Attach();
  }
  void Run() override { driven_->Read(text_); }
  bool RunFloor() override {
    ArraySplitter splitter("apps");
    InPieces(text_, [&](std::string_view piece) {
      const absl::Status status = splitter.Feed(piece, [](const SplitElement& element) {
        if (!JsonDocument::Parse(element.text).ok()) {
          Wrong("an app that is not JSON");
        }
      });
      if (!status.ok()) {
        Wrong("a snapshot that can't be split");
      }
    });
    return true;
  }
  double units() const override { return static_cast<double>(text_.size()) / 1e6; }

 private:
  const std::string text_;
  std::optional<Driven> driven_;
};

// Everything offered, everything read, everything compared, and nothing to write.
class Plan : public Work {
 public:
  static constexpr int kTasks = 10;

  explicit Plan(int apps) : instances_(apps * kTasks), adapter_(MakeConsulAdapter(ConsulOptions()).value()) {
    Driven driven;
    driven.Attach();
    driven.Read(Apps("bench", apps, kTasks).Snapshot());
    adapter_->SetFramework(kFrameworkId);
    for (const ServiceKey& key : driven.catalog.Keys()) {
      services_.push_back(driven.catalog.Build(key));
      for (const auto& instance : services_.back()->instances) {
        for (Entry& entry : adapter_->Render(*services_.back(), *instance)) {
          there_.push_back(std::move(entry));
        }
      }
    }
    if (there_.size() != static_cast<size_t>(instances_)) {
      Wrong("not every instance is an entry");
    }
  }
  void Prepare() override {
    ReconcilePolicy policy;
    policy.adapter = "consul";
    reconciler_ = std::make_unique<Reconciler>(*adapter_, policy);
    read_ = there_;
  }
  void Run() override {
    const Mono now(std::chrono::hours(1));
    for (const auto& service : services_) {
      reconciler_->Offer(service->key, service, now);
    }
    reconciler_->BeginFullPass(false, kFrameworkId, now);
    if (reconciler_->LanesWanted(now)) {
      reconciler_->LanesKnown(std::vector<std::string>{""}, now);
    }
    const auto lane = reconciler_->NextRead(now);
    if (!lane) {
      Wrong("nothing is to be read");
    }
    for (Entry& entry : read_) {
      reconciler_->Observed(*lane, std::move(entry));
    }
    reconciler_->ReadEnded(*lane, absl::OkStatus(), now);
    if (reconciler_->NextBatch(now)) {
      Wrong("what is there is to be written");
    }
  }
  double units() const override { return instances_; }

 private:
  const int instances_;
  const std::unique_ptr<Adapter> adapter_;
  std::vector<std::shared_ptr<const Service>> services_;
  std::vector<Entry> there_, read_;
  std::unique_ptr<Reconciler> reconciler_;
};

template <typename T>
std::unique_ptr<Work> Make(int size) {
  return std::make_unique<T>(size);
}

}  // namespace

const std::vector<KnownWork>& AllWorks() {
  static const std::vector<KnownWork> all = {
      {"sse", "the stream cut into events", "MB", "copied", Make<Sse>, 10000, 1500},
      {"decode", "bytes of the stream to observations", "events", "JSON parsed", Make<Decode>, 10000, 1000},
      {"merge", "bytes of the stream to built services", "events", "", Make<Merge>, 10000, 1000},
      {"snapshot", "bytes of /v2/apps to built services, 3 tasks an app", "MB", "JSON parsed", Make<Snapshot>,
       20000, 500},
      {"plan", "a full pass over a registry that is right", "instances", "", Make<Plan>, 10000, 500}};
  return all;
}

}  // namespace dispatcher::bench
