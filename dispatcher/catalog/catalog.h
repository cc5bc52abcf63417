// The state machine: observations in, services out.
//
// Facts are stored, phases are computed. Each observation is merged into the
// facts of its app (merge.h), then every task is judged anew (judge.h) and what
// changed is named. Pure: no clock, no I/O, no threads; one owner.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/catalog/inventory.h"
#include "dispatcher/catalog/policy.h"
#include "dispatcher/model/note.h"
#include "dispatcher/model/observation.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

// A read that the catalog would like to have. The scheduler may merge, delay or
// replace it by a snapshot, but not forget it.
struct ReadWanted {
  enum class What : uint8_t { kSnapshot, kApp, kVersion, kInfo, kResolve };
  What what = What::kApp;
  AppId app;
  std::string version;  // kVersion
  std::string host;     // kResolve: a name that HostResolved is wanted for
  Mono not_before{};    // asked again after a 404 or an old version
  std::string reason;
  bool pod = false;  // kApp, kVersion: the id was a pod's when it was last read
};

// A complete snapshot was believed: what is absent from it is absent.
struct FullPass {
  bool empty = false;     // no apps at all: removes nothing that is unexplained
  std::string framework;  // Marathon's framework id then
};

// What a step asks the engine to do.
struct Effects {
  std::vector<ServiceKey> dirty;      // build these anew; each at most once
  std::optional<FullPass> full_pass;  // after the dirty ones were handed on
  std::vector<ReadWanted> reads;
  std::vector<Note> notes;
  std::optional<Mono> wake;  // Step(Tick) is due then at the latest
};

// One app for explain and the API: every fact with its source and what is missing.
struct TaskReport {
  TaskId task;
  std::string phase;
  std::string want;
  std::string reason;
  std::string host, version, health;
  std::vector<int> ports;
  std::vector<std::string> ips;
  std::vector<std::string> facts;    // each with its source: "life TASK_RUNNING from a read, 3.2 s ago"
  std::optional<WallMs> running_at;  // since when it runs, by Marathon's clock
};
struct AppReport {
  AppId app;
  std::string state;  // "known", "learning", "gone", "undecodable"
  std::string version;
  int instances = 0;                // wanted
  size_t running = 0, serving = 0;  // of these, as in AppSummary
  std::vector<std::string> deployments;
  std::vector<TaskReport> tasks;
  std::vector<std::string> missing;  // "definition of version X: asked 1.2 s ago"
};

// One app in a line.
struct AppSummary {
  AppId app;
  std::string_view state;  // as in AppReport
  int instances = 0;       // wanted
  size_t running = 0;      // instances of which all tasks run that are not gone
  size_t serving = 0;      // of these, those that should get traffic
};

struct CatalogCounts {
  size_t apps = 0, tasks = 0, running = 0, gone = 0;
  bool attached = false;  // the stream is proven
  bool synced = false;    // a complete snapshot since this stream's attach
  bool ever_synced = false;
  std::string leader, framework, distrust;  // distrust: why the last snapshot was not believed, or ""
};

class Catalog {
 public:
  explicit Catalog(CatalogPolicy policy);
  ~Catalog();
  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;
  // A value: the copy shares nothing that changes, and goes on by itself.
  Catalog(const Catalog& other);
  Catalog& operator=(const Catalog& other);

  // Envelopes come in the order of their seq. `now` never goes back.
  Effects Step(const Envelope& envelope, Mono now);

  // The service as it should be now; null if the app is not known at all, or the
  // port is kAnyPort and there is no doubt about the app. Tasks known dead stay
  // listed as kNo for policy.tombstone, while they are very many for
  // policy.tombstone_at_least. As of the last Step.
  std::shared_ptr<const Service> Build(const ServiceKey& key) const;
  std::vector<ServiceKey> Keys() const;
  // A stream is attached, and a complete snapshot since then was believed.
  bool synced() const;

  CatalogCounts Counts() const;
  std::vector<AppId> Apps() const;
  // Sorted by app.
  std::vector<AppSummary> Summaries() const;
  std::optional<AppReport> Explain(const AppId& app, Mono now) const;

  // Everything that what it does from now on depends on (inventory.h).
  void List(Inventory& to) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dispatcher
