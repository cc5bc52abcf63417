// An HTTP proxy that counts: what a registry was asked, seen from outside. Consul's
// own index can't tell a write of what is there already from no write at all. And that
// meddles, for what a sound registry can't be told to do.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/net/client.h"
#include "dispatcher/net/server.h"

namespace dispatcher::testing {

// An answer, for meddlers.
inline HttpReply Saying(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

class CountingProxy {
 public:
  // Passes everything on to `upstream` ("http://127.0.0.1:8500") from a free port of
  // 127.0.0.1. An upstream that doesn't answer is a 502.
  explicit CountingProxy(std::string_view upstream);
  ~CountingProxy();

  // http://127.0.0.1:port
  std::string url() const;

  // Stands between each call and its answer from now on: passes it on, once, never, changed,
  // before or after something else, and gives the answer. Runs on many threads at once.
  using Passing = std::function<HttpReply(const HttpCall&)>;
  using Meddler = std::function<HttpReply(const HttpCall&, const Passing&)>;
  void Meddle(Meddler meddler);

  // Calls that are not GET, by "METHOD path", since the start or the last Reset.
  std::map<std::string, int> Writes() const;
  int Reads() const;
  void Reset();

 private:
  HttpReply Take(const HttpCall& call);
  HttpReply Pass(const HttpCall& call);

  CancelSource cancel_;  // for answers that are long in coming
  HttpClient upstream_;
  mutable Mutex mutex_;
  std::map<std::string, int> writes_ ABSL_GUARDED_BY(mutex_);
  int reads_ ABSL_GUARDED_BY(mutex_) = 0;
  Meddler meddler_ ABSL_GUARDED_BY(mutex_);
  HttpServer server_;  // last: its threads use all of the above
};

}  // namespace dispatcher::testing
