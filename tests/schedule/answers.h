// What Marathon's REST API answers at one moment.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/model/observation.h"
#include "tests/world/world.h"

namespace dispatcher::schedule {

// Bodies as Marathon sends them; nullopt stands for 404. A value that never changes,
// of one thread: what was decoded once is kept.
class Answers {
 public:
  using Decoded = absl::StatusOr<AppElement>;

  virtual ~Answers() = default;
  virtual std::string Apps() const = 0;  // GET /v2/apps?embed=apps.tasks&...
  virtual std::optional<std::string> App(const AppId& app) const = 0;
  virtual std::optional<std::string> Version(const AppId& app, const std::string& version) const = 0;
  // The same of pods, which are listed apart: GET /v2/pods/::status, a pod's status, a spec.
  virtual std::string Pods() const { return "[]"; }
  virtual std::optional<std::string> Pod(const AppId&) const { return std::nullopt; }
  virtual std::optional<std::string> PodVersion(const AppId&, const std::string&) const {
    return std::nullopt;
  }
  virtual MarathonInfo Info() const = 0;  // with the leader that answers
  // Tasks that really run, are reachable and are not being killed; nullopt where
  // nobody knows, because the answers were written by hand.
  virtual std::optional<std::vector<TaskId>> Running() const { return std::nullopt; }
  // Tasks whose health Marathon does not know completely.
  virtual std::vector<TaskId> HealthOpen() const { return {}; }

  // Apps and pods through the codec: all, the one of that id, and a version of it (null:
  // 404).
  const std::vector<Decoded>& DecodedApps() const;
  const std::optional<Decoded>& DecodedApp(const AppId& app) const;
  std::shared_ptr<const Definition> DecodedVersion(const AppId& app, const std::string& version) const;

 private:
  mutable std::optional<std::vector<Decoded>> apps_;
  mutable std::map<AppId, std::optional<Decoded>> app_;
};

// The reference Marathon as it was.
class WorldAnswers : public Answers {
 public:
  explicit WorldAnswers(world::World w);
  std::string Apps() const override { return world_.AppsJson(); }
  std::optional<std::string> App(const AppId& app) const override { return world_.AppJson(app); }
  std::optional<std::string> Version(const AppId& app, const std::string& version) const override {
    return world_.VersionJson(app, version);
  }
  std::string Pods() const override { return world_.PodsStatusJson(); }
  std::optional<std::string> Pod(const AppId& pod) const override { return world_.PodStatusJson(pod); }
  std::optional<std::string> PodVersion(const AppId& pod, const std::string& version) const override {
    return world_.PodJson(pod, version);
  }
  MarathonInfo Info() const override {
    return {world_.profile().version, world_.framework(), world_.leader()};
  }
  std::optional<std::vector<TaskId>> Running() const override { return running_; }
  std::vector<TaskId> HealthOpen() const override { return health_open_; }

 private:
  world::World world_;
  std::vector<TaskId> running_, health_open_;
};

// Written by hand: apps by id, each as an element of /v2/apps.
struct Written {
  std::map<AppId, std::string> apps;
  std::map<AppId, std::map<std::string, std::string>> versions;
  MarathonInfo info{"1.8.180", "framework-1", "m1:8080"};
};
class WrittenAnswers : public Answers {
 public:
  explicit WrittenAnswers(Written written) : written_(std::move(written)) {}
  std::string Apps() const override;
  std::optional<std::string> App(const AppId& app) const override;
  std::optional<std::string> Version(const AppId& app, const std::string& version) const override;
  MarathonInfo Info() const override { return written_.info; }

 private:
  Written written_;
};

}  // namespace dispatcher::schedule
