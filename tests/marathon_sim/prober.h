// Health checks over real sockets, on threads of their own.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "dispatcher/base/mutex.h"

namespace dispatcher::sim {

struct ProbeJob {
  std::string task;
  int check = 0;
  std::string address;  // literal
  int port = 0;
  bool http = false;  // else a TCP connect is enough
  std::string path = "/";
  Duration timeout{};
};

class Prober {
 public:
  // `report` is called on a probing thread: job, whether it passed, what was wrong.
  using Report = std::function<void(const ProbeJob&, bool, const std::string&)>;
  Prober(int threads, Report report);
  ~Prober();  // drops what is queued, joins

  void Ask(ProbeJob job);

 private:
  void Run();

  const Report report_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<ProbeJob> jobs_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

// Whether a server could bind there now. An address that this machine (or network namespace) has
// not is somebody else's, and free.
bool CanBind(const std::string& address, int port);

}  // namespace dispatcher::sim
