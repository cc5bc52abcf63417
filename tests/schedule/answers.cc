#include "tests/schedule/answers.h"

#include "dispatcher/base/json.h"

namespace dispatcher::schedule {

const std::vector<Answers::Decoded>& Answers::DecodedApps() const {
  if (!apps_.has_value()) {
    apps_.emplace();
    const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(Apps());
    if (document.ok()) {
      document->root()["apps"].ForEach([this](JsonView app) { apps_->push_back(DecodeApp(app)); });
    } else {
      apps_->push_back(document.status());
    }
  }
  return *apps_;
}

const std::optional<Answers::Decoded>& Answers::DecodedApp(const AppId& app) const {
  const auto [it, fresh] = app_.try_emplace(app);
  if (fresh) {
    if (const std::optional<std::string> json = App(app); json.has_value()) {
      it->second = DecodeAppText(*json);
    }
  }
  return it->second;
}

WorldAnswers::WorldAnswers(world::World w) : world_(std::move(w)) {
  for (const world::LiveTask& task : world_.Running()) {
    running_.push_back(task.task);
  }
  for (const world::LiveTask& task : world_.Alive()) {
    if (!task.healthy.has_value()) {
      health_open_.push_back(task.task);
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
