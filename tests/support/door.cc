#include "tests/support/door.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "dispatcher/net/http.h"

namespace dispatcher::testing {
namespace {

constexpr size_t kMost = 64u << 10;  // bytes of one direction on their way

sockaddr_in Address(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

// False if nobody takes it any more.
bool Write(int to, std::string& from) {
  const ssize_t put = send(to, from.data(), from.size(), MSG_NOSIGNAL);
  if (put > 0) {
    from.erase(0, static_cast<size_t>(put));
  }
  return put >= 0 || errno == EAGAIN || errno == EINTR;
}

void CloseHard(int fd) {
  const linger hard{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  close(fd);
}

}  // namespace

Door::Door(std::string_view upstream, Watcher watcher)
    : upstream_port_(Url::Parse(upstream).value().port),
      upstream_host_(Url::Parse(upstream).value().host),
      watcher_(std::move(watcher)) {
  if (pipe(wake_) != 0) {
    throw std::runtime_error("no pipe for a door");
  }
  Listen();
  thread_ = std::thread([this] { Run(); });
}

Door::~Door() {
  {
    MutexLock lock(mutex_);
    stop_ = true;
  }
  (void)!write(wake_[1], "x", 1);
  thread_.join();
  close(wake_[0]);
  close(wake_[1]);
}

void Door::Set(DoorState state) {
  MutexLock lock(mutex_);
  wanted_ = state;
  (void)!write(wake_[1], "x", 1);
  while (applied_ != state) {
    changed_.Wait(mutex_);
  }
}

void Door::Listen() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = Address("127.0.0.1", port_);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 128) != 0) {
    throw std::runtime_error("a door can't listen on port " + std::to_string(port_));
  }
  if (port_ == 0) {  // later openings find it the same, and others read it
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
}

void Door::Reset(Pair& pair) {
  CloseHard(pair.client);
  CloseHard(pair.server);
  pair.client = -1;
}

void Door::Apply(DoorState state) {
  if (state == state_) {
    return;
  }
  if (state == DoorState::kShut) {
    for (Pair& pair : pairs_) {
      Reset(pair);
    }
    pairs_.clear();
    close(listener_);
    listener_ = -1;
  } else if (listener_ < 0) {
    Listen();
  }
  state_ = state;
}

void Door::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) {
    return;
  }
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const sockaddr_in address = Address(upstream_host_, upstream_port_);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
      errno != EINPROGRESS) {
    CloseHard(client);
    close(server);
    return;
  }
  pairs_.push_back({accepted_++, client, server, "", "", false});
}

// False once the sender is through.
bool Door::Read(const Pair& pair, bool from_client, std::string& into) {
  char buffer[16384];
  const ssize_t got = recv(from_client ? pair.client : pair.server, buffer, sizeof(buffer), 0);
  const bool goes_on = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  if (got > 0) {
    into.append(buffer, static_cast<size_t>(got));
  }
  if (watcher_ && (got > 0 || !goes_on)) {
    watcher_(pair.number, from_client, {buffer, got > 0 ? static_cast<size_t>(got) : 0});
  }
  return goes_on;
}

// Afterwards the pair may be closed: client is -1.
void Door::Pass(Pair& pair, const pollfd& client, const pollfd& server) {
  constexpr int16_t kReadable = POLLIN | POLLHUP | POLLERR;
  bool broken = false;
  if ((client.revents & kReadable) != 0 && pair.to_server.size() < kMost) {
    pair.ending = !Read(pair, true, pair.to_server) || pair.ending;
  }
  if ((server.revents & kReadable) != 0 && pair.to_client.size() < kMost) {
    pair.ending = !Read(pair, false, pair.to_client) || pair.ending;
  }
  if ((server.revents & POLLOUT) != 0 && !pair.to_server.empty()) {
    broken = !Write(pair.server, pair.to_server);
  }
  if (!pair.to_client.empty()) {
    if (state_ == DoorState::kResets) {
      pair.to_client.resize(pair.to_client.size() / 2);
      (void)Write(pair.client, pair.to_client);
      broken = true;
    } else {
      broken = !Write(pair.client, pair.to_client) || broken;
    }
  }
  if (broken) {
    Reset(pair);
  } else if (pair.ending && pair.to_client.empty() && pair.to_server.empty()) {
    close(pair.client);
    close(pair.server);
    pair.client = -1;
  }
}

void Door::Run() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      if (stop_) {
        break;
      }
      Apply(wanted_);
      applied_ = state_;
      changed_.NotifyAll();
    }
    const bool held = state_ == DoorState::kHeld;
    std::vector<pollfd> fds = {{wake_[0], POLLIN, 0}, {held ? -1 : listener_, POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      const auto events = [&](const std::string& in, const std::string& out) {
        return static_cast<int16_t>((in.size() < kMost && !pair.ending ? POLLIN : 0) |
                                    (out.empty() ? 0 : POLLOUT));
      };
      fds.push_back({held ? -1 : pair.client, events(pair.to_server, pair.to_client), 0});
      fds.push_back({held ? -1 : pair.server, events(pair.to_client, pair.to_server), 0});
    }
    poll(fds.data(), fds.size(), -1);
    if (fds[0].revents != 0) {
      char wakes[64];
      (void)!read(wake_[0], wakes, sizeof(wakes));
    }
    size_t next = 2;
    for (Pair& pair : pairs_) {
      Pass(pair, fds[next], fds[next + 1]);
      next += 2;
    }
    std::erase_if(pairs_, [](const Pair& pair) { return pair.client < 0; });
    if (fds[1].revents != 0) {
      Accept();
    }
  }
  for (Pair& pair : pairs_) {
    Reset(pair);
  }
  if (listener_ >= 0) {
    close(listener_);
  }
}

}  // namespace dispatcher::testing
