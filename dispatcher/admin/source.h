// What the pages are made of. The engine gives it; a test invents it.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "dispatcher/engine/engine.h"

namespace dispatcher {

// Every call comes from any of the server's threads and must not wait, but for one.
class Source {
 public:
  virtual ~Source() = default;
  virtual EngineReport Report() const = 0;
  virtual std::vector<AppId> Apps() const = 0;
  virtual std::vector<AppSummary> Summaries() const = 0;
  virtual std::vector<std::pair<std::string, std::vector<AppStanding>>> Standings() const = 0;
  virtual std::optional<AppReport> Explain(const AppId& app) const = 0;
  virtual std::vector<std::shared_ptr<const Service>> Services() const = 0;
  virtual std::vector<AdapterPlan> Plan() const = 0;
  virtual std::vector<std::pair<std::string, AppPlace>> Where(const AppId& app) const = 0;
  virtual std::vector<Decision> Decisions(const DecisionQuery& query) const = 0;
  // The one call that may wait: until there is one, for `patience`, or till the end.
  virtual std::vector<Decision> WaitForDecisions(uint64_t after, size_t limit, Duration patience) const = 0;
  virtual absl::StatusOr<size_t> Release(const ReleaseScope& scope) = 0;
};

// The engine that runs.
class EngineSource final : public Source {
 public:
  explicit EngineSource(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}
  // Another one from now on; calls that are under way end with the one before. Any thread.
  void Switch(std::shared_ptr<Engine> engine);

  EngineReport Report() const override { return engine()->Report(); }
  std::vector<AppId> Apps() const override { return engine()->Apps(); }
  std::vector<AppSummary> Summaries() const override { return engine()->Summaries(); }
  std::vector<std::pair<std::string, std::vector<AppStanding>>> Standings() const override {
    return engine()->Standings();
  }
  std::optional<AppReport> Explain(const AppId& app) const override { return engine()->Explain(app); }
  std::vector<std::shared_ptr<const Service>> Services() const override { return engine()->Services(); }
  std::vector<AdapterPlan> Plan() const override { return engine()->Plan(); }
  std::vector<std::pair<std::string, AppPlace>> Where(const AppId& app) const override {
    return engine()->Where(app);
  }
  std::vector<Decision> Decisions(const DecisionQuery& query) const override {
    return engine()->Decisions(query);
  }
  std::vector<Decision> WaitForDecisions(uint64_t after, size_t limit, Duration patience) const override {
    return engine()->WaitForDecisions(after, limit, patience);
  }
  absl::StatusOr<size_t> Release(const ReleaseScope& scope) override { return engine()->Release(scope); }

 private:
  std::shared_ptr<Engine> engine() const;

  mutable Mutex mutex_;
  std::shared_ptr<Engine> engine_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
