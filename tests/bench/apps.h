// What the benches' Marathon runs: many alike apps, their tasks, and replacements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dispatcher/base/mutex.h"

namespace dispatcher::bench {

struct Task {
  std::string id, host;
  int port = 0;
  int number = 0;       // of this family's tasks, from 0; the last twelve digits of the id's UUID
  std::string version;  // of the app, when it was started
};

// One task of an app ended and another took its place.
struct Replacement {
  std::string app, service;  // "/bench/app-00017", and what it is called in a registry
  Task born, dead;
  std::string frames;  // STAGING and RUNNING of the one, KILLED of the other, as the stream carries them
};

struct AppsShape {
  std::vector<std::string> hosts = {};  // agents, in turn; none: ten, 10.0.0.1 to 10.0.0.10
  bool routed = false;                  // with the label that gives them a host in routers
};

// Any thread.
class Apps {
 public:
  // `apps` apps of `tasks` tasks each. Apps of different `family` have nothing in common but
  // the hosts.
  Apps(const std::string& family, int apps, int tasks, AppsShape shape = {});

  int size() const { return size_; }
  // Grows with all that is changed.
  uint64_t changes() const;
  std::string Id(int app) const;       // "/bench/app-00017"
  std::string Service(int app) const;  // "bench-app-00017"
  std::vector<Task> Tasks(int app) const;

  // The bodies of /v2/apps and of /v2/apps/{id} as Marathon 1.8 writes them, about
  // 1.3 KB an app and 0.4 KB a task.
  std::string Snapshot() const;
  std::string One(const std::string& id) const;  // "" if there is no such app

  // The oldest task of the app gives way to a new one.
  Replacement Replace(int app);

  // Tasks that Replace makes from now on are of a new version. The events that begin and end
  // its deployment, as the stream carries them.
  std::string BeginUpgrade(int app);
  std::string EndUpgrade(int app);

 private:
  Task NewTask(int app) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string Body(int app) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string family_;
  const int size_;
  const AppsShape shape_;
  mutable Mutex mutex_;
  std::vector<std::vector<Task>> tasks_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> upgrades_ ABSL_GUARDED_BY(mutex_);  // of each app
  int made_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace dispatcher::bench
