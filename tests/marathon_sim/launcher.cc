#include "tests/marathon_sim/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

namespace dispatcher::sim {
namespace {

// The environment of the task: Marathon's variables before ours, which shells need.
std::vector<std::string> Environment(const Launch& launch) {
  std::vector<std::string> all;
  for (const auto& [name, value] : launch.environment) {
    all.push_back(name + "=" + value);
  }
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (text.starts_with("PATH=") || text.starts_with("HOME=") || text.starts_with("LANG=")) {
      all.push_back(text);
    }
  }
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

bool IsReady(int fd) {
  pollfd p{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&p, 1, 0) == 1 && (p.revents & POLLIN) != 0;
}

}  // namespace

Launcher::~Launcher() {
  for (auto& [task, process] : processes_) {
    kill(-process.pid, SIGKILL);
    waitpid(process.pid, nullptr, 0);
    if (process.ready_fd >= 0) {
      close(process.ready_fd);
    }
  }
}

absl::Status Launcher::Start(const Launch& launch, Mono now) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) {
    return Error(absl::StatusCode::kInternal, "no pipe for a task: ", strerror(errno));
  }
  std::vector<std::string> arguments = {program_,   "task",      launch.task,
                                        launch.app, launch.host, launch.command};
  arguments.insert(arguments.end(), launch.sockets.begin(), launch.sockets.end());
  std::vector<std::string> environment = Environment(launch);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ready[1], 3);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, 2, 1);  // stdout is the stand-in's own
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own, so that a shell's children die with it, and default signals.
  sigset_t all;
  sigfillset(&all);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  Process process{.builtin = launch.command.empty(), .since = now, .sigkill_at = {}};
  const int error = posix_spawn(&process.pid, program_.c_str(), &actions, &attributes,
                                Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(ready[1]);
  if (error != 0) {
    close(ready[0]);
    return Error(absl::StatusCode::kInternal, "can't start ", program_, ": ", strerror(error));
  }
  process.ready_fd = ready[0];
  processes_[launch.task] = process;
  return absl::OkStatus();
}

std::vector<std::string> Launcher::Started(Mono now, Duration after) {
  std::vector<std::string> started;
  for (auto& [task, process] : processes_) {
    const bool up = !process.builtin || IsReady(process.ready_fd);
    if (!process.started && up && now >= process.since + after) {
      process.started = true;
      started.push_back(task);
    }
  }
  return started;
}

void Launcher::Kill(const std::string& task, Duration grace, Mono now) {
  const auto it = processes_.find(task);
  if (it != processes_.end() && !it->second.killed) {
    it->second.killed = true;
    it->second.sigkill_at = now + grace;
    kill(-it->second.pid, SIGTERM);
  }
}

void Launcher::Crash(const std::string& task) {
  if (const auto it = processes_.find(task); it != processes_.end()) {
    kill(-it->second.pid, SIGKILL);
  }
}

void Launcher::TurnHealth(const std::string& task, bool healthy) {
  const auto it = processes_.find(task);
  if (it != processes_.end() && it->second.builtin) {
    sigqueue(it->second.pid, HealthSignal(), sigval{.sival_int = healthy ? 1 : 0});
  }
}

std::vector<Ended> Launcher::Reap(Mono now) {
  std::vector<Ended> ended;
  for (auto it = processes_.begin(); it != processes_.end();) {
    Process& process = it->second;
    if (process.sigkill_at && now >= *process.sigkill_at) {
      kill(-process.pid, SIGKILL);
      process.sigkill_at = std::nullopt;
    }
    int status = 0;
    if (waitpid(process.pid, &status, WNOHANG) != process.pid) {
      ++it;
      continue;
    }
    kill(-process.pid, SIGKILL);  // what a shell left behind
    close(process.ready_fd);
    ended.push_back({it->first, process.killed, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                     WIFSIGNALED(status) ? WTERMSIG(status) : 0});
    it = processes_.erase(it);
  }
  return ended;
}

int Launcher::Pid(const std::string& task) const {
  const auto it = processes_.find(task);
  return it == processes_.end() ? 0 : it->second.pid;
}

}  // namespace dispatcher::sim
