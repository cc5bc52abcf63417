#include "dispatcher/net/tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "dispatcher/base/log.h"
#include "dispatcher/net/pem_files.h"

namespace dispatcher {
namespace {

constexpr Duration kLook = std::chrono::seconds(1);

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

// The first of OpenSSL's errors, which is the cause; none is left.
std::string Reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

absl::Status Unusable(std::string_view what, const std::string& file) {
  return Error(absl::StatusCode::kFailedPrecondition, what, " ", file, " can't be used: ", Reason());
}

absl::StatusOr<Context> MakeContext(const TlsFiles& files) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, "no TLS: ", Reason());
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_default_passwd_cb(context.get(), NoKeyPassword);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.cert.c_str()) != 1) {
    return Unusable("certificate", files.cert);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return Unusable("key", files.key);
  }
  if (!files.client_ca.empty()) {
    if (SSL_CTX_load_verify_locations(context.get(), files.client_ca.c_str(), nullptr) != 1) {
      return Unusable("CA of clients", files.client_ca);
    }
    SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(files.client_ca.c_str()));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

// Another text as soon as one of the files is another one.
std::string Seen(const TlsFiles& files) {
  std::string seen;
  for (const std::string& file : {files.cert, files.key, files.client_ca}) {
    struct stat found {};
    if (stat(file.c_str(), &found) == 0) {
      seen += std::to_string(found.st_ino) + "," + std::to_string(found.st_size) + "," +
              std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec);
    }
    seen += ";";
  }
  return seen;
}

}  // namespace

TlsSession::~TlsSession() { SSL_free(session_); }

ssize_t TlsSession::Read(char* data, size_t size) {
  ERR_clear_error();
  return Result(SSL_read(session_, data, static_cast<int>(std::min<size_t>(size, 1u << 20))));
}

ssize_t TlsSession::Write(const char* data, size_t size) {
  ERR_clear_error();
  return Result(SSL_write(session_, data, static_cast<int>(std::min<size_t>(size, 1u << 20))));
}

ssize_t TlsSession::Result(int result) {
  waits_for_ = 0;
  if (result > 0) {
    return result;
  }
  switch (SSL_get_error(session_, result)) {
    case SSL_ERROR_WANT_READ:
      waits_for_ = POLLIN;
      break;
    case SSL_ERROR_WANT_WRITE:
      waits_for_ = POLLOUT;
      break;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      ERR_clear_error();
      errno = EPROTO;
      return -1;
  }
  errno = EAGAIN;
  return -1;
}

bool TlsSession::Greeting() const { return SSL_is_init_finished(session_) == 0; }

void TlsSession::Close() {
  if (!Greeting()) {
    ERR_clear_error();
    SSL_shutdown(session_);
    ERR_clear_error();
  }
}

TlsKeeper::TlsKeeper(TlsFiles files, ssl_ctx_st* context, std::string seen)
    : files_(std::move(files)), context_(context), seen_(std::move(seen)) {}

TlsKeeper::~TlsKeeper() { SSL_CTX_free(context_); }

absl::StatusOr<std::unique_ptr<TlsKeeper>> TlsKeeper::Load(TlsFiles files) {
  std::string seen = Seen(files);
  ASSIGN_OR_RETURN(Context context, MakeContext(files));
  return std::unique_ptr<TlsKeeper>(new TlsKeeper(std::move(files), context.release(), std::move(seen)));
}

std::unique_ptr<TlsSession> TlsKeeper::Open(int socket, Mono now) {
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  MutexLock lock(mutex_);
  LookAgain(now);
  SSL* const session = SSL_new(context_);
  SSL_set_fd(session, socket);
  SSL_set_accept_state(session);
  return std::make_unique<TlsSession>(session);
}

void TlsKeeper::LookAgain(Mono now) {
  if (now - looked_ < kLook) {
    return;
  }
  looked_ = now;
  std::string seen = Seen(files_);
  if (seen == seen_) {
    return;
  }
  seen_ = std::move(seen);
  absl::StatusOr<Context> fresh = MakeContext(files_);
  if (!fresh.ok()) {
    LogError("the port's certificate was changed and can't be used, the old one stays",
             {{"why", fresh.status()}});
    return;
  }
  SSL_CTX_free(context_);  // sessions keep theirs
  context_ = fresh->release();
  LogInfo("the port's certificate was read anew", {{"file", files_.cert}});
}

}  // namespace dispatcher
