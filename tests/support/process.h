// Child processes for tests: started with their output caught, waited for with a
// deadline, never left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {

struct ProcessOptions {
  std::vector<std::pair<std::string, std::string>> env;  // beside the parent's
  std::string directory;                                 // working directory; "": the parent's
};

// One child and all it writes. The child is killed when this goes, and when the
// thread that started it ends.
class Process {
 public:
  // argv[0] is a path, or found in PATH. NotFound if it can't be executed.
  static absl::StatusOr<std::unique_ptr<Process>> Start(const std::vector<std::string>& argv,
                                                        const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  // Standard output and error so far, as they came; all of it once the child is seen to
  // have ended. At most the last 4 MiB.
  std::string Output() const;
  // Until `text` was written; DeadlineExceeded with the end of the output.
  absl::Status WaitForOutput(std::string_view text, std::chrono::milliseconds limit = kPatience) const;

  bool Running();
  void Signal(int signal);
  // The exit code, 128 + the signal that ended it, or nothing if it runs on.
  std::optional<int> Wait(std::chrono::milliseconds limit = kPatience);
  // SIGTERM, after `grace` SIGKILL. Returns as Wait.
  int Stop(std::chrono::milliseconds grace = std::chrono::seconds(5));
  void Kill();  // SIGKILL, and waits
  // Standard input; false once the child has closed it.
  bool Write(std::string_view text);

 private:
  Process(pid_t pid, int in, int out);
  void Drain();
  ssize_t Take();  // what is in the pipe: its size, 0 for nothing yet, -1 at the end
  bool Reap(bool block);

  const pid_t pid_;
  int in_;
  const int out_;
  std::optional<int> exit_;
  mutable Mutex mutex_;
  std::string output_ ABSL_GUARDED_BY(mutex_);
  std::thread reader_;
};

// A port that was free a moment ago on all of these addresses, for a program that can't be
// told to take any. From below those that the kernel gives to clients (32768 and more) and
// to tasks (31000): else a connection made meanwhile may have it. No two calls of a process
// in a row return the same.
int FreePort(const std::vector<std::string>& addresses = {"127.0.0.1"});

// A directory of its own under the system's temporary one, removed with all in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace dispatcher::testing
