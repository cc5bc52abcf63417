// A server on 127.0.0.1 whose every byte is the test's: for answers that no sound
// server gives.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dispatcher/base/mutex.h"

namespace dispatcher::testing {

// One accepted connection; closed when the handler returns.
class RawConnection {
 public:
  RawConnection(int fd, int number) : fd_(fd), number_(number) {}

  // Position among the server's connections, from 0.
  int number() const { return number_; }
  // The next request with its body (Content-Length only); "" once the peer closed.
  std::string ReadRequest();
  // false if the peer has gone.
  bool Write(std::string_view bytes);
  // Returns when the peer closes.
  void WaitForClose();
  // Whether it closes, or says something, within that time.
  bool ClosedWithin(std::chrono::milliseconds limit) const;

 private:
  bool ReadMore();

  int fd_;
  int number_;
  std::string buffer_;
};

class RawServer {
 public:
  // `serve` runs on a thread of its own for each connection.
  explicit RawServer(std::function<void(RawConnection&)> serve);
  // Closes all connections and joins their threads.
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  // How many connections were accepted so far.
  int accepted() const { return accepted_; }

 private:
  void Accept();

  const std::function<void(RawConnection&)> serve_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> accepted_{0};
  Mutex mutex_;
  std::vector<int> open_ ABSL_GUARDED_BY(mutex_);  // closed by the destructor only
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

// Connects to 127.0.0.1 and returns the descriptor, or -1.
int ConnectTo(int port);
// Sends `request` to 127.0.0.1 on a connection of its own and returns all bytes
// until the peer closes.
std::string Exchange(int port, std::string_view request);

}  // namespace dispatcher::testing
