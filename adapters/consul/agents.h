// The agents of a site's hosts, each met on first use and kept.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/consul/api.h"
#include "dispatcher/base/mutex.h"

namespace dispatcher {

// Any thread.
class ConsulAgents {
 public:
  // `pattern`: the URL of an agent with {host} in it.
  ConsulAgents(std::string pattern, std::shared_ptr<Secret> token, HttpClientOptions http)
      : pattern_(std::move(pattern)), token_(std::move(token)), http_(std::move(http)) {}

  // The agent of a host; lives as long as this. InvalidArgument if the host makes no URL.
  absl::StatusOr<const ConsulApi*> Of(std::string_view host);

 private:
  const std::string pattern_;
  const std::shared_ptr<Secret> token_;
  const HttpClientOptions http_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<ConsulApi>, std::less<>> agents_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
