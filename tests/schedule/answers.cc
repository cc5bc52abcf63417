#include "tests/schedule/answers.h"

namespace dispatcher::schedule {

std::optional<std::vector<TaskId>> WorldAnswers::Running() const {
  std::vector<TaskId> tasks;
  for (const world::LiveTask& task : world_.Running()) {
    tasks.push_back(task.task);
  }
  return tasks;
}

std::vector<TaskId> WorldAnswers::HealthOpen() const {
  std::vector<TaskId> tasks;
  for (const world::LiveTask& task : world_.Alive()) {
    if (!task.healthy.has_value()) {
      tasks.push_back(task.task);
    }
  }
  return tasks;
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
