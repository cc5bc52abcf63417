#include "dispatcher/admin/source.h"

namespace dispatcher {
namespace {

class EngineSource final : public Source {
 public:
  explicit EngineSource(Engine& engine) : engine_(engine) {}

  EngineReport Report() const override { return engine_.Report(); }
  std::vector<AppId> Apps() const override { return engine_.Apps(); }
  std::optional<AppReport> Explain(const AppId& app) const override { return engine_.Explain(app); }
  std::vector<std::shared_ptr<const Service>> Services() const override { return engine_.Services(); }
  std::vector<AdapterPlan> Plan() const override { return engine_.Plan(); }
  std::vector<Decision> Decisions(uint64_t after, size_t limit) const override {
    return engine_.Decisions(after, limit);
  }
  void Release() override { engine_.Release(); }

 private:
  Engine& engine_;
};

}  // namespace

std::unique_ptr<Source> SourceOf(Engine& engine) { return std::make_unique<EngineSource>(engine); }

}  // namespace dispatcher
