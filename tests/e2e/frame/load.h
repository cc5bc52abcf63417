// A steady load of requests, and what became of each.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/net/client.h"

namespace dispatcher::testing {

// One request after the other from a thread of its own, at most one each `interval`,
// each tried once, on a connection of its own: a kept one may be closed by rights just
// when the next request is on its way.
class Load {
 public:
  Load(const std::string& base, const std::string& host, Duration interval = std::chrono::milliseconds(20));
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  int Sent() const;
  // Ends it. By status, "no answer" where there was none; "200" are the good ones.
  std::map<std::string, int> Stop();

 private:
  void Run();

  const Duration interval_;
  HttpClient client_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, int> answers_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// "412 sent, 0 failed", with the failures by status.
std::string Show(const std::map<std::string, int>& answers);
int Failed(const std::map<std::string, int>& answers);

}  // namespace dispatcher::testing
