#include "dispatcher/admin/app_view.h"

namespace dispatcher {
namespace {

constexpr size_t kDecisions = 50;

}  // namespace

std::optional<AppView> ViewApp(const Source& source, const AppId& id) {
  AppView view;
  for (const auto& service : source.Services()) {
    if (service->key.app == id) {
      view.services.push_back(service);
    }
  }
  if (std::optional<AppReport> app = source.Explain(id)) {
    view.app = *std::move(app);
  } else if (id.starts_with(kStaticPrefix) && !view.services.empty()) {
    view.app.app = id;
    view.app.state = "a static service of the configuration";
  } else {
    return std::nullopt;
  }
  view.places = source.Where(id);
  for (Decision& decision : source.Decisions(0, SIZE_MAX)) {
    if (decision.note.app == id) {
      view.decisions.push_back(std::move(decision));
    }
  }
  if (view.decisions.size() > kDecisions) {
    view.decisions.erase(view.decisions.begin(), view.decisions.end() - kDecisions);
  }
  return view;
}

}  // namespace dispatcher
