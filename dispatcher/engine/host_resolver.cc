#include "dispatcher/engine/host_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
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
  const auto [wanted, added] = wanted_.try_emplace(host);
  wanted->second.due = added ? not_before : std::min(wanted->second.due, not_before);
  wake_.NotifyAll();
}

void HostResolver::Run() {
  mutex_.lock();
  while (!stopping_) {
    const Mono now = clock_.Now();
    const auto order = [now](const auto& wanted) {
      const Wanted& w = wanted.second;
      return w.due <= now ? std::tuple(false, w.failed.has_value(), w.due) : std::tuple(true, false, w.due);
    };
    const auto next = std::min_element(wanted_.begin(), wanted_.end(),
                                       [&](const auto& a, const auto& b) { return order(a) < order(b); });
    if (next == wanted_.end()) {
      wake_.Wait(mutex_);
    } else if (const Mono due = next->second.due; due > now) {
      wake_.WaitUntil(mutex_, due);
    } else {
      ResolveOne(std::string(next->first));
    }
  }
  mutex_.unlock();
}

void HostResolver::ResolveOne(const std::string& host) {
  auto node = wanted_.extract(host);  // wanted again meanwhile: it is asked again
  std::optional<Backoff>& failed = node.mapped().failed;
  mutex_.unlock();
  HostResolved resolved = options_.resolve(host);
  const bool again = !resolved.status.ok();
  const bool news = !again || !failed;
  if (news) {
    deliver_(std::move(resolved));
  }
  mutex_.lock();
  if (again) {
    failed = failed ? failed : Backoff(options_.retry, std::hash<std::string>()(host));
    node.mapped().due = clock_.Now() + failed->Next();
    wanted_.insert(std::move(node));
  }
}

}  // namespace dispatcher
