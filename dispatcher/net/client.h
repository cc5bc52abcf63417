// HTTP client: every cure for cpp-httplib's traps, in one place.
//
// TCP_NODELAY on; every timeout set; redirects never followed (the answer is
// handed back); heads and bodies capped; headers checked; exceptions fenced; a Cancel breaks
// off a call at once, while it connects, writes, waits or streams (resolving a
// host name is the exception: getaddrinfo can't be broken off). Connections are
// kept and reused: a call takes an idle one from the pool or opens one, and never
// shares it with another thread.
//
// Making a client sets SIGPIPE to ignored, for the whole process.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "dispatcher/base/cancel.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/http.h"

namespace dispatcher {

struct HttpClientOptions {
  Url base;  // request targets are put after its path
  Duration connect_timeout = std::chrono::seconds(1);
  Duration read_timeout = std::chrono::seconds(10);  // longest silence between two reads
  Duration write_timeout = std::chrono::seconds(5);
  // From an answer's first byte to its last, for Call: who trickles ends, too.
  Duration answer_timeout = std::chrono::seconds(60);
  size_t max_body = 64u << 20;  // ResourceExhausted beyond
  size_t max_idle_connections = 8;
  HttpHeaders headers;  // sent with every request
  ClientTls tls = {};
  bool retry_idle_close = true;  // one retry of GET, PUT, DELETE on a kept connection that was closed
};

struct HttpRequest {
  std::string method = "GET";  // GET PUT POST DELETE PATCH
  std::string target;          // path and query, already encoded
  HttpHeaders headers;         // beside the options'; same name here wins
  std::string body;
  std::string content_type = "application/json";  // sent only with a body
  std::optional<Duration> read_timeout;
  std::optional<Duration> answer_timeout = {};  // Stream has none unless it is set here
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

// Status line and headers of an answer whose body follows in pieces.
struct HttpHead {
  int status = 0;
  HttpHeaders headers;
};

// Thread-safe. Destroy only when no call is in flight.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // OK for an answer of any status, 5xx and 3xx too. Errors:
  //   Cancelled          `cancel` was triggered
  //   Unavailable        not connected, or closed before the answer was whole
  //   DeadlineExceeded   a timeout; a write may have been carried out. Headers have 10 s
  //   ResourceExhausted  body over max_body; status line over 1 KiB, headers (or what frames
  //                      chunks) over 64 KiB
  //   InvalidArgument    the request can't be sent (bad header, bad method)
  //   FailedPrecondition a certificate file can't be loaded
  // and of TLS Unavailable, with the reason and the setting that may be wrong.
  // What the request's headers hold of secrets is hidden in the answer's headers, and in
  // its body if the status is 300 or more: such words end in logs (sent_secrets.h).
  // Messages name the base's origin, never a header, a query or a body.
  absl::StatusOr<HttpResponse> Call(const HttpRequest& request, const Cancel& cancel);

  // As Call, with the body handed over piece by piece on the calling thread as it
  // arrives, never held. `on_head` comes first, once; an error from it or from
  // `on_piece` ends the call and is returned as it is. OK means that the body
  // ended as announced, or, if no length was announced, that the peer closed.
  // max_body does not apply: `on_piece` counts if it wants to. The connection is a
  // new one and is closed at the end. Of secrets only those in the head's headers are hidden.
  absl::Status Stream(const HttpRequest& request, const Cancel& cancel,
                      absl::FunctionRef<absl::Status(const HttpHead&)> on_head,
                      absl::FunctionRef<absl::Status(std::string_view)> on_piece);

  const HttpClientOptions& options() const;

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace dispatcher
