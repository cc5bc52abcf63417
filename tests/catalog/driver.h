// A catalog with its inbox and its clock, for tests: push what is observed, look
// at what is wanted.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/catalog.h"
#include "dispatcher/model/names.h"

namespace dispatcher {

using Lines = std::vector<std::string>;

inline constexpr const char* kV1 = "2019-04-10T10:00:00.000Z";
inline constexpr const char* kV2 = "2019-04-10T11:00:00.000Z";
inline constexpr const char* kV3 = "2019-04-10T12:00:00.000Z";
inline WallMs StampOf(const char* text) { return *ParseTimestamp(text); }

// An app with one host port and, if `checks`, as many HTTP checks.
inline std::shared_ptr<Definition> App1(const std::string& id, const char* version = kV1, int instances = 1,
                                        int checks = 0) {
  auto definition = std::make_shared<Definition>();
  definition->id = id;
  definition->version = version;
  definition->version_at = definition->config_changed_at = StampOf(version);
  definition->instances = instances;
  definition->ports.resize(1);
  for (int i = 0; i < checks; ++i) {
    definition->checks.emplace_back();
    definition->checks.back().port_index = 0;
  }
  return definition;
}

class Driver {
 public:
  explicit Driver(CatalogPolicy policy = {}) : catalog(std::move(policy)) {}

  Effects Push(Observation what) {
    if (std::holds_alternative<StreamAttached>(what)) {
      ++generation;
    }
    Envelope envelope{++seq, generation, now, std::move(what)};
    last = catalog.Step(envelope, now);
    for (const ServiceKey& key : last.dirty) {
      dirty.insert(key);
    }
    for (const ReadWanted& read : last.reads) {
      reads.push_back(read);
    }
    full_passes += last.full_pass.has_value() ? 1 : 0;
    return last;
  }
  void Attach(const std::string& leader = "m1:8080") { Push(StreamAttached{leader}); }

  ReadMark Mark(const std::string& leader = "m1:8080") const { return {seq, generation, leader}; }

  // A complete snapshot that began when `mark` was taken.
  Effects Snapshot(std::vector<AppSeen> apps, std::optional<ReadMark> mark = std::nullopt,
                   std::vector<AppId> bad = {}) {
    const ReadMark taken = mark.value_or(Mark());
    const uint64_t read = ++reads_made;
    const int count = static_cast<int>(apps.size() + bad.size());
    for (AppSeen& app : apps) {
      app.read = read;
      app.mark = taken;
      Push(std::move(app));
    }
    ReadEnded ended;
    ended.read = read;
    ended.mark = taken;
    ended.apps = count;
    ended.bad_apps = std::move(bad);
    return Push(std::move(ended));
  }
  Effects ReadApp(AppSeen app, std::optional<ReadMark> mark = std::nullopt) {
    app.read = ++reads_made;
    app.mark = mark.value_or(Mark());
    ReadEnded ended;
    ended.read = app.read;
    ended.mark = app.mark;
    ended.scope = ReadScope::kApp;
    ended.app = app.definition->id;
    ended.apps = 1;
    Push(std::move(app));
    return Push(std::move(ended));
  }
  Effects NotFound(const AppId& id, std::optional<ReadMark> mark = std::nullopt) {
    ReadEnded ended;
    ended.read = ++reads_made;
    ended.mark = mark.value_or(Mark());
    ended.scope = ReadScope::kApp;
    ended.app = id;
    ended.status = absl::NotFoundError("no such app");
    return Push(std::move(ended));
  }
  void Wait(Duration time) {
    now += time;
    Push(Tick{});
  }

  // "task@address:port want condition" for each instance, sorted by task.
  std::vector<std::string> Instances(const AppId& app, int port = 0) const {
    std::vector<std::string> lines;
    const std::shared_ptr<const Service> service = catalog.Build({app, port});
    if (service == nullptr) {
      return lines;
    }
    for (const auto& i : service->instances) {
      lines.push_back(i->task + "@" + i->address + ":" + std::to_string(i->port));
      lines.back().append(" ").append(Name(i->want)).append(" ").append(Name(i->condition));
    }
    return lines;
  }
  std::shared_ptr<const Instance> Find(const AppId& app, const TaskId& task, int port = 0) const {
    const std::shared_ptr<const Service> service = catalog.Build({app, port});
    if (service != nullptr) {
      for (const auto& instance : service->instances) {
        if (instance->task == task) {
          return instance;
        }
      }
    }
    return nullptr;
  }

  Catalog catalog;
  Mono now = Mono(std::chrono::hours(1));
  uint64_t seq = 0;
  uint32_t generation = 0;
  uint64_t reads_made = 0;
  Effects last;
  std::set<ServiceKey> dirty;
  std::vector<ReadWanted> reads;
  int full_passes = 0;
};

inline Want WantOf(const Driver& d, const AppId& app, const TaskId& task) { return d.Find(app, task)->want; }

inline TaskSeen SeenTask(const TaskId& id, int port, const char* version = kV1, Life life = Life::kRunning,
                         const std::string& host = "10.0.0.1") {
  TaskSeen task;
  task.task = id;
  task.life = life;
  task.word = life == Life::kRunning ? "TASK_RUNNING" : "TASK_STAGING";
  task.host = host;
  task.ports = {port};
  task.version = version;
  task.version_at = StampOf(version);
  task.started_at = task.version_at + 1000;
  return task;
}
inline AppSeen SeenApp(std::shared_ptr<const Definition> definition, std::vector<TaskSeen> tasks = {}) {
  AppSeen seen;
  seen.definition = std::move(definition);
  seen.tasks = std::move(tasks);
  return seen;
}
inline TaskUpdate Update(const AppId& app, const TaskId& task, Life life, int port = 0,
                         const char* version = kV1) {
  TaskUpdate update;
  update.app = app;
  update.task = task;
  update.life = life;
  update.word = life == Life::kRunning ? "TASK_RUNNING" : life == Life::kTerminal ? "TASK_KILLED" : "TASK_X";
  update.host = "10.0.0.1";
  if (port != 0) {
    update.ports = {port};
  }
  update.version = version;
  update.at = StampOf(version) + 1000;
  return update;
}

}  // namespace dispatcher
