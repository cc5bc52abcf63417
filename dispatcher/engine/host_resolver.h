// Host names of agents to addresses, on a thread of its own: getaddrinfo has no
// timeout and can't be broken off.
//
// What can't be resolved is delivered as such once and asked again, later and later;
// who has not been asked yet goes first, however many don't answer.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "dispatcher/base/backoff.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/model/observation.h"

namespace dispatcher {

// Addresses of `host`, IPv4 before IPv6, each once. NotFound if there are none,
// Unavailable if the resolver could not say.
HostResolved Resolve(const std::string& host);

struct ResolverOptions {
  std::function<HostResolved(const std::string&)> resolve = Resolve;
  BackoffPolicy retry{std::chrono::seconds(5), std::chrono::minutes(5), 2.0};
};

class HostResolver {
 public:
  // `deliver` is called on the resolver's thread.
  HostResolver(const Clock& clock, std::function<void(HostResolved)> deliver, ResolverOptions options = {})
      : clock_(clock), deliver_(std::move(deliver)), options_(std::move(options)) {}
  ~HostResolver() { Stop(); }

  void Start();
  // Waits for a lookup that is under way: as long as the system's resolver takes.
  void Stop();
  // Asks at `not_before` or later; the same name is asked once for all who wait.
  void Want(const std::string& host, Mono not_before);

 private:
  struct Wanted {
    Mono due{};
    std::optional<Backoff> failed;  // none: not asked yet
  };

  void Run();
  // Asks for one and delivers it if that is news.
  void ResolveOne(const std::string& host) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const std::function<void(HostResolved)> deliver_;
  const ResolverOptions options_;
  std::thread thread_;
  Mutex mutex_;
  CondVar wake_;
  std::map<std::string, Wanted> wanted_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace dispatcher
