#include "dispatcher/engine/host_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace dispatcher {

HostResolved Resolve(const std::string& host) {
  HostResolved resolved{host, {}, absl::OkStatus()};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  if (error != 0) {
    const bool none = error == EAI_NONAME || error == EAI_NODATA;
    resolved.status = Error(none ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable, "resolving ",
                            host, ": ", gai_strerror(error));
    return resolved;
  }
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
      std::array<char, NI_MAXHOST> text{};
      if (info->ai_family == family &&
          getnameinfo(info->ai_addr, info->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0 &&
          std::find(resolved.ips.begin(), resolved.ips.end(), text.data()) == resolved.ips.end()) {
        resolved.ips.emplace_back(text.data());
      }
    }
  }
  if (resolved.ips.empty()) {
    resolved.status = Error(absl::StatusCode::kNotFound, "resolving ", host, ": it has no address");
  }
  return resolved;
}

void HostResolver::Start() {
  thread_ = std::thread([this] { Run(); });
}

void HostResolver::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void HostResolver::Want(const std::string& host, Mono not_before) {
  MutexLock lock(mutex_);
  const auto [wanted, added] = wanted_.try_emplace(host, not_before);
  wanted->second = std::min(wanted->second, not_before);
  wake_.NotifyAll();
}

void HostResolver::Run() {
  mutex_.lock();
  while (!stopping_) {
    const auto next = std::min_element(wanted_.begin(), wanted_.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (next == wanted_.end()) {
      wake_.Wait(mutex_);
    } else if (next->second > clock_.Now()) {
      const Mono due = next->second;
      wake_.WaitUntil(mutex_, due);
    } else {
      const std::string host = next->first;
      wanted_.erase(next);
      mutex_.unlock();
      deliver_(Resolve(host));
      mutex_.lock();
    }
  }
  mutex_.unlock();
}

}  // namespace dispatcher
