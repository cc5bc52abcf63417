// What the pages are made of. The engine gives it; a test invents it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "dispatcher/engine/engine.h"

namespace dispatcher {

// Every call comes from any of the server's threads and must not wait for I/O.
class Source {
 public:
  virtual ~Source() = default;
  virtual EngineReport Report() const = 0;
  virtual std::vector<AppId> Apps() const = 0;
  virtual std::optional<AppReport> Explain(const AppId& app) const = 0;
  virtual std::vector<std::shared_ptr<const Service>> Services() const = 0;
  virtual std::vector<AdapterPlan> Plan() const = 0;
  virtual std::vector<Decision> Decisions(uint64_t after, size_t limit) const = 0;
  virtual void Release() = 0;
};

// `engine` outlives it.
std::unique_ptr<Source> SourceOf(Engine& engine);

}  // namespace dispatcher
