// A Marathon with apps that a test sets and events that a test sends.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/marathon/client/fake_marathon.h"

namespace dispatcher::testing {

class ScriptedMarathon {
 public:
  ScriptedMarathon()
      : fake_([this](RawConnection& connection, const std::string& request) {
          return Serve(connection, request);
        }) {}
  ~ScriptedMarathon() {
    MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyAll();
  }

  std::string url() const { return fake_.url(); }
  // Requests for `path` so far.
  size_t Asked(std::string_view path) const {
    size_t count = 0;
    for (const std::string& request : fake_.requests()) {
      count += Asks(request, path) ? 1 : 0;
    }
    return count;
  }

  // An app with these running tasks, on ports of 10.0.0.1.
  void SetApp(const std::string& id, const std::map<std::string, int>& tasks) {
    std::string json = R"({"id":")" + id + R"(","version":"2020-01-01T00:00:00.000Z","instances":)" +
                       std::to_string(tasks.size()) +
                       R"(,"portDefinitions":[{"port":10000,"protocol":"tcp"}],"deployments":[],"tasks":[)";
    for (const auto& [task, port] : tasks) {
      json += json.ends_with('[') ? "" : ",";
      json += R"({"id":")" + task + R"(","appId":")" + id + R"(","host":"10.0.0.1","ports":[)" +
              std::to_string(port) + R"(],"state":"TASK_RUNNING","startedAt":"2020-01-01T00:00:01.000Z",)" +
              R"("version":"2020-01-01T00:00:00.000Z"})";
    }
    MutexLock lock(mutex_);
    apps_[id] = json + "]}";
  }
  void RemoveApp(const std::string& id) {
    MutexLock lock(mutex_);
    apps_.erase(id);
  }
  // What /v2/apps answers instead; "" for the truth again.
  void AnswerApps(std::string answer) {
    MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  // To every stream that is open now.
  void Emit(const std::string& frames) {
    MutexLock lock(mutex_);
    events_ += frames;
    changed_.NotifyAll();
  }
  // Ends all streams and refuses new ones until `open`.
  void SetOpen(bool open) {
    MutexLock lock(mutex_);
    open_ = open;
    changed_.NotifyAll();
  }

 private:
  bool Serve(RawConnection& connection, const std::string& request) {
    if (Asks(request, "/v2/events")) {
      ServeEvents(connection);
      return false;
    }
    if (Asks(request, "/v2/info")) {
      return connection.Write(Json(R"({"version":"1.10.26","frameworkId":"framework-1","leader":"m:1"})"));
    }
    MutexLock lock(mutex_);
    if (Asks(request, "/v2/apps?")) {
      return connection.Write(answer_.empty() ? Json(Snapshot()) : answer_);
    }
    if (Asks(request, "/v2/pods/::status")) {
      return connection.Write(Json("[]"));
    }
    for (const auto& [id, json] : apps_) {
      if (Asks(request, "/v2/apps" + id + "?")) {
        return connection.Write(Json(R"({"app":)" + json + "}"));
      }
    }
    return connection.Write(Answer("404 Not Found", "application/json", R"({"message":"no such app"})"));
  }

  void ServeEvents(RawConnection& connection) {
    MutexLock lock(mutex_);
    if (!open_) {
      connection.Write(Answer("503 Service Unavailable", "text/plain", ""));
      return;
    }
    size_t sent = events_.size();
    connection.Write(StreamHead() + AttachedFrame());
    while (!ending_ && open_) {
      if (sent < events_.size() && !connection.Write(std::string_view(events_).substr(sent))) {
        return;
      }
      sent = events_.size();
      changed_.Wait(mutex_);
    }
  }

  std::string Snapshot() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::string json = R"({"apps":[)";
    for (const auto& [id, app] : apps_) {
      json += (json.ends_with('[') ? "" : ",") + app;
    }
    return json + "]}";
  }

  Mutex mutex_;
  CondVar changed_;
  std::map<std::string, std::string> apps_ ABSL_GUARDED_BY(mutex_);
  std::string answer_ ABSL_GUARDED_BY(mutex_);
  std::string events_ ABSL_GUARDED_BY(mutex_);
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  FakeMarathon fake_;  // last: its threads use all above
};

}  // namespace dispatcher::testing
