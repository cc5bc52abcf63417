#include "tests/property/listener.h"

#include <algorithm>

#include "dispatcher/base/json.h"
#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/event.h"

namespace dispatcher {
namespace {

AppSeen ToSeen(AppElement element, uint64_t read, const ReadMark& mark) {
  AppSeen seen;
  seen.read = read;
  seen.mark = mark;
  seen.definition = std::move(element.definition);
  seen.has_tasks = element.has_tasks;
  seen.tasks = std::move(element.tasks);
  seen.deployments = std::move(element.deployments);
  seen.ready_tasks = std::move(element.ready_tasks);
  return seen;
}

}  // namespace

Listener::Listener() : catalog_(CatalogPolicy{}) {}

void Listener::Note(const Observation& what) {
  const auto name = [this](const TaskId& task, const std::string& host, const std::vector<int>& ports) {
    for (const int port : ports) {
      named_[task].insert(host + ":" + std::to_string(port));
    }
  };
  if (const auto* update = std::get_if<TaskUpdate>(&what); update != nullptr) {
    name(update->task, update->host, update->ports);
    if (update->life == Life::kTerminal) {
      ended_.insert(update->task);
    }
  } else if (const auto* seen = std::get_if<AppSeen>(&what); seen != nullptr) {
    for (const TaskSeen& task : seen->tasks) {
      name(task.task, task.host, task.ports);
    }
  }
}

void Listener::Push(Observation what) {
  if (std::holds_alternative<StreamAttached>(what)) {
    ++generation_;
  }
  Note(what);
  const Effects effects = catalog_.Step({++seq_, generation_, now_, std::move(what)}, now_);
  wanted_.insert(wanted_.end(), effects.reads.begin(), effects.reads.end());
  dirty_.insert(effects.dirty.begin(), effects.dirty.end());
  Check();
}

void Listener::Check() {
  for (const ServiceKey& key : dirty_) {
    const std::shared_ptr<const Service> service = catalog_.Build(key);
    if (service == nullptr) {
      continue;
    }
    for (const auto& instance : service->instances) {
      if (instance->want != dispatcher::Want::kYes) {
        continue;
      }
      const std::string address = instance->address + ":" + std::to_string(instance->port);
      if (!named_[instance->task].contains(address)) {
        violation_ = "invented " + address + " for " + instance->task;
      }
      if (ended_.contains(instance->task)) {
        violation_ = "resurrected " + instance->task;
      }
    }
  }
  dirty_.clear();
}

void Listener::Attach(const world::World& w) {
  Push(StreamAttached{w.leader()});
  AnswerReads(w);
}

void Listener::Deliver(const world::Event& event) {
  absl::StatusOr<DecodedEvent> decoded = DecodeEvent(event.json);
  if (!decoded.ok()) {
    violation_ = "not decoded: " + Text(decoded.status());
    return;
  }
  for (Observation& what : decoded->observations) {
    Push(std::move(what));
  }
}

void Listener::ReadApp(const AppId& app, const world::World& w) {
  ReadEnded ended;
  ended.read = ++read_number_;
  ended.mark = {seq_, generation_, w.leader()};
  ended.scope = ReadScope::kApp;
  ended.app = app;
  const std::optional<std::string> json = w.AppJson(app);
  if (!json.has_value()) {
    ended.status = absl::NotFoundError("no such app");
  } else if (absl::StatusOr<AppElement> element = DecodeAppText(*json); element.ok()) {
    ended.apps = 1;
    Push(ToSeen(*std::move(element), ended.read, ended.mark));
  } else {
    violation_ = "not decoded: " + Text(element.status());
  }
  Push(std::move(ended));
}

void Listener::ReadVersion(const ReadWanted& read, const world::World& w) {
  VersionSeen seen{read.app, read.version, nullptr, absl::NotFoundError("no such version")};
  if (const std::optional<std::string> json = w.VersionJson(read.app, read.version); json.has_value()) {
    if (absl::StatusOr<AppElement> element = DecodeAppText(*json); element.ok()) {
      seen.definition = element->definition;
      seen.status = absl::OkStatus();
    }
  }
  Push(std::move(seen));
}

void Listener::Snapshot(const world::World& w) {
  ReadEnded ended;
  ended.read = ++read_number_;
  ended.mark = {seq_, generation_, w.leader()};
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(w.AppsJson());
  if (!document.ok()) {
    violation_ = "not JSON: " + Text(document.status());
    return;
  }
  document->root()["apps"].ForEach([&](JsonView app) {
    if (absl::StatusOr<AppElement> element = DecodeApp(app); element.ok()) {
      ++ended.apps;
      Push(ToSeen(*std::move(element), ended.read, ended.mark));
    } else {
      violation_ = "not decoded: " + Text(element.status());
    }
  });
  Push(std::move(ended));
}

void Listener::AnswerReads(const world::World& w) {
  std::deque<ReadWanted> now;
  now.swap(wanted_);
  for (const ReadWanted& read : now) {
    if (read.not_before > now_) {
      wanted_.push_back(read);
      continue;
    }
    ++reads_made_;
    switch (read.what) {
      case ReadWanted::What::kSnapshot:
        Snapshot(w);
        break;
      case ReadWanted::What::kApp:
        ReadApp(read.app, w);
        break;
      case ReadWanted::What::kVersion:
        ReadVersion(read, w);
        break;
      case ReadWanted::What::kInfo:
        Push(MarathonInfo{w.profile().version, w.framework(), w.leader()});
        break;
      case ReadWanted::What::kResolve:
        Push(HostResolved{read.host, {read.host}, absl::OkStatus()});
        break;
    }
  }
}

void Listener::Finish(const world::World& w) {
  for (int i = 0; i < 100 && !wanted_.empty(); ++i) {
    AnswerReads(w);
    now_ += std::chrono::seconds(1);
    Push(Tick{});
  }
}

Desired Listener::Want() const {
  Desired lines;
  for (const ServiceKey& key : catalog_.Keys()) {
    const std::shared_ptr<const Service> service = catalog_.Build(key);
    for (const auto& instance : service->instances) {
      if (instance->want == dispatcher::Want::kYes) {
        lines.push_back(instance->profile->names.front() + " " + instance->address + ":" +
                        std::to_string(instance->port) + " " + instance->task +
                        (instance->condition == Condition::kCritical ? " critical" : " passing"));
      }
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace dispatcher
