// Consul's catalog as an outsider sees it: when it changed last, and what it holds.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/client.h"
#include "tests/bench/apps.h"

namespace dispatcher::bench {

// For a client of this Consul.
HttpClientOptions HttpOptions(const std::string& url);

// How many of the tasks' entries under this owner are in the catalog, and how many
// entries of that owner are there without belonging.
struct Contents {
  size_t wanted = 0, present = 0, surplus = 0;
  bool Complete() const { return present == wanted && surplus == 0; }
};
absl::StatusOr<Contents> Compare(HttpClient& client, const Apps& apps, std::string_view owner);

// Waits until the catalog holds what the apps' tasks are, no more and no less, and
// has stayed as it is for a quarter of a second. Gives the moment of its last change.
//
// Consul 1.8 answers a list of one node's services with the index of the last
// change to any node or service (state/catalog.go, nodeServices: catalogMaxIndex):
// asked every other millisecond about the server's own node, where nothing lies, it
// tells that moment without reading the catalog while it fills.
class LastChange {
 public:
  // `node` is the Consul server's own. Begins to ask at once.
  LastChange(const std::string& consul_url, const std::string& node);
  ~LastChange();

  absl::StatusOr<Mono> Await(const Apps& apps, std::string_view owner, std::chrono::seconds limit);

 private:
  void Ask();

  HttpClient client_, checker_;
  const std::string target_;
  mutable Mutex mutex_;
  CondVar ended_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t index_ ABSL_GUARDED_BY(mutex_) = 0;
  Mono changed_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace dispatcher::bench
