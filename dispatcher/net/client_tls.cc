#include "dispatcher/net/client_tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <utility>

#include "dispatcher/base/strings.h"
#include "dispatcher/net/await.h"
#include "dispatcher/net/pem_files.h"

namespace dispatcher {
namespace {

// What is wrong with the certificate of the server `host`, by OpenSSL's verdict on it, and
// what to do about it.
std::string Distrust(const ClientTls& tls, const std::string& host, long verdict) {
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "its certificate is for another host, not for " + host + ": use a name that is in it";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired: it has to be renewed there";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet: compare the clocks";
    default:
      return "its certificate is not trusted (" + std::string(X509_verify_cert_error_string(verdict)) +
             "): name the file of its CA in " + tls.NameOf("ca_file");
  }
}

absl::Status UseOwnCertificate(SSL_CTX* context, const ClientTls& tls) {
  if (tls.cert_file.empty()) {
    return absl::OkStatus();
  }
  if (SSL_CTX_use_certificate_chain_file(context, tls.cert_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, tls.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return Error(absl::StatusCode::kFailedPrecondition, tls.NameOf("client_cert_file"), " ", tls.cert_file,
                 " with ", tls.NameOf("client_key_file"), " ", tls.key_file,
                 " can't be used: both must be PEM and belong together", TlsReason());
  }
  return absl::OkStatus();
}

}  // namespace

TlsGreeter::TlsGreeter(const ClientTls& tls, std::string host, ssl_ctx_st* context)
    : tls_(tls), host_(std::move(host)), context_(context) {}
TlsGreeter::~TlsGreeter() { SSL_CTX_free(context_); }

absl::StatusOr<std::unique_ptr<TlsGreeter>> TlsGreeter::Load(const ClientTls& tls, std::string host) {
  ForgetTlsFailures();
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "no TLS here", TlsReason());
  }
  std::unique_ptr<TlsGreeter> greeter(new TlsGreeter(tls, std::move(host), context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_default_passwd_cb(context, NoKeyPassword);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  RETURN_IF_ERROR(UseOwnCertificate(context, tls));
  if (tls.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_locations(context, tls.ca_file.c_str(), nullptr) != 1) {
    const absl::Status why = CheckCaFile(tls.ca_file);
    return Error(absl::StatusCode::kFailedPrecondition, tls.NameOf("ca_file"), " ", tls.ca_file, " ",
                 why.ok() ? "can't be used" + TlsReason() : Message(why));
  }
  return greeter;
}

absl::StatusOr<ssl_st*> TlsGreeter::Greet(int socket, Duration limit) const {
  const Mono end = MonoClock::now() + limit;
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(context_), SSL_free);
  if (session == nullptr || SSL_set_fd(session.get(), socket) != 1) {
    return Error(absl::StatusCode::kUnavailable, "no TLS session", TlsReason());
  }
  if (IsIpLiteral(host_)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), host_.c_str());
  } else {
    SSL_set1_host(session.get(), host_.c_str());
    // SSL_set_tlsext_host_name without its macro's cast.
    SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host_.c_str()));
  }
  while (true) {
    ForgetTlsFailures();
    const int done = SSL_connect(session.get());
    if (done == 1) {
      return session.release();
    }
    const int error = SSL_get_error(session.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      break;
    }
    if (!AwaitSocket(socket, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, end)) {
      return Error(absl::StatusCode::kUnavailable, "TLS handshake did not end within ",
                   std::to_string(Seconds(limit)), " s: it may not speak TLS");
    }
  }
  if (const long verdict = SSL_get_verify_result(session.get()); verdict != X509_V_OK) {
    ForgetTlsFailures();
    return Error(absl::StatusCode::kUnavailable, Distrust(tls_, host_, verdict));
  }
  return Error(absl::StatusCode::kUnavailable, "TLS handshake failed", TlsReason(),
               ": it may not speak TLS, or want a certificate: ", tls_.NameOf("client_cert_file"));
}

std::string TlsReason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "" : " (" + std::string(reason) + ")";
}

void ForgetTlsFailures() { ERR_clear_error(); }

absl::Status RefusedCertificate(const ClientTls& tls) {
  const int reason = ERR_GET_REASON(ERR_peek_error());
  const std::string words = TlsReason();
  for (const int alert : {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, SSL_R_TLSV1_ALERT_UNKNOWN_CA,
                          SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
                          SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, SSL_R_TLSV1_ALERT_ACCESS_DENIED}) {
    if (reason == alert) {
      return Error(absl::StatusCode::kUnavailable, "it does not accept our certificate", words,
                   ": name one of a CA that it trusts in ", tls.NameOf("client_cert_file"), ", its key in ",
                   tls.NameOf("client_key_file"));
    }
  }
  return absl::OkStatus();
}

}  // namespace dispatcher
