#include "tests/schedule/script.h"

#include <cstdlib>

#include "dispatcher/base/json.h"
#include "dispatcher/model/names.h"

namespace dispatcher::schedule {
namespace {

std::shared_ptr<Tale> EmptyTale() {
  auto tale = std::make_shared<Tale>();
  tale->name = "by hand";
  tale->moments.push_back(std::make_shared<WrittenAnswers>(Written{}));
  return tale;
}

std::string Line(const Instance& i, bool with_want) {
  std::string line = std::string(i.task) + " " + std::string(i.address) + ":" + std::to_string(i.port);
  if (with_want) {
    line.append(" ").append(Name(i.want));
  }
  return line.append(" ").append(Name(i.condition));
}

}  // namespace

Script::Script(const std::string& marathon_version, CatalogPolicy policy)
    : tale_(EmptyTale()), schedule_{tale_, policy, {}}, stage_(tale_, policy) {
  written_.info.version = marathon_version;
  Rewrite();
}

void Script::Rewrite() { tale_->moments.back() = std::make_shared<WrittenAnswers>(written_); }

Script& Script::Lists(const std::string& app) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(app);
  if (!document.ok()) {
    std::abort();  // the test's own text
  }
  written_.apps[document->root()["id"].StringOr("")] = app;
  Rewrite();
  return *this;
}

Script& Script::Unlists(const AppId& app) {
  written_.apps.erase(app);
  Rewrite();
  return *this;
}

Script& Script::Keeps(const AppId& app, const std::string& version, const std::string& definition) {
  written_.versions[app][version] = definition;
  Rewrite();
  return *this;
}

Script& Script::Leads(const std::string& leader) {
  written_.info.leader = leader;
  Rewrite();
  return *this;
}

Script& Script::Play(Act act) {
  act.at = tale_->moments.size() - 1;
  stage_.Play(act);
  schedule_.acts.push_back(act);
  return *this;
}

Script& Script::Event(const std::string& json) {
  tale_->events.push_back({json, ""});
  tale_->moments.push_back(tale_->moments.back());
  return Again(tale_->events.size() - 1);
}

Script& Script::Again(size_t event) { return Play({.kind = Act::Kind::kEvent, .index = event}); }
Script& Script::Attach() { return Play({.kind = Act::Kind::kAttach}); }
Script& Script::Lose() { return Play({.kind = Act::Kind::kLose}); }
Script& Script::Begin() { return Play({.kind = Act::Kind::kBegin}); }
Script& Script::End(size_t read) { return Play({.kind = Act::Kind::kEnd, .index = read}); }
Script& Script::Fail(size_t read) { return Play({.kind = Act::Kind::kFail, .index = read}); }
Script& Script::Answer() { return Play({.kind = Act::Kind::kAnswer}); }
Script& Script::Snapshot() { return Play({.kind = Act::Kind::kSnapshot}); }
Script& Script::ForeignSnapshot() { return Play({.kind = Act::Kind::kSnapshot, .foreign = true}); }
Script& Script::Settle() { return Play({.kind = Act::Kind::kSettle}); }
Script& Script::Pass(Duration time) { return Play({.kind = Act::Kind::kPass, .time = time}); }

Lines Script::Sees() const {
  Lines lines;
  for (const ServiceKey& key : stage_.catalog().Keys()) {
    const std::shared_ptr<const Service> service = stage_.catalog().Build(key);
    for (const auto& instance : service->instances) {
      if (instance->want != Want::kNo && !instance->address.empty()) {
        lines.push_back(Line(*instance, true));
      }
    }
  }
  return lines;
}

Lines Script::Wants() const {
  Lines lines;
  for (const ServiceKey& key : stage_.catalog().Keys()) {
    const std::shared_ptr<const Service> service = stage_.catalog().Build(key);
    for (const auto& instance : service->instances) {
      if (instance->want == Want::kYes) {
        lines.push_back(Line(*instance, false));
      }
    }
  }
  return lines;
}

}  // namespace dispatcher::schedule
