// A Marathon of a few scripted answers, for tests of what goes over the wire.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/marathon/client/nodes.h"
#include "tests/support/raw_server.h"

namespace dispatcher::testing {

inline std::string Answer(std::string_view status, std::string_view type, std::string_view body,
                          std::string_view more_headers = "") {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\nContent-Type: ").append(type).append("\r\n").append(more_headers);
  return text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}
inline std::string Json(std::string_view body, std::string_view more_headers = "") {
  return Answer("200 OK", "application/json;charset=utf-8", body, more_headers);
}
inline std::string Redirect(std::string_view location, std::string_view status = "302 Found") {
  return Answer(status, "text/html", "", "Location: " + std::string(location) + "\r\n");
}

// The head of a stream and its frames as Jetty writes them.
inline std::string StreamHead(std::string_view more_headers = "") {
  std::string text =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream;charset=utf-8\r\nConnection: close\r\n";
  return text.append(more_headers).append("\r\n");
}
inline std::string Frame(std::string_view type, std::string_view fields = "") {
  std::string text = "event: ";
  text.append(type).append("\r\ndata: {\"eventType\":\"").append(type).append("\"");
  return text.append(fields.empty() ? "" : ",").append(fields).append("}\r\n\r\n");
}
inline std::string AttachedFrame() {
  return Frame("event_stream_attached",
               R"("remoteAddress":"127.0.0.1","timestamp":"2020-01-01T00:00:00.000Z")");
}
inline std::string RunningFrame(std::string_view app, std::string_view task, int port,
                                std::string_view state = "TASK_RUNNING") {
  std::string text = R"("appId":")";
  text.append(app).append(R"(","taskId":")").append(task).append(R"(","taskStatus":")").append(state);
  text.append(R"(","host":"10.0.0.1","ports":[)").append(std::to_string(port));
  text.append(R"(],"slaveId":"s","message":"","version":"2020-01-01T00:00:00.000Z",)");
  text.append(R"("ipAddresses":[{"ipAddress":"10.0.0.1","protocol":"IPv4"}],)");
  text.append(R"("timestamp":"2020-01-01T00:00:01.000Z")");
  return Frame("status_update_event", text);
}

class FakeMarathon {
 public:
  // Answers one request on `connection`; returning false closes it.
  using Script = std::function<bool(RawConnection& connection, const std::string& request)>;

  explicit FakeMarathon(Script script)
      : server_([this, script = std::move(script)](RawConnection& connection) {
          for (;;) {
            const std::string request = connection.ReadRequest();
            if (request.empty()) {
              return;
            }
            {
              MutexLock lock(mutex_);
              requests_.push_back(request);
            }
            if (!script(connection, request)) {
              return;
            }
          }
        }) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  std::string authority() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  std::vector<std::string> requests() const {
    MutexLock lock(mutex_);
    return requests_;
  }
  size_t count() const { return requests().size(); }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mutex_);
  RawServer server_;  // last: its threads use all above
};

// "GET /v2/events" of a request.
inline bool Asks(const std::string& request, std::string_view path) {
  return request.starts_with("GET " + std::string(path));
}

inline std::shared_ptr<Nodes> NodesFor(std::vector<std::string> urls, MarathonSettings settings = {}) {
  settings.urls = std::move(urls);
  return *Nodes::Make(settings);
}

}  // namespace dispatcher::testing
