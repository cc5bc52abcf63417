#include "dispatcher/admin/app_view.h"

#include <algorithm>
#include <utility>

namespace dispatcher {
namespace {

constexpr size_t kDecisions = 50;

bool HoldSomething(const std::vector<std::pair<std::string, AppPlace>>& places) {
  return std::any_of(places.begin(), places.end(),
                     [](const auto& place) { return !place.second.entries.empty(); });
}

}  // namespace

std::optional<AppView> ViewApp(const Source& source, const AppId& id) {
  AppView view;
  for (const auto& service : source.Services()) {
    if (service->key.app == id) {
      view.services.push_back(service);
    }
  }
  view.places = source.Where(id);
  if (std::optional<AppReport> app = source.Explain(id)) {
    view.app = *std::move(app);
  } else if (id.starts_with(kStaticPrefix) && !view.services.empty()) {
    view.app.app = id;
    view.app.state = "a static service of the configuration";
  } else if (HoldSomething(view.places)) {
    view.app.app = id;
    view.app.state = "unknown";
    view.app.missing = {"Marathon has no such app, or was not read yet: only registries know it"};
  } else {
    return std::nullopt;
  }
  const EngineReport report = source.Report();
  view.dry_run = report.dry_run;
  for (const AdapterReport& adapter : report.adapters) {
    if (std::string error = FirstError(adapter); !error.empty()) {
      view.failing.emplace(adapter.name, std::move(error));
    }
  }
  view.decisions = source.Decisions({.limit = kDecisions, .app = id});
  return view;
}

}  // namespace dispatcher
