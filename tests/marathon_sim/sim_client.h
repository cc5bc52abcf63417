// For the tests of the stand-in: a client of its REST API and a raw stream.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/net/client.h"
#include "tests/marathon_sim/sim.h"
#include "tests/support/catch.h"
#include "tests/support/raw_server.h"
#include "tests/support/wait.h"

namespace dispatcher::sim {

// Virtual tasks on any free port.
inline Options TestOptions(const std::string& profile = "1.8") {
  Options options;
  options.listen = "127.0.0.1:0";
  options.profile = profile;
  options.real_tasks = false;
  options.seed = 1;
  return options;
}

// Real tasks run by the program beside the tests.
inline Options RealOptions() {
  Options options = TestOptions();
  options.real_tasks = true;
  options.task_program = std::string(BINARY_DIR) + "/marathon_sim";
  options.hosts = {"127.0.31.1", "127.0.31.2"};  // nobody else's
  options.health_interval_cap_ms = 50;
  return options;
}

struct TestSim {
  explicit TestSim(Options options = TestOptions()) {
    auto started = MarathonSim::Start(std::move(options));
    REQUIRE(started.ok());
    sim = *std::move(started);
  }

  int port() const { return static_cast<int>(*ParseInt(Split(sim->address(), ':')[1])); }

  HttpResponse Call(const std::string& method, const std::string& target, const std::string& body = "",
                    HttpHeaders headers = {}) const {
    HttpClientOptions options;
    options.base.host = "127.0.0.1";
    options.base.port = port();
    HttpClient client(options);
    const auto response = client.Call(
        {.method = method, .target = target, .headers = std::move(headers), .body = body, .read_timeout = {}},
        Cancel());
    return response.ok() ? *response
                         : HttpResponse{.status = 0, .headers = {}, .body = Text(response.status())};
  }
  HttpResponse Get(const std::string& target) const { return Call("GET", target); }
  HttpResponse Post(const std::string& target, const std::string& body = "{}") const {
    return Call("POST", target, body);
  }

  std::vector<world::LiveTask> Running() const {
    std::vector<world::LiveTask> running;
    sim->With([&](world::World& world) { running = world.Running(); });
    return running;
  }
  bool WaitRunning(size_t count) const {
    return testing::WaitFor([&] {
      bool good = false;
      sim->With([&](world::World& world) { good = !world.Deploying() && world.Running().size() == count; });
      return good;
    });
  }

  std::unique_ptr<MarathonSim> sim;
};

// A connection to /v2/events that keeps every byte.
class RawStream {
 public:
  explicit RawStream(int port, const std::string& query = "",
                     const std::string& headers = "Accept: text/event-stream\r\n")
      : fd_(testing::ConnectTo(port)) {
    const std::string request = "GET /v2/events" + query + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
    REQUIRE(send(fd_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
    fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  ~RawStream() { close(fd_); }
  RawStream(const RawStream&) = delete;
  RawStream& operator=(const RawStream&) = delete;

  // All bytes so far.
  const std::string& bytes() {
    char piece[65'536];
    ssize_t n = 0;
    while ((n = recv(fd_, piece, sizeof(piece), 0)) > 0) {
      bytes_.append(piece, static_cast<size_t>(n));
    }
    closed_ = closed_ || n == 0;
    return bytes_;
  }
  bool closed() {
    bytes();
    return closed_;
  }
  bool WaitFor(std::string_view text) {
    return testing::WaitFor([&] { return bytes().find(text) != std::string::npos; });
  }
  bool WaitClosed() {
    return testing::WaitFor([&] { return closed(); });
  }
  // Behind the head.
  std::string body() {
    const size_t end = bytes().find("\r\n\r\n");
    return end == std::string::npos ? "" : bytes_.substr(end + 4);
  }
  // The data of each whole frame.
  std::vector<std::string> frames() {
    std::vector<std::string> frames;
    const std::string text = body();
    size_t at = 0;
    while ((at = text.find("data: ", at)) != std::string::npos) {
      const size_t end = text.find("\r\n\r\n", at);
      if (end == std::string::npos) {
        break;
      }
      frames.push_back(text.substr(at + 6, end - at - 6));
      at = end;
    }
    return frames;
  }

 private:
  int fd_;
  std::string bytes_;
  bool closed_ = false;
};

inline JsonDocument Parse(const HttpResponse& response) {
  auto doc = JsonDocument::Parse(response.body);
  REQUIRE(doc.ok());
  return *std::move(doc);
}

inline std::string EventType(const std::string& data) {
  return JsonDocument::Parse(data)->root()["eventType"].StringOr("");
}

}  // namespace dispatcher::sim
