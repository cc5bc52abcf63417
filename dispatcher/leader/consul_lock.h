// The lock as a session and a key of Consul. Facts measured on 1.8.7.
//
// * The session is bound to no health check: with serfHealth on it, an agent that its
//   peers can't reach ends it at once, long before the TTL that the permit counts on.
// * Behaviour "release", not "delete": the key stays with its last holder's name and its
//   LockIndex, and whoever watches it sees one kind of change.
// * Consul ends a session between TTL and 2 x TTL after its last renewal; the lock is
//   free a LockDelay of 1 s later, or at once after a release.
#pragma once

#include <memory>
#include <string>

#include "adapters/secret.h"
#include "dispatcher/leader/lock_store.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

struct ConsulLockOptions {
  Url url;
  std::string key = "dispatcher/leader";
  Duration ttl = std::chrono::seconds(20);  // Consul takes 10 s to 24 h
  ClientTls tls = {};
  std::shared_ptr<Secret> token;
};

class ConsulLock : public LockStore {
 public:
  explicit ConsulLock(ConsulLockOptions options);

  LockAnswer Do(const LockAsk& ask, Duration patience, const Cancel& cancel) override;
  LockAnswer Watch(uint64_t index, Duration wait, const Cancel& cancel) override;

 private:
  absl::StatusOr<HttpResponse> Call(HttpRequest request, const Cancel& cancel);
  LockAnswer LookFrom(const absl::StatusOr<HttpResponse>& response) const;
  // What an answer means that is not the hoped-for one.
  LockAnswer Failure(const absl::StatusOr<HttpResponse>& response) const;

  const ConsulLockOptions options_;
  const std::string key_path_;
  HttpClient client_;
};

}  // namespace dispatcher
