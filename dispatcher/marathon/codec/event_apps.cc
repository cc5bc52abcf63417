// Events that name an app, a group, a deployment, or nothing at all.
#include <algorithm>
#include <utility>

#include "absl/strings/str_replace.h"
#include "dispatcher/marathon/codec/event_decoders.h"

namespace dispatcher {
namespace {

// The id in a request's uri: "/v2/apps//shop/cart?force=true" -> "/shop/cart",
// "/marathon/v2/pods/my-pod::status" -> "/my-pod", "/v2/pods" -> "".
AppId AppOfUri(std::string_view uri, std::string_view collection) {
  const size_t begin = uri.find(collection);
  if (begin == std::string_view::npos) {
    return "";
  }
  std::string_view id = uri.substr(begin + collection.size());
  id = id.substr(0, std::min({id.find('?'), id.find('#'), id.find("::")}));
  const AppId app = NormalAppId(absl::StrReplaceAll(ToAbsl(id), {{"%2F", "/"}, {"%2f", "/"}}));
  return app == "/" ? "" : app;
}

// Look at `app`, or at everything if the request named none.
void Touch(AppId app, std::string_view type, const JsonFields& event, std::vector<Observation>& out) {
  if (app.empty()) {
    out.emplace_back(GroupTouched{"/", event.Stamp("timestamp")});
  } else {
    out.emplace_back(AppTouched{std::move(app), std::string(type), event.Stamp("timestamp")});
  }
}

// {"action": "ScaleApplication", "app": "/a"}; until 1.1.1 `type`; of pods `pod`.
void ReadAction(const JsonFields& action, std::vector<DeploymentAction>& to) {
  DeploymentAction read;
  read.verb = action.Text(action.Has("action") ? "action" : "type");
  read.app = NormalAppId(action.Text(action.Has("app") ? "app" : "pod"));
  if (!read.app.empty()) {
    to.push_back(std::move(read));
  }
}

// {"actions": [...]}; until 0.7, and in the documentation, the action itself.
void ReadStep(const JsonFields& step, std::vector<DeploymentAction>& to) {
  if (step.Has("actions")) {
    step.Each("actions", [&](const JsonFields& action) { ReadAction(action, to); });
  } else {
    ReadAction(step, to);
  }
}

DeploymentPhase PhaseOf(std::string_view type) {
  constexpr std::pair<std::string_view, DeploymentPhase> kPhases[] = {
      {"deployment_step_success", DeploymentPhase::kStepDone},
      {"deployment_step_failure", DeploymentPhase::kStepFailed},
      {"deployment_success", DeploymentPhase::kSucceeded},
      {"deployment_failed", DeploymentPhase::kFailed},
  };
  for (const auto& [name, phase] : kPhases) {
    if (name == type) {
      return phase;
    }
  }
  return DeploymentPhase::kStep;
}

}  // namespace

void DecodeAppTerminated(std::string_view, const JsonFields& event, std::vector<Observation>& out) {
  out.emplace_back(AppTerminated{NormalAppId(event.Need("appId")), event.Stamp("timestamp")});
}

void DecodeHealthCheckSet(std::string_view type, const JsonFields& event, std::vector<Observation>& out) {
  Touch(NormalAppId(event.Need("appId")), type, event, out);
}

void DecodeApiPost(std::string_view type, const JsonFields& event, std::vector<Observation>& out) {
  AppId app = NormalAppId(event.Child("appDefinition").Text("id"));
  if (app.empty()) {
    app = AppOfUri(event.Need("uri"), "/v2/apps");
  }
  Touch(std::move(app), type, event, out);
}

void DecodePodChanged(std::string_view type, const JsonFields& event, std::vector<Observation>& out) {
  Touch(AppOfUri(event.Need("uri"), "/v2/pods"), type, event, out);
}

void DecodeGroupChange(std::string_view, const JsonFields& event, std::vector<Observation>& out) {
  out.emplace_back(GroupTouched{NormalAppId(event.Need("groupId")), event.Stamp("timestamp")});
}

void DecodeDeployment(std::string_view type, const JsonFields& event, std::vector<Observation>& out) {
  const JsonFields plan = event.Child("plan");
  DeploymentUpdate update;
  update.phase = PhaseOf(type);
  update.id = event.Text("id");
  if (update.id.empty()) {
    update.id = plan.Text("id");
  }
  if (update.id.empty()) {
    event.Fail("id", "is missing");
  }
  update.version = plan.Text("version");
  ReadStep(event.Child("currentStep"), update.current);
  plan.Each("steps", [&](const JsonFields& step) {
    std::vector<DeploymentAction> actions;
    ReadStep(step, actions);
    ++update.steps;
    // No number says which step it is. Of two alike it may be either: take the first.
    if (update.step == 0 && !actions.empty() && actions == update.current) {
      update.step = update.steps;
    }
    std::move(actions.begin(), actions.end(), std::back_inserter(update.all));
  });
  update.at = event.Stamp("timestamp");
  out.emplace_back(std::move(update));
}

void DecodeScheduler(std::string_view type, const JsonFields& event, std::vector<Observation>& out) {
  out.emplace_back(SchedulerChanged{std::string(type), event.Text("frameworkId"), event.Stamp("timestamp")});
}

void DecodeAttached(std::string_view, const JsonFields&, std::vector<Observation>& out) {
  out.emplace_back(StreamAttached{});
}

}  // namespace dispatcher
