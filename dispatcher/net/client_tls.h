// The client's side of TLS, and what went wrong with it: in words, with the setting.
#pragma once

#include <memory>
#include <string>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/http.h"

struct ssl_ctx_st;
struct ssl_st;

namespace dispatcher {

// How connections to one host become TLS, 1.2 at least: the host's certificate has to be
// trusted and to name it. httplib's own class for that is final in 0.18, and its
// handshake knows no end but that of each wait.
class TlsGreeter {
 public:
  // FailedPrecondition names the file that can't be used, its setting and the reason.
  static absl::StatusOr<std::unique_ptr<TlsGreeter>> Load(const ClientTls& tls, std::string host);
  ~TlsGreeter();
  TlsGreeter(const TlsGreeter&) = delete;
  TlsGreeter& operator=(const TlsGreeter&) = delete;

  // The whole handshake over a connected socket, which does not block from then on and
  // stays the caller's; so is the session. Unavailable says what is wrong, and where.
  absl::StatusOr<ssl_st*> Greet(int socket, Duration limit) const;

 private:
  TlsGreeter(const ClientTls& tls, std::string host, ssl_ctx_st* context);

  const ClientTls& tls_;  // of the client, which outlives its connections
  const std::string host_;
  ssl_ctx_st* const context_;
};

// OpenSSL keeps a list of them for each thread.
void ForgetTlsFailures();

// " (reason)" of OpenSSL's first failure on this thread since then, or ""; none is left.
std::string TlsReason();

// After a failed read: Unavailable if the server ended because of our certificate, or for
// lack of one; else OK. With TLS 1.3 that is judged when the client takes the connection
// for open. None of OpenSSL's failures is left.
absl::Status RefusedCertificate(const ClientTls& tls);

}  // namespace dispatcher
