#include "tests/support/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher::testing {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

size_t AnnouncedLength(std::string_view head) {
  for (const std::string_view line : Split(head, '\n')) {
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos && EqualsIgnoreCase(line.substr(0, colon), "content-length")) {
      return static_cast<size_t>(ParseInt(Trim(line.substr(colon + 1))).value_or(0));
    }
  }
  return 0;
}

}  // namespace

bool RawConnection::ReadMore() {
  char piece[4096];
  const ssize_t got = recv(fd_, piece, sizeof(piece), 0);
  if (got > 0) {
    buffer_.append(piece, static_cast<size_t>(got));
  }
  return got > 0;
}

std::string RawConnection::ReadRequest() {
  size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore()) {
      return "";
    }
  }
  const size_t whole = end + 4 + AnnouncedLength(std::string_view(buffer_).substr(0, end));
  while (buffer_.size() < whole) {
    if (!ReadMore()) {
      return "";
    }
  }
  return std::exchange(buffer_, buffer_.substr(whole)).substr(0, whole);
}

bool RawConnection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void RawConnection::WaitForClose() {
  while (ReadMore()) {
    buffer_.clear();
  }
}

bool RawConnection::ClosedWithin(std::chrono::milliseconds limit) const {
  pollfd polled{fd_, POLLIN, 0};
  return poll(&polled, 1, static_cast<int>(limit.count())) > 0;
}

RawServer::RawServer(std::function<void(RawConnection&)> serve) : serve_(std::move(serve)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  sockaddr* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 128) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

RawServer::~RawServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  std::vector<std::thread> threads;
  {
    MutexLock lock(mutex_);
    for (const int fd : open_) {
      shutdown(fd, SHUT_RDWR);
    }
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  MutexLock lock(mutex_);
  for (const int fd : open_) {
    close(fd);
  }
}

void RawServer::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      return;
    }
    // As Jetty does: small frames go out at once.
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    MutexLock lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd, number = accepted_++] {
      RawConnection connection(fd, number);
      serve_(connection);
      shutdown(fd, SHUT_RDWR);
    });
  }
}

int ConnectTo(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

std::string Exchange(int port, std::string_view request) {
  const int fd = ConnectTo(port);
  if (fd < 0) {
    return "";
  }
  std::string answer;
  char piece[4096];
  send(fd, request.data(), request.size(), MSG_NOSIGNAL);
  for (ssize_t got = 0; (got = recv(fd, piece, sizeof(piece), 0)) > 0;) {
    answer.append(piece, static_cast<size_t>(got));
  }
  close(fd);
  return answer;
}

}  // namespace dispatcher::testing
