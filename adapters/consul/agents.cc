#include "adapters/consul/agents.h"

#include <utility>

namespace dispatcher {

absl::StatusOr<const ConsulApi*> ConsulAgents::Of(std::string_view host) {
  MutexLock lock(mutex_);
  if (const auto found = agents_.find(host); found != agents_.end()) {
    return found->second.get();
  }
  // A path or a port in it would send the token elsewhere.
  if (host.find_first_of("/?#@[]\\") != std::string_view::npos) {
    return Error(absl::StatusCode::kInvalidArgument, "host \"", host.substr(0, 100),
                 "\" makes no agent_url: it is no host's name");
  }
  constexpr std::string_view kHost = "{host}";
  std::string text = pattern_;
  const std::string name =
      host.find(':') == std::string_view::npos ? std::string(host) : "[" + std::string(host) + "]";
  for (size_t at = text.find(kHost); at != std::string::npos; at = text.find(kHost, at + name.size())) {
    text.replace(at, kHost.size(), name);
  }
  absl::StatusOr<Url> url = Url::Parse(text);
  if (!url.ok()) {
    return Error(absl::StatusCode::kInvalidArgument, "host \"", host,
                 "\" makes no agent_url: ", Message(url.status()));
  }
  HttpClientOptions http = http_;
  http.base = *std::move(url);
  auto agent = std::make_unique<ConsulApi>(std::move(http), token_, "");
  return agents_.emplace(std::string(host), std::move(agent)).first->second.get();
}

}  // namespace dispatcher
