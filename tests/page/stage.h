// A dispatcher that a test invents, its server, and a browser that shows its page.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "dispatcher/admin/admin_server.h"
#include "tests/admin/fake_source.h"
#include "tests/page/browser.h"

namespace dispatcher::testing {

// A FakeSource that may be changed while it is asked. Any thread.
class Scene final : public Source {
 public:
  Scene();  // three registries and a dozen apps; /cart in the midst of an upgrade, with every trouble there
            // is

  void Change(absl::FunctionRef<void(FakeSource&)> change) {
    MutexLock lock(mutex_);
    change(scene_);
  }
  // A decision about that app, made now; readers of the stream hear it.
  void Decide(const AppId& app, const TaskId& task, std::string text, NoteKind kind = NoteKind::kPhase);

  EngineReport Report() const override { return Of(&FakeSource::Report); }
  std::vector<AppId> Apps() const override { return Of(&FakeSource::Apps); }
  std::vector<AppSummary> Summaries() const override { return Of(&FakeSource::Summaries); }
  std::vector<std::pair<std::string, std::vector<AppStanding>>> Standings() const override {
    return Of(&FakeSource::Standings);
  }
  std::optional<AppReport> Explain(const AppId& app) const override { return Of(&FakeSource::Explain, app); }
  std::vector<std::shared_ptr<const Service>> Services() const override { return Of(&FakeSource::Services); }
  std::vector<AdapterPlan> Plan() const override { return Of(&FakeSource::Plan); }
  std::vector<std::pair<std::string, AppPlace>> Where(const AppId& app) const override {
    return Of(&FakeSource::Where, app);
  }
  // These two have a lock of their own.
  std::vector<Decision> Decisions(const DecisionQuery& query) const override {
    return scene_.Decisions(query);
  }
  std::vector<Decision> WaitForDecisions(uint64_t after, size_t limit, Duration patience) const override {
    return scene_.WaitForDecisions(after, limit, patience);
  }
  absl::StatusOr<size_t> Release(const ReleaseScope&) override { return 0; }

 private:
  template <typename Result, typename... Arguments>
  Result Of(Result (FakeSource::*ask)(const Arguments&...) const, const Arguments&... arguments) const {
    MutexLock lock(mutex_);
    return (scene_.*ask)(arguments...);
  }

  mutable Mutex mutex_;
  FakeSource scene_;  // its decisions aside, guarded by mutex_
  uint64_t decided_ = 0;
};

// One Chromium for all cases of the program: it takes seconds to start.
Browser& TheBrowser();

class Stage {
 public:
  Stage();

  Scene scene;
  Browser& browser = TheBrowser();

  // Shows that view ("#/plan") at that size, and waits until it stands and the stream is open.
  void Show(const std::string& view, int width = 1280, bool dark = false);
  std::string url() const { return "http://" + server_->address(); }
  // The server goes, or comes back at the same port.
  void Close() { server_->Stop(); }
  void Reopen();

 private:
  std::unique_ptr<AdminServer> server_;
};

}  // namespace dispatcher::testing
