#include "dispatcher/admin/app_view.h"

namespace dispatcher {
namespace {

constexpr size_t kDecisions = 50;

// Refusals are sentences that start with the app: "/shop/cart: name web is held by /web".
bool IsAbout(const std::string& refusal, const AppId& id) {
  return refusal.starts_with(id) && (refusal.size() == id.size() || refusal[id.size()] == ':');
}

void AddFromAdapters(const Source& source, AppView& view) {
  const AppId& id = view.app.app;
  for (const AdapterReport& adapter : source.Report().adapters) {
    for (const HeldRemoval& held : adapter.state.held) {
      if (held.service.app == id) {
        view.held.emplace_back(adapter.name, held);
      }
    }
    for (const std::string& refusal : adapter.state.refusals) {
      if (IsAbout(refusal, id)) {
        view.refusals.emplace_back(adapter.name, refusal);
      }
    }
  }
  for (const AdapterPlan& plan : source.Plan()) {
    for (const Change& change : plan.changes) {
      if (change.entry != nullptr && change.entry->service.app == id) {
        view.planned.emplace_back(plan.adapter, change);
      }
    }
  }
}

}  // namespace

std::optional<AppView> ViewApp(const Source& source, const AppId& id) {
  std::optional<AppReport> app = source.Explain(id);
  if (!app) {
    return std::nullopt;
  }
  AppView view;
  view.app = *std::move(app);
  for (const auto& service : source.Services()) {
    if (service->key.app == id) {
      view.services.push_back(service);
    }
  }
  AddFromAdapters(source, view);
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
