#include "dispatcher/net/jwt.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/net/pem_files.h"

namespace dispatcher {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

// RFC 4648 section 5, without padding.
std::string Base64Url(std::string_view bytes) {
  std::string text = Base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text.substr(0, text.find('='));
}

}  // namespace

absl::StatusOr<std::string> SignedJwt(std::string_view claims, const std::string& key_file) {
  const auto bad = [&](std::string_view why) {
    ERR_clear_error();
    return Error(absl::StatusCode::kFailedPrecondition, key_file, " ", why);
  };
  const std::unique_ptr<BIO, FreeBio> file(BIO_new_file(key_file.c_str(), "r"));
  if (file == nullptr) {
    return bad("can't be read");
  }
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      PEM_read_bio_PrivateKey(file.get(), nullptr, NoKeyPassword, nullptr));
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return bad("holds no private RSA key as PEM without a password");
  }
  const std::string text = Base64Url(R"({"alg":"RS256","typ":"JWT"})") + "." + Base64Url(claims);
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> digest(EVP_MD_CTX_new());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  std::string signature;
  if (EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestSign(digest.get(), nullptr, &size, bytes, text.size()) == 1) {
    signature.resize(size);
    if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                       text.size()) == 1) {
      signature.resize(size);
      return text + "." + Base64Url(signature);
    }
  }
  return bad("holds a key that can't sign");
}

std::optional<int64_t> ExpiryOfJwt(std::string_view token) {
  const std::vector<std::string_view> parts = Split(token, '.');
  if (parts.size() != 3) {
    return std::nullopt;
  }
  std::string claims(parts[1]);
  std::replace(claims.begin(), claims.end(), '-', '+');
  std::replace(claims.begin(), claims.end(), '_', '/');
  const std::optional<std::string> decoded = FromBase64(claims);
  const auto document = JsonDocument::Parse(decoded.value_or(""));
  return document.ok() ? document->root()["exp"].Int() : std::nullopt;
}

}  // namespace dispatcher
