// Consul's HTTP API as far as every call is alike: token, datacenter, errors.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "adapters/secret.h"
#include "dispatcher/base/cancel.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

// One agent's or server's API. Any thread.
class ConsulApi {
 public:
  // `datacenter` goes into the query of every call; "" leaves it out.
  ConsulApi(HttpClientOptions http, std::shared_ptr<Secret> token, std::string datacenter);

  const std::string& datacenter() const { return datacenter_; }

  // The answer to a GET, if it is 200, JSON and surely unfiltered. `query` is
  // encoded already, without "?".
  absl::StatusOr<JsonDocument> Get(std::string_view path, std::string_view query, const Cancel& cancel) const;

  // A blocking query: returns once the answer to that GET may differ from what it was at
  // index `since`, or after a minute. Its `state` is that of the answer's text.
  absl::StatusOr<WatchAnswer> Wait(std::string_view path, std::string_view query, uint64_t since,
                                   const Cancel& cancel) const;

  // An answer of any status to a PUT.
  absl::StatusOr<HttpResponse> Put(std::string_view path, std::string_view query, std::string body,
                                   const Cancel& cancel) const;
  // OK only if the answer was 200.
  absl::Status PutOk(std::string_view path, std::string_view query, std::string body,
                     const Cancel& cancel) const;

  // PermissionDenied unless the token can read nodes and services. Consul answers
  // a powerless token with 200 and an empty list; but the catalog always holds the
  // service "consul" of the servers themselves, and who doesn't see that one can't
  // believe any list. Needs node_prefix "" and service_prefix "" read.
  absl::Status ProveReadable(const Cancel& cancel) const;

  // True if the token file holds another token now, so that a refused call is
  // worth a second try.
  bool RefreshToken() const { return token_->Refresh(); }

  // What an answer means, by adapter.h's codes. Consul says 500 for bad input too.
  static absl::Status StatusOf(const HttpResponse& response);

 private:
  absl::StatusOr<HttpResponse> Call(std::string_view method, std::string_view path, std::string_view query,
                                    std::string body, const Cancel& cancel,
                                    std::optional<Duration> patience = std::nullopt) const;

  mutable HttpClient client_;
  const std::shared_ptr<Secret> token_;
  const std::string datacenter_;
};

}  // namespace dispatcher
