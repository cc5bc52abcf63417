// What the last read saw: who else takes the requests for a host and path (Kong lets
// two routes have the same; which one wins is then left to chance), and which
// upstreams are ours. May be wrong: the first is asked for again before it refuses
// anything, the second saves a request for each change of a target.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kong/objects.h"
#include "dispatcher/base/mutex.h"

namespace dispatcher {

struct KongHolder {
  std::string path;  // of the Admin API: "/routes/<id>", "/apis/<id>"
  std::string what;  // "route \"shop\""
};

// Any thread.
class KongBook {
 public:
  void Set(const std::vector<std::pair<KongRoute, KongHolder>>& foreign) {
    std::map<std::string, KongHolder> holders;
    for (const auto& [route, holder] : foreign) {
      // One that takes only some requests (by method, say) leaves the rest to others.
      if (!route.narrow) {
        for (const std::string& place : PlacesOf(route)) {
          holders.try_emplace(place, holder);
        }
      }
    }
    MutexLock lock(mutex_);
    holders_ = std::move(holders);
  }

  // The stranger's object that takes one of the requests that `route` would take.
  std::optional<std::pair<std::string, KongHolder>> HolderOf(const KongRoute& route) const {
    MutexLock lock(mutex_);
    for (const std::string& place : PlacesOf(route)) {
      if (const auto found = holders_.find(place); found != holders_.end()) {
        return *found;
      }
    }
    return std::nullopt;
  }

  void Drop(const std::string& place) {
    MutexLock lock(mutex_);
    holders_.erase(place);
  }

  void SetUpstreams(std::set<std::string> bodies) {
    MutexLock lock(mutex_);
    upstreams_ = std::move(bodies);
  }
  void AddUpstream(const std::string& body) {
    MutexLock lock(mutex_);
    upstreams_.insert(body);
  }
  void DropUpstream(const std::string& body) {
    MutexLock lock(mutex_);
    upstreams_.erase(body);
  }
  bool HasUpstream(const std::string& body) const {
    MutexLock lock(mutex_);
    return upstreams_.contains(body);
  }

  // "host/path" for each pair of them.
  static std::vector<std::string> PlacesOf(const KongRoute& route) {
    const std::vector<std::string> any = {""};
    std::vector<std::string> places;
    for (const std::string& host : route.hosts.empty() ? any : route.hosts) {
      for (const std::string& path : route.paths.empty() ? any : route.paths) {
        places.push_back(host + path);
      }
    }
    return places;
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, KongHolder> holders_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> upstreams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
