// TLS for our own port: certificates that may be exchanged while it is open, and
// connections that never wait for their peer.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"

struct ssl_ctx_st;
struct ssl_st;

namespace dispatcher {

struct TlsFiles {
  std::string cert;       // PEM: the certificate, then those between it and the CA; "" = no TLS
  std::string key;        // PEM, without a password
  std::string client_ca;  // "" = nobody is asked for a certificate; else who has none of these is refused
};

// The server's side of one connection, whose socket belongs to somebody else and does not
// block. Any thread, one at a time.
class TlsSession {
 public:
  explicit TlsSession(ssl_st* session) : session_(session) {}  // takes it over
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // As recv and send that do not wait: bytes; 0: the peer has closed; -1: errno is EAGAIN
  // (the socket is to be ready for WaitsFor()) or says that it is over. The handshake is
  // part of them.
  ssize_t Read(char* data, size_t size);
  ssize_t Write(const char* data, size_t size);
  // POLLIN or POLLOUT, after an EAGAIN; else 0.
  short WaitsFor() const { return waits_for_; }
  // The handshake is not over.
  bool Greeting() const;
  // Tells the peer that nothing more comes; never waits.
  void Close();

 private:
  ssize_t Result(int result);

  ssl_st* const session_;
  short waits_for_ = 0;
};

// TLS 1.2 at least. Any thread.
class TlsKeeper {
 public:
  // FailedPrecondition names the files that can't be used and the reason.
  static absl::StatusOr<std::unique_ptr<TlsKeeper>> Load(TlsFiles files);
  ~TlsKeeper();
  TlsKeeper(const TlsKeeper&) = delete;
  TlsKeeper& operator=(const TlsKeeper&) = delete;

  // For a connection that was just accepted. The files are looked at before, once a second
  // at most: changed ones are read anew, and until they can be used the old ones count.
  std::unique_ptr<TlsSession> Open(int socket, Mono now);

 private:
  TlsKeeper(TlsFiles files, ssl_ctx_st* context, std::string seen);
  void LookAgain(Mono now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const TlsFiles files_;
  Mutex mutex_;
  ssl_ctx_st* context_ ABSL_GUARDED_BY(mutex_);
  std::string seen_ ABSL_GUARDED_BY(mutex_);  // when the files were changed, as of the last look
  Mono looked_ ABSL_GUARDED_BY(mutex_){};
};

}  // namespace dispatcher
