// The other half of Kong: takes requests, finds their route, passes them on.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/net/client.h"
#include "dispatcher/net/server.h"
#include "tests/kong_model/state.h"

namespace dispatcher::kong_model {

class Proxy {
 public:
  struct Choice {
    std::vector<std::string> servers;  // "http://10.0.0.1:31000", in the order to be tried; may be empty
    std::string path;                  // before that of the request
    bool preserve_host = false;
    size_t tries = 1;   // on servers that can't be reached
    std::string strip;  // what goes from the front of the request's path
  };

  // One caller at a time for both. The router takes up changes of routes `late_ms`
  // after the first of them that it saw; upstreams are always those of now.
  void TakeUp(const State& state, int late_ms);
  // nullopt: no route.
  std::optional<Choice> Choose(const State& state, int late_ms, const HttpCall& call);

  // Any thread.
  HttpReply Pass(const HttpCall& call, const std::optional<Choice>& choice);

 private:
  struct Route {
    std::vector<std::string> hosts, paths;
    bool strip_path = true, preserve_host = false;
    std::string protocol, host, path;
    int64_t port = 80;
    uint64_t order = 0;
  };
  void Rebuild(const State& state);
  std::vector<std::string> Servers(const State& state, const Route& route);
  HttpClient& ClientOf(const std::string& server);

  std::vector<Route> routes_;
  uint64_t built_ = 0;           // generation of the state that `routes_` are of
  std::optional<Mono> waiting_;  // since when they are not those of now
  std::map<std::string, std::map<std::string, int64_t>> balance_;  // by upstream and target
  Mutex clients_mutex_;
  std::map<std::string, std::unique_ptr<HttpClient>> clients_ ABSL_GUARDED_BY(clients_mutex_);
};

}  // namespace dispatcher::kong_model
