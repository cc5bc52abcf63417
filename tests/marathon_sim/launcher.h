// Real task processes: started, watched, stopped. One thread calls it.
#pragma once

#include <csignal>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"

namespace dispatcher::sim {

// Turns the health of a task's built-in server to the value that comes with it, 0 or 1. A
// realtime one: several that wait are handled in the order they were sent in. Of two
// ordinary signals that wait, the first one's handler runs last, and the task stayed sick.
inline int HealthSignal() { return SIGRTMIN; }

struct Launch {
  std::string task;
  std::string app;
  std::string host;                  // the agent's name
  std::vector<std::string> sockets;  // "tcp:127.0.1.1:31005", "udp:fd00::7:53"
  std::string command;               // "": the built-in server
  std::vector<std::pair<std::string, std::string>> environment;
};

struct Ended {
  std::string task;
  bool killed = false;  // by our order
  int exit_code = 0;    // if signal is 0
  int signal = 0;
};

class Launcher {
 public:
  explicit Launcher(std::string program) : program_(std::move(program)) {}
  ~Launcher();  // kills all

  // The built-in server binds its sockets before Started() tells of it. Internal:
  // no process could be made.
  absl::Status Start(const Launch& launch, Mono now);
  // Tasks whose process is up since `after`: the built-in server is listening, a
  // command has lived that long.
  std::vector<std::string> Started(Mono now, Duration after);
  // SIGTERM, then SIGKILL after `grace`. Unknown tasks are ignored.
  void Kill(const std::string& task, Duration grace, Mono now);
  // SIGKILL that counts as a death of its own.
  void Crash(const std::string& task);
  // The built-in server answers 503 (200) from now on.
  void TurnHealth(const std::string& task, bool healthy);
  // Processes that are gone since the last call; also sends the SIGKILLs that are due.
  std::vector<Ended> Reap(Mono now);
  int Pid(const std::string& task) const;  // 0: none
  bool empty() const { return processes_.empty(); }

 private:
  struct Process {
    int pid = 0;
    int ready_fd = -1;  // of the built-in server: readable once it listens
    bool builtin = false;
    bool started = false;
    bool killed = false;
    Mono since{};
    std::optional<Mono> sigkill_at;
  };

  const std::string program_;
  std::map<std::string, Process> processes_;
};

// The other end: `marathon_sim task ...`, the process of one task. Never returns
// while the task lives.
int TaskMain(const std::vector<std::string>& arguments);

}  // namespace dispatcher::sim
