// HTTP server with the mitigations that bookworm's cpp-httplib needs: requests are
// received and answers sent by one thread for all (reception.h), so that idle, dribbling
// and greedy clients starve nobody; heads and bodies capped; one request a connection by
// default; Range and Transfer-Encoding refused; nothing compressed, whatever is accepted (a
// handler sees no Accept-Encoding but "identity"); no exception text to the client.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/http.h"
#include "dispatcher/net/tls.h"

namespace dispatcher {

struct HttpServerOptions {
  int threads = 32;
  int keep_alive_requests = 1;  // stand-ins and proxies in tests raise it
  Duration read_timeout = std::chrono::seconds(1);
  Duration write_timeout = std::chrono::seconds(2);
  size_t max_body = 1u << 20;
  // Paths whose requests are taken before all others, however many those are.
  std::vector<std::string> first = {};
  TlsFiles tls = {};  // without a certificate all goes in clear
};

struct HttpCall {
  std::string method;
  std::string path;        // decoded
  std::string raw_target;  // as it came, with the query
  HttpHeaders query;       // decoded, in order
  HttpHeaders headers;
  std::string body;
  std::vector<std::string> captures;  // groups of the route's pattern
  std::string remote_address;
};

// Writes to an open answer; false once the client has gone or the server stops.
// An empty piece writes nothing and only asks: an idle stream asks now and then.
using HttpSink = std::function<bool(std::string_view)>;

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  HttpHeaders headers;
  // If set, `body` is left out and this runs, on the server's thread, after the
  // head was sent; the answer ends (connection closed, no length announced) when
  // it returns.
  std::function<void(const HttpSink&)> stream;
};

using HttpHandler = std::function<HttpReply(const HttpCall&)>;

class HttpServer {
 public:
  explicit HttpServer(HttpServerOptions options = {});
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // `pattern` is an ECMAScript regular expression over the decoded path. Before
  // Start only. Handlers run on many threads at once.
  void Handle(std::string_view method, std::string_view pattern, HttpHandler handler);
  // For what no route takes; default 404.
  void HandleRest(HttpHandler handler);

  // Binds (port 0 = any free one) and serves on threads of its own. Unavailable
  // names the address that could not be bound; FailedPrecondition as TlsKeeper::Load.
  absl::Status Start(const std::string& host, int port);
  int port() const;
  // Ends open answers and joins all threads; idempotent.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dispatcher
