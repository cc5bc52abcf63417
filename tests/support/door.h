// A door before a server, through which all bytes go as they are, and which can be made
// to behave as networks do.
#pragma once

#include <poll.h>

#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dispatcher/base/mutex.h"

namespace dispatcher::testing {

enum class DoorState {
  kOpen,
  kShut,   // nobody listens; open connections are reset
  kHeld,   // connections are taken and kept, but not a byte passes: a cut network
  kResets  // requests pass; each connection is reset in the middle of its answer
};

// TCP, on a free port of 127.0.0.1. Any thread.
class Door {
 public:
  // Sees what is read from a connection's client, or else from the server, before it goes on:
  // on the door's own thread. Connections are numbered from 0; no bytes: that side is through.
  using Watcher = std::function<void(int connection, bool from_client, std::string_view bytes)>;

  // Before "http://127.0.0.1:8500".
  explicit Door(std::string_view upstream, Watcher watcher = nullptr);
  ~Door();  // resets what is open
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // Has taken effect when it returns.
  void Set(DoorState state);

 private:
  struct Pair {
    int number, client, server;
    std::string to_server, to_client;  // read, and not yet written
    bool ending = false;               // one side is through: written out, then closed
  };

  void Listen();
  bool Read(const Pair& pair, bool from_client, std::string& into);
  void Run();
  void Apply(DoorState state);
  void Accept();
  void Pass(Pair& pair, const pollfd& client, const pollfd& server);
  void Reset(Pair& pair);

  const int upstream_port_;
  const std::string upstream_host_;
  const Watcher watcher_;
  int port_ = 0;
  int wake_[2] = {-1, -1};
  // Of the thread alone, once it runs.
  int listener_ = -1;
  DoorState state_ = DoorState::kOpen;
  std::list<Pair> pairs_;
  int accepted_ = 0;

  Mutex mutex_;
  CondVar changed_;
  DoorState wanted_ ABSL_GUARDED_BY(mutex_) = DoorState::kOpen;
  DoorState applied_ ABSL_GUARDED_BY(mutex_) = DoorState::kOpen;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace dispatcher::testing
