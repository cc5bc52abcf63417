// What went wrong between a client and a server's TLS: in words, with the setting.
#pragma once

#include <string>

#include "dispatcher/base/status.h"
#include "dispatcher/net/http.h"

namespace dispatcher {

// OpenSSL keeps a list of them for each thread.
void ForgetTlsFailures();

// " (reason)" of OpenSSL's first failure on this thread since then, or ""; none is left.
std::string TlsReason();

// What is wrong with the certificate of the server `host`, by OpenSSL's verdict on it (OK:
// all but the name), and what to do about it.
std::string Distrust(const ClientTls& tls, const std::string& host, long verdict);

// After a failed read: Unavailable if the server ended because of our certificate, or for
// lack of one; else OK. With TLS 1.3 that is judged when the client takes the connection
// for open. None of OpenSSL's failures is left.
absl::Status RefusedCertificate(const ClientTls& tls);

}  // namespace dispatcher
