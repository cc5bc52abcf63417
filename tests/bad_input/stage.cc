#include "tests/bad_input/stage.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher::testing {
namespace {

constexpr std::string_view kLeader = "X-Marathon-Leader: http://m1:8080\r\n";

std::string Head(int status, std::string_view type, size_t length) {
  return "HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Type: " + std::string(type) + "\r\n" +
         std::string(kLeader) + "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

}  // namespace

BadServer::BadServer() : server_([this](RawConnection& connection) { Serve(connection); }) {}

void BadServer::On(std::string path, BadAnswer answer) {
  MutexLock lock(mutex_);
  answers_[std::move(path)] = std::move(answer);
}

std::set<std::string> BadServer::Asked() const {
  MutexLock lock(mutex_);
  std::set<std::string> asked;
  for (const auto& [what, count] : asked_) {
    asked.insert(what);
  }
  return asked;
}

int BadServer::Asked(std::string_view path) const {
  MutexLock lock(mutex_);
  int times = 0;
  for (const auto& [what, count] : asked_) {
    const std::string_view target = std::string_view(what).substr(what.find(' ') + 1);
    times += target.starts_with(path) ? count : 0;
  }
  return times;
}

void BadServer::Serve(RawConnection& connection) {
  for (std::string request; !(request = connection.ReadRequest()).empty();) {
    const std::string line = request.substr(0, request.find(" HTTP/"));
    const std::string_view target = std::string_view(line).substr(line.find(' ') + 1);
    BadAnswer answer = Says("{}", "application/json", 404);
    {
      MutexLock lock(mutex_);
      ++asked_[line];
      size_t longest = 0;
      for (const auto& [path, candidate] : answers_) {
        if (target.starts_with(path) && path.size() >= longest) {
          longest = path.size();
          answer = candidate;
        }
      }
    }
    if (!answer(connection, request)) {
      return;
    }
  }
}

BadAnswer Says(std::string body, std::string_view type, int status) {
  return [answer = Head(status, type, body.size()) + body](RawConnection& connection, const std::string&) {
    return connection.Write(answer);
  };
}

std::shared_ptr<Flood> MakeFlood(std::string head, std::string piece, size_t most) {
  auto flood = std::make_shared<Flood>();
  flood->head = std::move(head);
  flood->piece = std::move(piece);
  flood->most = most;
  return flood;
}

BadAnswer Floods(const std::shared_ptr<Flood>& flood) {
  return [flood](RawConnection& connection, const std::string&) {
    size_t sent = 0;
    bool open = connection.Write(flood->head);
    while (open && sent < flood->most) {
      open = connection.Write(flood->piece);
      sent += open ? flood->piece.size() : 0;
    }
    MutexLock lock(flood->mutex);
    flood->taken = std::max(flood->taken, sent);
    ++(open ? flood->whole : flood->cut);
    return false;
  };
}

std::string AppJson(std::string_view id, std::string_view further, int port) {
  std::string name(id.substr(1));
  std::replace(name.begin(), name.end(), '/', '_');
  return R"({"id":")" + std::string(id) + R"(",)" + std::string(further) +
         R"("instances":1,"version":"2019-04-10T10:00:00.000Z","portDefinitions":[{"port":10000,"protocol":"tcp"}],)"
         R"("tasks":[{"id":")" +
         name + R"(.instance-1.1","host":"10.0.0.1","ports":[)" + std::to_string(port) +
         R"(],"state":"TASK_RUNNING",)"
         R"("startedAt":"2019-04-10T10:00:01.000Z","version":"2019-04-10T10:00:00.000Z"}],)"
         R"("deployments":[]})";
}

BadMarathon::BadMarathon() {
  On("/v2/info", Says(R"({"version":"1.8.222","frameworkId":"framework-1","leader":"m1:8080"})"));
  On("/v2/pods/", Says("{}", "application/json", 404));
  On("/v2/pods/::status", Says("[]"));
  SetApps({});
  SetEvents([](RawConnection& connection, const std::string&) {
    connection.WaitForClose();
    return false;
  });
}

void BadMarathon::SetApps(const std::vector<std::string>& apps) {
  std::string all;
  for (const std::string& app : apps) {
    all.append(all.empty() ? "" : ",").append(app);
  }
  On("/v2/apps?", Says(R"({"apps":[)" + all + "]}"));
}

void BadMarathon::SetEvents(BadAnswer after_attached) {
  On("/v2/events", [after = std::move(after_attached)](RawConnection& connection,
                                                       const std::string& request) {
    return connection.Write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + std::string(kLeader) +
                            "\r\nevent: event_stream_attached\r\n"
                            R"(data: {"eventType":"event_stream_attached","remoteAddress":"127.0.0.1",)"
                            R"("timestamp":"2019-04-10T10:00:00.000Z"})"
                            "\r\n\r\n") &&
           after(connection, request);
  });
}

std::vector<std::string> SettingsFor(const BadServer& marathon, std::vector<std::string> further) {
  further.insert(further.begin(), {"marathon.urls=" + marathon.url(), "marathon.resync_interval=1s",
                                   "brake.confirm_after=5s"});
  return further;
}

int PeakMiB(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) {
      return static_cast<int>(std::stol(line.substr(6)) >> 10);
    }
  }
  return 0;
}

}  // namespace dispatcher::testing
