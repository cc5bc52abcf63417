// Health, metrics, the JSON API and the page, on http.listen.
//
// Reading is free to whoever reaches the address; POST and PUT need the bearer token.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "dispatcher/admin/decision_feed.h"
#include "dispatcher/admin/source.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/net/server.h"

namespace dispatcher {

class AdminServer {
 public:
  // `source` and `clock` outlive the server.
  AdminServer(HttpSettings settings, Source& source, const Clock& clock = SystemClock());

  // InvalidArgument: http.listen is malformed. Unavailable: can't be bound.
  // FailedPrecondition: http.tls_cert_file and what belongs to it can't be used.
  absl::Status Start();
  // The token of these settings counts from now on; address and TLS stay. Any thread.
  void UseToken(const HttpSettings& settings);
  // Ends open answers; idempotent.
  void Stop() { server_.Stop(); }

  // "127.0.0.1:8090" with the real port; after Start.
  std::string address() const;

 private:
  void Get(const std::string& pattern, HttpHandler handler);
  // For what changes something: the token is asked for.
  void Change(std::string_view method, const std::string& pattern, HttpHandler handler);
  void AddRoutes();

  HttpSettings Http() const;

  const std::string listen_;
  mutable Mutex mutex_;
  HttpSettings settings_ ABSL_GUARDED_BY(mutex_);
  Source& source_;
  DecisionFeed feed_;
  HttpServer server_;
};

}  // namespace dispatcher
