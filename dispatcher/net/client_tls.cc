#include "dispatcher/net/client_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace dispatcher {

std::string TlsReason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "" : " (" + std::string(reason) + ")";
}

void ForgetTlsFailures() { ERR_clear_error(); }

std::string Distrust(const ClientTls& tls, const std::string& host, long verdict) {
  switch (verdict) {
    case X509_V_OK:
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
