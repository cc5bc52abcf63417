#include "dispatcher/net/pem_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

struct FreePem {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PemText = std::unique_ptr<BIO, FreePem>;
using Certificate = std::unique_ptr<X509, FreePem>;
using PrivateKey = std::unique_ptr<EVP_PKEY, FreePem>;

// A key file of a megabyte is no key file.
constexpr size_t kMostPem = 1u << 20;

absl::Status PemTrouble(std::string_view what) {
  ERR_clear_error();
  return Error(absl::StatusCode::kFailedPrecondition, what);
}

absl::StatusOr<std::string> ReadWhole(const std::string& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text;
  if (in) {
    char piece[4096];
    while (text.size() <= kMostPem && (in.read(piece, sizeof(piece)) || in.gcount() > 0)) {
      text.append(piece, static_cast<size_t>(in.gcount()));
    }
  }
  if (!in && !in.eof()) {
    const int why = errno;
    return why == ENOENT   ? PemTrouble("is not there: put it there, or name another one")
           : why == EISDIR ? PemTrouble("is a folder: name a file in it")
                           : PemTrouble("can't be read (" + std::string(std::strerror(why)) +
                                        "): let the dispatcher's user read it");
  }
  return text;
}

PemText Opened(const std::string& text) {
  return PemText(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate NextCertificate(BIO* from) {
  return Certificate(PEM_read_bio_X509(from, nullptr, NoKeyPassword, nullptr));
}

PrivateKey KeyIn(const std::string& text) {
  return PrivateKey(PEM_read_bio_PrivateKey(Opened(text).get(), nullptr, NoKeyPassword, nullptr));
}

}  // namespace

int NoKeyPassword(char*, int, int, void*) { return 0; }

absl::Status CheckSecretFile(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(file));
  return Trim(text).empty() ? PemTrouble("is empty: write the token, key or password into it")
                            : absl::OkStatus();
}

absl::Status CheckCaFile(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(file));
  const PemText from = Opened(text);
  ERR_clear_error();
  size_t found = 0;
  while (NextCertificate(from.get()) != nullptr) {
    ++found;
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  return found == 0 ? PemTrouble("holds no certificate: it must be PEM, -----BEGIN CERTIFICATE-----")
         : !ended   ? PemTrouble("holds a broken certificate, the " + std::to_string(found + 1) +
                                 ". in it: put it in anew")
                    : (ERR_clear_error(), absl::OkStatus());
}

absl::Status CheckCertFile(const std::string& file) {
  RETURN_IF_ERROR(CheckCaFile(file));
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(file));
  const Certificate first = NextCertificate(Opened(text).get());
  if (first != nullptr && X509_cmp_current_time(X509_get0_notAfter(first.get())) < 0) {
    return PemTrouble("has expired: renew it");
  }
  if (first != nullptr && X509_cmp_current_time(X509_get0_notBefore(first.get())) > 0) {
    return PemTrouble("is not valid yet: look at this machine's clock");
  }
  return absl::OkStatus();
}

absl::Status CheckKeyFile(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadWhole(file));
  const PrivateKey key = KeyIn(text);
  return key == nullptr ? PemTrouble("holds no private key: it must be PEM, without a password")
                        : absl::OkStatus();
}

bool BelongTogether(const std::string& cert_file, const std::string& key_file) {
  const auto cert_text = ReadWhole(cert_file), key_text = ReadWhole(key_file);
  if (!cert_text.ok() || !key_text.ok()) {
    return true;
  }
  const Certificate certificate = NextCertificate(Opened(*cert_text).get());
  const PrivateKey key = KeyIn(*key_text);
  const bool belong =
      certificate == nullptr || key == nullptr || X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return belong;
}

}  // namespace dispatcher
