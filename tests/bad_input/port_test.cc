// Against our own port: who asks for /healthz and /metrics is answered at once, whatever
// hundreds of others do, and none of them makes the process grow.
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <iostream>

#include "dispatcher/net/reception.h"
#include "tests/bad_input/stage.h"
#include "tests/support/catch.h"
#include "tests/support/sanitized.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;

int PortOf(const Dispatcher& dispatcher) {
  return std::stoi(dispatcher.address().substr(dispatcher.address().rfind(':') + 1));
}

// Connections that are closed in the end.
class Crowd {
 public:
  ~Crowd() { Leave(); }
  // `count` more, each of which says `words` and then nothing more.
  void Join(int port, int count, std::string_view words) {
    for (int i = 0; i < count; ++i) {
      const int fd = ConnectTo(port);
      REQUIRE(fd >= 0);
      Say(fd, words);
      members_.push_back(fd);
    }
  }
  // All that are still heard say that.
  void Say(std::string_view words) {
    for (const int fd : members_) {
      Say(fd, words);
    }
  }
  void Leave() {
    for (const int fd : members_) {
      close(fd);
    }
    members_.clear();
  }

 private:
  static void Say(int fd, std::string_view words) {
    send(fd, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  std::vector<int> members_;
};

// How long the slowest of ten questions to each of /healthz and /metrics took.
Duration Slowest(int port) {
  Duration slowest{};
  for (int i = 0; i < 10; ++i) {
    for (const char* const path : {"/healthz", "/metrics"}) {
      const Mono begun = MonoClock::now();
      const std::string answer = Exchange(port, "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
      REQUIRE(answer.starts_with("HTTP/1.1 200"));
      slowest = std::max<Duration>(slowest, MonoClock::now() - begun);
    }
  }
  return slowest;
}

// Again if that is too long: a busy machine is slow once in a while, a starved port every time.
Duration SlowestAtBest(int port, Duration bound) {
  Duration slowest = Slowest(port);
  for (int i = 0; i < 2 && slowest >= bound; ++i) {
    slowest = std::min(slowest, Slowest(port));
  }
  return slowest;
}

TEST_CASE("half a request, whichever half, keeps nobody waiting") {
  BadMarathon marathon;
  std::vector<std::string> apps;
  for (int i = 0; i < 2000; ++i) {
    apps.push_back(AppJson("/app" + std::to_string(i), "", 31000 + i));
  }
  marathon.SetApps(apps);
  Dispatcher dispatcher(SettingsFor(marathon, {}));
  const bool ready = WaitFor([&] { return dispatcher.Ready().ok(); }, std::chrono::seconds(30));
  REQUIRE(ready);
  const int port = PortOf(dispatcher);
  const std::string get = "GET /v1/services HTTP/1.1\r\nHost: x\r\n";
  struct Case {
    const char* name;
    std::string words, more;
  };
  const Case cases[] = {
      {"not a word", "", ""},
      {"half a request line", "GET /hea", "l"},
      {"half the headers", get + "X-A: b\r\n", "X-B: c\r\n"},
      {"half a header", get + "X-A", "a"},
      {"half a body", "POST /v1/release HTTP/1.1\r\nContent-Length: 4000\r\n\r\n{", " "},
      {"the answer is not taken", get + "\r\n", ""},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Crowd crowd;
    // More than there are workers, and more than are let in at once.
    for (const int members : {100, 600}) {
      crowd.Join(port, members, c.words);
      crowd.Say(c.more);
      const Duration bound = milliseconds(kSanitized ? 3000 : 1000);
      const Duration slowest = SlowestAtBest(port, bound);
      INFO(members << " waiting: " << Seconds(slowest) << " s");
      CHECK(slowest < bound);
      crowd.Say(c.more);
    }
  }
  CHECK(PeakMiB(dispatcher.pid()) < (kSanitized ? 3000 : 400));
  std::cout << "figure: 700 half requests of six kinds: peak memory " << PeakMiB(dispatcher.pid()) << " MiB"
            << std::endl;
}

TEST_CASE("what is too large for the port is told so and let go") {
  BadMarathon marathon;
  Dispatcher dispatcher(SettingsFor(marathon, {}));
  REQUIRE(WaitFor([&] { return dispatcher.Ready().status != 0; }));
  const int port = PortOf(dispatcher);
  const int before = PeakMiB(dispatcher.pid());
  struct Case {
    const char* name;
    std::string head, piece;
    int status;
  };
  const std::string x(1 << 20, 'x');
  const Case cases[] = {
      {"a header without end", "GET /healthz HTTP/1.1\r\nX: ", x, 431},
      {"100,000 headers", "GET /healthz HTTP/1.1\r\n",
       [] {
         std::string headers;
         for (int i = 0; i < 100'000; ++i) {
           headers.append("X-" + std::to_string(i) + ": y\r\n");
         }
         return headers;
       }(),
       431},
      {"a request line without end", "GET /", x, 431},
      {"a body of a gigabyte", "POST /v1/release HTTP/1.1\r\nContent-Length: 1073741824\r\n\r\n", x, 413},
      {"a body that is too large for a number",
       "POST /v1/release HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", x, 400},
      {"a body of negative length", "POST /v1/release HTTP/1.1\r\nContent-Length: -1\r\n\r\n", x, 400},
      {"two lengths", "POST /v1/release HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\n", x, 400},
      {"chunks", "POST /v1/release HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n", x, 400},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const int fd = ConnectTo(port);
    REQUIRE(fd >= 0);
    size_t sent = 0;
    std::string answer;
    char piece[1000];
    bool open = send(fd, c.head.data(), c.head.size(), MSG_NOSIGNAL) > 0;
    const Mono until = MonoClock::now() + std::chrono::seconds(10);
    for (; open && sent < size_t{1} << 30 && MonoClock::now() < until;) {
      const ssize_t got = recv(fd, piece, sizeof(piece), MSG_DONTWAIT);
      if (got > 0) {
        answer.append(piece, static_cast<size_t>(got));
      }
      const ssize_t went = send(fd, c.piece.data(), c.piece.size(), MSG_NOSIGNAL);
      open = went > 0 && got != 0;
      sent += went > 0 ? static_cast<size_t>(went) : 0;
    }
    close(fd);
    INFO(answer << " after " << sent);
    CHECK(answer.starts_with("HTTP/1.1 " + std::to_string(c.status)));
    CHECK(sent < size_t{1} << 30);
  }
  CHECK(dispatcher.Running());
  CHECK(SlowestAtBest(port, std::chrono::seconds(1)) < std::chrono::seconds(1));
  CHECK(PeakMiB(dispatcher.pid()) < before + (kSanitized ? 400 : 30));
  std::cout << "figure: header and body bombs at our own port: peak memory " << PeakMiB(dispatcher.pid())
            << " MiB, " << before << " MiB before" << std::endl;
}

TEST_CASE("where a request ends is found out however it comes") {
  struct Case {
    const char* name;
    std::string bytes;
    size_t size;
    int refused;
  };
  ReceptionLimits limits;
  limits.max_head = 100;
  limits.max_body = 10;
  const Case cases[] = {
      {"nothing", "", 0, 0},
      {"no end yet", "GET / HTTP/1.1\r\nHost: x\r\n", 0, 0},
      {"no body", "GET / HTTP/1.1\r\n\r\n", 18, 0},
      {"the next one behind it", "GET / HTTP/1.1\r\n\r\nGET", 18, 0},
      {"a body", "PUT / HTTP/1.1\r\ncontent-LENGTH:  3 \r\n\r\nabcd", 42, 0},
      {"half a body", "PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", 0, 0},
      {"the largest body", "PUT / HTTP/1.1\r\nContent-Length: 10\r\n\r\n", 0, 0},
      {"a body too large", "PUT / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", 0, 413},
      {"a length that is none", "PUT / HTTP/1.1\r\nContent-Length: 0x3\r\n\r\n", 0, 400},
      {"two lengths", "PUT / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 0, 400},
      {"a length in a value", "PUT / HTTP/1.1\r\nX: Content-Length: 11\r\n\r\n", 41, 0},
      {"the longest head", "GET /" + std::string(82, 'x') + " HTTP/1.1\r\n\r\n", 100, 0},
      {"a head too long", "GET /" + std::string(83, 'x') + " HTTP/1.1\r\n\r\n", 0, 431},
      {"a head too long without end", "GET /" + std::string(96, 'x'), 0, 431},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    size_t searched = 0;
    const RequestFrame whole = FrameRequest(c.bytes, limits, searched);
    CHECK(whole.size == c.size);
    CHECK(whole.refused == c.refused);
    // Byte by byte.
    RequestFrame frame;
    searched = 0;
    for (size_t size = 0; size <= c.bytes.size() && frame.size == 0 && frame.refused == 0; ++size) {
      frame = FrameRequest(std::string_view(c.bytes).substr(0, size), limits, searched);
    }
    CHECK(frame.size == c.size);
    CHECK(frame.refused == c.refused);
  }
}

}  // namespace
}  // namespace dispatcher::testing
