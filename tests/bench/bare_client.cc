#include <algorithm>
#include <atomic>
#include <thread>

#include "dispatcher/base/mutex.h"
#include "tests/bench/registry.h"

namespace dispatcher::bench {
namespace {

HttpClientOptions Pooled(const std::string& url, size_t connections) {
  HttpClientOptions options = HttpOptions(url);
  options.max_idle_connections = connections;
  return options;
}

}  // namespace

HttpRequest Calling(const std::string& method, const std::string& target, std::string body) {
  HttpRequest request;
  request.method = method;
  request.target = target;
  request.body = std::move(body);
  return request;
}

BareClient::BareClient(const std::string& url, size_t connections)
    : client_(Pooled(url, connections)), connections_(connections) {}

absl::Status BareClient::Send(const std::vector<Chain>& chains) {
  std::atomic<size_t> next{0};
  Mutex mutex;
  absl::Status failure;
  const auto work = [&] {
    for (size_t i = next++; i < chains.size(); i = next++) {
      for (const HttpRequest& request : chains[i]) {
        const auto answer = client_.Call(request, Cancel());
        if (!answer.ok() || answer->status < 200 || answer->status > 299) {
          MutexLock lock(mutex);
          failure.Update(answer.ok() ? Error(absl::StatusCode::kUnknown, "a bare ", request.method, " ",
                                             request.target, " was answered ", std::to_string(answer->status),
                                             ": ", answer->body)
                                     : answer.status());
        }
      }
    }
  };
  const size_t threads = std::min(connections_, chains.size());
  if (threads <= 1) {
    work();
    return failure;
  }
  std::vector<std::thread> workers;
  for (size_t i = 0; i < threads; ++i) {
    workers.emplace_back(work);
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
  return failure;
}

}  // namespace dispatcher::bench
