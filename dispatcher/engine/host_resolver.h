// Host names of agents to addresses, on a thread of its own: getaddrinfo has no
// timeout and can't be broken off.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <thread>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/model/observation.h"

namespace dispatcher {

// Addresses of `host`, IPv4 before IPv6, each once. NotFound if there are none,
// Unavailable if the resolver could not say.
HostResolved Resolve(const std::string& host);

class HostResolver {
 public:
  // `deliver` is called on the resolver's thread.
  HostResolver(const Clock& clock, std::function<void(HostResolved)> deliver)
      : clock_(clock), deliver_(std::move(deliver)) {}
  ~HostResolver() { Stop(); }

  void Start();
  // Waits for a lookup that is under way: as long as the system's resolver takes.
  void Stop();
  // Asks at `not_before` or later; the same name is asked once for all who wait.
  void Want(const std::string& host, Mono not_before);

 private:
  void Run();

  const Clock& clock_;
  const std::function<void(HostResolved)> deliver_;
  std::thread thread_;
  Mutex mutex_;
  CondVar wake_;
  std::map<std::string, Mono> wanted_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace dispatcher
