#include "tests/schedule/answers.h"

#include <set>

#include "dispatcher/base/json.h"
#include "dispatcher/marathon/codec/pod.h"

namespace dispatcher::schedule {

const std::vector<Answers::Decoded>& Answers::DecodedApps() const {
  if (!apps_.has_value()) {
    apps_.emplace();
    const absl::StatusOr<JsonDocument> apps = JsonDocument::Parse(Apps());
    const absl::StatusOr<JsonDocument> pods = JsonDocument::Parse(Pods());
    if (apps.ok() && pods.ok()) {
      apps->root()["apps"].ForEach([this](JsonView app) { apps_->push_back(DecodeApp(app)); });
      pods->root().ForEach([this](JsonView pod) { apps_->push_back(DecodePod(pod)); });
    } else {
      apps_->push_back(apps.ok() ? pods.status() : apps.status());
    }
  }
  return *apps_;
}

const std::optional<Answers::Decoded>& Answers::DecodedApp(const AppId& app) const {
  const auto [it, fresh] = app_.try_emplace(app);
  if (fresh) {
    if (const std::optional<std::string> json = App(app); json.has_value()) {
      it->second = DecodeAppText(*json);
    } else if (const std::optional<std::string> pod = Pod(app); pod.has_value()) {
      it->second = DecodePodText(*pod);
    }
  }
  return it->second;
}

std::shared_ptr<const Definition> Answers::DecodedVersion(const AppId& app,
                                                          const std::string& version) const {
  if (const std::optional<std::string> json = Version(app, version); json.has_value()) {
    const absl::StatusOr<AppElement> element = DecodeAppText(*json);
    return element.ok() ? element->definition : nullptr;
  }
  const std::optional<std::string> json = PodVersion(app, version);
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(json.value_or(""));
  const auto spec = document.ok() ? DecodePodSpec(document->root()) : document.status();
  return spec.ok() ? *spec : nullptr;
}

WorldAnswers::WorldAnswers(world::World w) : world_(std::move(w)) {
  std::set<InstanceId> pods;
  for (const world::LiveTask& task : world_.Running()) {
    if (task.task == task.instance) {
      pods.insert(task.instance);
    } else {
      running_.push_back(task.task);
    }
  }
  for (const world::LiveTask& task : world_.Alive()) {
    if (!task.healthy.has_value()) {
      health_open_.push_back(task.task);
    }
  }
  // A pod's instance is one thing to the world, and one task a container to Marathon.
  for (const Decoded& app : pods.empty() ? std::vector<Decoded>() : DecodedApps()) {
    for (const TaskSeen& task : app.ok() ? app->tasks : std::vector<TaskSeen>()) {
      if (pods.contains(InstanceOfTask(task.task)) && task.life == Life::kRunning) {
        running_.push_back(task.task);
      }
    }
  }
}

std::string WrittenAnswers::Apps() const {
  std::string text = R"({"apps":[)";
  for (const auto& [id, app] : written_.apps) {
    text.append(text.back() == '[' ? "" : ",").append(app);
  }
  return text + "]}";
}

std::optional<std::string> WrittenAnswers::App(const AppId& app) const {
  const auto it = written_.apps.find(app);
  return it == written_.apps.end() ? std::nullopt : std::optional(R"({"app":)" + it->second + "}");
}

std::optional<std::string> WrittenAnswers::Version(const AppId& app, const std::string& version) const {
  const auto it = written_.versions.find(app);
  if (it == written_.versions.end()) {
    return std::nullopt;
  }
  const auto definition = it->second.find(version);
  return definition == it->second.end() ? std::nullopt : std::optional(definition->second);
}

}  // namespace dispatcher::schedule
