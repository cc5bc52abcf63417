// The process of one task: `marathon_sim task TASK APP HOST COMMAND SOCKET...`.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "tests/marathon_sim/launcher.h"
#include "tests/marathon_sim/socket_address.h"

namespace dispatcher::sim {
namespace {

constexpr int kReadyFd = 3;
volatile sig_atomic_t g_healthy = 1;  // turned by a signal, which has no other way in

volatile unsigned g_linger = 0;  // seconds

void OnTurn(int, siginfo_t* turned, void*) { g_healthy = turned->si_value.sival_int; }
// SIGALRM, which nobody handles, is the end then.
void OnTerm(int) { alarm(g_linger); }

struct Socket {
  int fd = -1;
  bool udp = false;
  int port = 0;
};

// "tcp:127.0.1.1:31005", "tcp:fd00::7:8080"
Socket Open(const std::string& text) {
  const size_t begin = text.find(':') + 1, end = text.rfind(':');
  Socket s{.udp = text.starts_with("udp"),
           .port = static_cast<int>(ParseInt(std::string_view(text).substr(end + 1)).value_or(0))};
  const SocketAddress address(text.substr(begin, end - begin), s.port);
  s.fd = socket(address.family(), (s.udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(s.fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  const bool bound = bind(s.fd, address.get(), address.size()) == 0;
  if (!bound || (!s.udp && listen(s.fd, 128) != 0)) {
    std::fprintf(stderr, "task can't listen on %s: %s\n", text.c_str(), strerror(errno));
    _exit(1);
  }
  return s;
}

void Answer(int fd, const std::string& body) {
  timeval limit{.tv_sec = 1, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  std::string request;
  char piece[4096];
  while (request.find("\r\n\r\n") == std::string::npos && request.size() < 65'536) {
    const ssize_t n = recv(fd, piece, sizeof(piece), 0);
    if (n < 0 && errno == EINTR) {
      continue;  // a signal, of which a request must not notice anything
    }
    if (n <= 0) {
      break;
    }
    request.append(piece, static_cast<size_t>(n));
  }
  if (!request.empty()) {
    const std::string answer =
        std::string(g_healthy != 0 ? "HTTP/1.1 200 OK" : "HTTP/1.1 503 Service Unavailable") +
        "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + (request.starts_with("HEAD") ? "" : body);
    send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  close(fd);
}

void Echo(int fd) {
  char datagram[2048];
  sockaddr_storage from{};
  socklen_t size = sizeof(from);
  const ssize_t n = recvfrom(fd, datagram, sizeof(datagram), 0, reinterpret_cast<sockaddr*>(&from), &size);
  if (n > 0) {
    sendto(fd, datagram, static_cast<size_t>(n), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
}

[[noreturn]] void Serve(const std::vector<std::string>& arguments) {
  struct sigaction turn {};
  turn.sa_sigaction = OnTurn;
  turn.sa_flags = SA_RESTART | SA_SIGINFO;
  sigaction(HealthSignal(), &turn, nullptr);
  // An app that finishes what it was asked before it goes.
  const char* linger = std::getenv("SIM_SERVE_AFTER_SIGTERM");
  g_linger = static_cast<unsigned>(ParseInt(linger == nullptr ? "" : linger).value_or(0));
  if (g_linger > 0) {
    turn.sa_flags = SA_RESTART;
    turn.sa_handler = OnTerm;
    sigaction(SIGTERM, &turn, nullptr);
  }
  std::vector<Socket> sockets;
  std::vector<pollfd> polled;
  for (size_t i = 4; i < arguments.size(); ++i) {
    sockets.push_back(Open(arguments[i]));
    polled.push_back({.fd = sockets.back().fd, .events = POLLIN, .revents = 0});
  }
  if (write(kReadyFd, "1", 1) != 1) {
    _exit(1);
  }
  while (true) {
    if (poll(polled.data(), polled.size(), -1) < 0) {
      continue;  // a signal; what `revents` says is from before
    }
    for (size_t i = 0; i < polled.size(); ++i) {
      if ((polled[i].revents & POLLIN) == 0) {
        continue;
      }
      if (sockets[i].udp) {
        Echo(sockets[i].fd);
        continue;
      }
      JsonWriter body;
      body.BeginObject().Field("task", arguments[0]).Field("app", arguments[1]).Field("host", arguments[2]);
      body.Field("port", sockets[i].port).EndObject();
      if (const int fd = accept4(sockets[i].fd, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0) {
        Answer(fd, body.text() + "\n");
      }
    }
  }
}

}  // namespace

int TaskMain(const std::vector<std::string>& arguments) {
  if (arguments.size() < 4) {
    std::fprintf(stderr,
                 "usage: marathon_sim task TASK APP HOST COMMAND [tcp:ADDRESS:PORT|udp:ADDRESS:PORT]...\n");
    return 2;
  }
  // Dies with the stand-in, however that ends.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (arguments[3].empty()) {
    Serve(arguments);
  }
  close(kReadyFd);
  execl("/bin/sh", "sh", "-c", arguments[3].c_str(), nullptr);
  return 127;
}

}  // namespace dispatcher::sim
