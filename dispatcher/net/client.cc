#include "dispatcher/net/client.h"

#include <fcntl.h>
#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "dispatcher/base/mutex.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/net/await.h"
#include "dispatcher/net/client_tls.h"
#include "dispatcher/net/gate.h"
#include "dispatcher/net/sent_secrets.h"

// Without the flags of the shared library its classes have another size here.
#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
#error "cpp-httplib's flags are missing: link PkgConfig::httplib"
#endif

namespace dispatcher {

// Named, because HttpClient::Pool has members of these types.
namespace client_internal {

// A second handle on the socket that httplib uses at the moment. httplib's own
// stop() waits for a connect to end and is lost before one begins; shutting the
// socket down through this handle works at any time, and can't hit a stranger's
// descriptor, because the handle is ours.
class SocketHandle {
 public:
  SocketHandle() = default;
  ~SocketHandle() { Close(); }
  SocketHandle(const SocketHandle&) = delete;
  SocketHandle& operator=(const SocketHandle&) = delete;

  // Called by httplib for each socket that it makes, before it connects.
  void Follow(int socket) {
    MutexLock lock(mutex_);
    Close();
    fd_ = fcntl(socket, F_DUPFD_CLOEXEC, 0);
    ++opened_;
    if (broken_off_) {
      shutdown(fd_, SHUT_RDWR);
    }
  }
  void BreakOff() {
    MutexLock lock(mutex_);
    broken_off_ = true;
    if (fd_ >= 0) {
      shutdown(fd_, SHUT_RDWR);
    }
  }
  bool broken_off() {
    MutexLock lock(mutex_);
    return broken_off_;
  }
  int opened() {
    MutexLock lock(mutex_);
    return opened_;
  }

 private:
  void Close() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (fd_ >= 0) {
      close(fd_);
    }
    fd_ = -1;
  }

  Mutex mutex_;
  int fd_ ABSL_GUARDED_BY(mutex_) = -1;
  int opened_ ABSL_GUARDED_BY(mutex_) = 0;
  bool broken_off_ ABSL_GUARDED_BY(mutex_) = false;
};

// A socket, with TLS or without, behind the gate.
class GatedStream : public httplib::Stream {
 public:
  GatedStream(int socket, SSL* ssl, const ClientTls& tls, Duration read_timeout, Duration write_timeout,
              Gate& gate)
      : socket_(socket),
        ssl_(ssl),
        tls_(tls),
        read_timeout_(read_timeout),
        write_timeout_(write_timeout),
        gate_(gate) {}

  bool is_readable() const override {
    return used_ < filled_ || (ssl_ != nullptr && SSL_pending(ssl_) > 0) ||
           Await(POLLIN, MonoClock::now() + read_timeout_);
  }
  bool is_writable() const override { return Await(POLLOUT, MonoClock::now() + write_timeout_); }

  ssize_t read(char* data, size_t size) override {
    if (used_ == filled_) {
      const ssize_t got = Fill();
      if (got <= 0) {
        return got;
      }
      used_ = 0;
      filled_ = static_cast<size_t>(got);
      gate_.Arrived();
    }
    const size_t count = std::min(size, filled_ - used_);
    std::copy_n(buffer_ + used_, count, data);
    used_ += count;
    // Lines are read byte by byte, bodies are not, unless a byte is all that is left.
    return gate_.InTime() && (size > 1 || gate_.TakeOfLine(*data)) ? static_cast<ssize_t>(count) : -1;
  }

  ssize_t write(const char* data, size_t size) override {
    const Mono end = MonoClock::now() + write_timeout_;
    while (Await(POLLOUT, end)) {
      const ssize_t sent = ssl_ == nullptr
                               ? send(socket_, data, size, MSG_DONTWAIT | MSG_NOSIGNAL)
                               : SSL_write(ssl_, data, static_cast<int>(std::min<size_t>(size, 1 << 20)));
      if (sent > 0 || !Again(sent)) {
        return sent > 0 ? sent : -1;
      }
    }
    return -1;
  }

  // Asked for by logs of httplib's that nobody reads.
  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  socket_t socket() const override { return socket_; }

 private:
  ssize_t Fill() {
    const Mono end = std::min(MonoClock::now() + read_timeout_, gate_.End());
    while ((ssl_ != nullptr && SSL_pending(ssl_) > 0) || Await(POLLIN, end)) {
      const ssize_t got = ssl_ == nullptr ? recv(socket_, buffer_, sizeof(buffer_), MSG_DONTWAIT)
                                          : SSL_read(ssl_, buffer_, sizeof(buffer_));
      if (got > 0 || !Again(got)) {
        if (got <= 0) {
          gate_.Ended();
          gate_.Alerted(ssl_ == nullptr ? absl::OkStatus() : RefusedCertificate(tls_));
        }
        if (ssl_ == nullptr && got > 0 && !std::exchange(answered_, true) && buffer_[0] == kTlsAlert) {
          gate_.Alerted(absl::UnavailableError("it speaks TLS: write https:// in its URL"));
        }
        return got;
      }
    }
    gate_.InTime();
    return -1;
  }
  // Whether nothing came of it that is worth a word, as of half a TLS record.
  bool Again(ssize_t result) const {
    if (ssl_ == nullptr) {
      return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    }
    const int error = SSL_get_error(ssl_, static_cast<int>(result));
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  }
  bool Await(short event, Mono end) const { return AwaitSocket(socket_, event, end); }

  const int socket_;
  SSL* const ssl_;
  const ClientTls& tls_;
  const Duration read_timeout_, write_timeout_;
  Gate& gate_;
  static constexpr char kTlsAlert = 0x15;  // the first byte of one

  bool answered_ = false;  // something came
  char buffer_[16 << 10];
  size_t used_ = 0, filled_ = 0;
};

// httplib's client without TLS, with that stream in place of its own, and with our TLS
// under it for https: httplib is told of neither.
class Gated : public httplib::ClientImpl {
 public:
  // `greeter` is null for http.
  Gated(Gate& gate, const HttpClientOptions& options, std::unique_ptr<const TlsGreeter> greeter)
      : ClientImpl(options.base.host, options.base.port),
        gate_(gate),
        tls_(options.tls),
        handshake_limit_(options.connect_timeout + options.write_timeout),
        greeter_(std::move(greeter)) {}
  ~Gated() override { Gated::shutdown_ssl(socket_, true); }
  Gated(const Gated&) = delete;
  Gated& operator=(const Gated&) = delete;

 private:
  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override {
    if (!ClientImpl::create_and_connect_socket(socket, error)) {
      return false;
    }
    if (greeter_ == nullptr) {
      return true;
    }
    const absl::StatusOr<SSL*> session = greeter_->Greet(socket.sock, handshake_limit_);
    if (!session.ok()) {
      gate_.Alerted(session.status());
      error = httplib::Error::SSLConnection;
      shutdown_socket(socket);
      close_socket(socket);
      return false;
    }
    socket.ssl = *session;
    return true;
  }
  void shutdown_ssl(Socket& socket, bool gracefully) override {
    if (socket.ssl != nullptr) {
      if (gracefully) {
        SSL_shutdown(socket.ssl);
      }
      SSL_free(socket.ssl);
      socket.ssl = nullptr;
    }
  }
  bool process_socket(const Socket& socket, std::function<bool(httplib::Stream&)> callback) override {
    const auto duration = [](time_t seconds, time_t microseconds) {
      return std::chrono::seconds(seconds) + std::chrono::microseconds(microseconds);
    };
    GatedStream stream(socket.sock, socket.ssl, tls_, duration(read_timeout_sec_, read_timeout_usec_),
                       duration(write_timeout_sec_, write_timeout_usec_), gate_);
    return callback(stream);
  }

  Gate& gate_;
  const ClientTls& tls_;  // of the pool, which outlives its connections
  const Duration handshake_limit_;
  const std::unique_ptr<const TlsGreeter> greeter_;
};

struct Connection {
  Gate gate;
  SocketHandle socket;
  std::unique_ptr<httplib::ClientImpl> http;
};

}  // namespace client_internal

namespace {

using client_internal::Connection;
using client_internal::Gated;

using HeadFn = absl::FunctionRef<absl::Status(const HttpHead&)>;
using PieceFn = absl::FunctionRef<absl::Status(std::string_view)>;

constexpr char kAcceptEncoding[] = "Accept-Encoding";

absl::StatusOr<std::unique_ptr<Connection>> MakeConnection(const HttpClientOptions& options) {
  auto connection = std::make_unique<Connection>();
  std::unique_ptr<const TlsGreeter> greeter;
  if (options.base.scheme == "https") {
    ASSIGN_OR_RETURN(greeter, TlsGreeter::Load(options.tls, options.base.host));
  }
  connection->http = std::make_unique<Gated>(connection->gate, options, std::move(greeter));
  httplib::ClientImpl& http = *connection->http;
  http.set_tcp_nodelay(true);  // head and body are two sends: else 40 ms a write
  http.set_keep_alive(true);
  http.set_follow_location(false);
  http.set_url_encode(false);
  http.set_decompress(false);
  http.set_connection_timeout(options.connect_timeout);
  http.set_read_timeout(options.read_timeout);
  http.set_write_timeout(options.write_timeout);
  http.set_socket_options([handle = &connection->socket](int socket) { handle->Follow(socket); });
  return connection;
}

HttpHeaders FromHttplib(const httplib::Headers& headers) { return {headers.begin(), headers.end()}; }

SentSecrets SecretsOf(const httplib::Request& request) { return SentSecrets(FromHttplib(request.headers)); }

constexpr int kFirstWithoutData = 300;  // statuses whose bodies are words about the call

// The announced length must be one that httplib understands as we do: it reads
// "abc" as 0, which would turn a broken answer into an empty one.
absl::Status CheckFraming(const httplib::Headers& headers) {
  const auto [first, last] = headers.equal_range("Content-Length");
  for (auto it = first; it != last; ++it) {
    if (it->second != first->second || ParseInt(it->second).value_or(-1) < 0) {
      return Error(absl::StatusCode::kUnavailable, "answer with a malformed Content-Length");
    }
  }
  const auto coding = headers.find("Transfer-Encoding");
  if (coding != headers.end() && !EqualsIgnoreCase(coding->second, "chunked")) {
    return Error(absl::StatusCode::kUnavailable, "answer with a Transfer-Encoding other than chunked");
  }
  return absl::OkStatus();
}

absl::Status CheckRequest(const HttpRequest& request) {
  const std::string& method = request.method;
  if (method != "GET" && method != "PUT" && method != "POST" && method != "DELETE" && method != "PATCH") {
    return Error(absl::StatusCode::kInvalidArgument, "method ", method,
                 " is not one of GET PUT POST DELETE PATCH");
  }
  if (!request.target.empty() && request.target.front() != '/') {
    return Error(absl::StatusCode::kInvalidArgument, "a request's target must begin with a slash");
  }
  for (const char c : request.target) {
    if (c <= ' ' || c >= '\x7f') {
      return Error(absl::StatusCode::kInvalidArgument, "a request's target must be percent-encoded");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<httplib::Request> Prepare(const HttpClientOptions& options, const HttpRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request));
  httplib::Request out;
  out.method = request.method;
  out.path = options.base.path + request.target;
  if (out.path.empty()) {
    out.path = "/";
  }
  for (const auto& [name, value] : options.headers) {
    RETURN_IF_ERROR(CheckHeader(name, value));
    out.headers.emplace(name, value);
  }
  for (const auto& [name, value] : request.headers) {
    RETURN_IF_ERROR(CheckHeader(name, value));
    out.headers.erase(name);
  }
  out.headers.insert(request.headers.begin(), request.headers.end());
  if (!request.body.empty()) {
    RETURN_IF_ERROR(CheckHeader("Content-Type", request.content_type));
    out.set_header("Content-Type", request.content_type);
    out.body = request.body;
  }
  if (!out.has_header(kAcceptEncoding)) {
    out.set_header(kAcceptEncoding, "identity");
  }
  if (options.base.scheme == "https" && !out.has_header("Host")) {
    // httplib, which takes it for http, would leave port 80 out.
    out.set_header("Host", options.base.Origin().substr(options.base.scheme.size() + 3));
  }
  if (!out.has_header("User-Agent")) {
    out.set_header("User-Agent", "dispatcher");
  }
  return out;
}

// One request on one connection: what was seen of the answer, and why it ended.
class Exchange {
 public:
  Exchange(const HttpClientOptions& options, Connection& connection, const SentSecrets& secrets,
           HeadFn on_head, PieceFn on_piece)
      : options_(options),
        connection_(connection),
        secrets_(secrets),
        on_head_(on_head),
        on_piece_(on_piece) {}

  // Status as of HttpClient::Stream.
  absl::Status Run(httplib::Request& request, Duration read_timeout, Duration answer_timeout,
                   const Cancel& cancel) {
    connection_.gate.Reset(answer_timeout);
    const int opened_before = connection_.socket.opened();
    connection_.http->set_read_timeout(read_timeout);
    request.response_handler = [this](const httplib::Response& response) { return Head(response); };
    request.content_receiver = [this](const char* data, size_t size, uint64_t, uint64_t) {
      return Piece({data, size});
    };
    httplib::Response response;
    httplib::Error error = httplib::Error::Unknown;
    bool whole = false;
    {
      // Gone before the result is looked at: a later cancel must not touch a
      // connection that has gone back to the pool.
      const std::stop_callback break_off(cancel, [this] { connection_.socket.BreakOff(); });
      if (cancel.stop_requested()) {
        return Error(absl::StatusCode::kCancelled, "cancelled");
      }
      last_progress_ = MonoClock::now();
      ForgetTlsFailures();
      try {
        whole = connection_.http->send(request, response, error);
      } catch (...) {
        // httplib parses some of what the peer sends with functions that throw.
        return Error(absl::StatusCode::kUnavailable, Where(), ": an answer that can't be understood");
      }
    }
    reused_ = connection_.socket.opened() == opened_before;
    if (connection_.socket.broken_off()) {
      return Error(absl::StatusCode::kCancelled, "cancelled");
    }
    if (!refused_.ok()) {
      return refused_;
    }
    if (!connection_.gate.refused().ok()) {
      return Annotate(connection_.gate.refused(), Where());
    }
    if (!whole) {
      return Failure(error, read_timeout);
    }
    if (chunked_ && connection_.gate.ended()) {  // httplib 0.18 misses nothing but the last line
      return Failure(httplib::Error::Read, read_timeout);
    }
    if (!head_seen_) {  // an answer without a body
      Head(response);
    }
    return refused_;
  }

  // Whether the peer may have closed a kept connection while it was idle: nothing
  // of an answer came, and nobody waited for long.
  bool LostIdleConnection() const { return reused_ && !head_seen_ && lost_; }

 private:
  bool Head(const httplib::Response& response) {
    head_seen_ = true;
    chunked_ = response.headers.contains("Transfer-Encoding");
    connection_.gate.HeadOver();
    return Guarded([&] {
      RETURN_IF_ERROR(Annotate(CheckFraming(response.headers), Where()));
      HttpHead head{response.status, FromHttplib(response.headers)};
      for (auto& [name, value] : head.headers) {
        secrets_.Hide(value);
      }
      return on_head_(head);
    });
  }
  bool Piece(std::string_view piece) {
    connection_.gate.PieceOver();
    return Guarded([&] { return on_piece_(piece); });
  }

  // Runs a step of the caller's; no exception may pass through httplib, which
  // would leave the connection half used.
  bool Guarded(absl::FunctionRef<absl::Status()> step) {
    last_progress_ = MonoClock::now();
    if (connection_.socket.broken_off()) {
      return false;
    }
    try {
      refused_ = step();
    } catch (...) {
      refused_ = Error(absl::StatusCode::kInternal, "exception while an answer was read");
    }
    last_progress_ = MonoClock::now();
    return refused_.ok();
  }

  // httplib says "Read" for a timeout and for a close; the time since the last
  // progress tells them apart.
  absl::Status Failure(httplib::Error error, Duration read_timeout) {
    const Duration silence = MonoClock::now() - last_progress_;
    switch (error) {
      case httplib::Error::Read:
        if (silence >= read_timeout - read_timeout / 50) {
          return Error(absl::StatusCode::kDeadlineExceeded, Where(), ": nothing received for ",
                       std::to_string(Seconds(read_timeout)), " s");
        }
        lost_ = true;
        return Error(absl::StatusCode::kUnavailable, Where(),
                     head_seen_ ? ": connection closed in the middle of an answer"
                                : ": connection closed before an answer");
      case httplib::Error::Write:
        if (silence >= options_.write_timeout - options_.write_timeout / 50) {
          return Error(absl::StatusCode::kDeadlineExceeded, Where(), ": nothing could be sent for ",
                       std::to_string(Seconds(options_.write_timeout)), " s");
        }
        lost_ = true;
        return Error(absl::StatusCode::kUnavailable, Where(),
                     ": connection closed while the request was sent");
      case httplib::Error::Connection:
        return Error(absl::StatusCode::kUnavailable, Where(), ": can't connect");
      default:
        return Error(absl::StatusCode::kUnavailable, Where(), ": can't connect (", httplib::to_string(error),
                     ")");
    }
  }

  std::string Where() const { return options_.base.Origin(); }

  const HttpClientOptions& options_;
  Connection& connection_;
  const SentSecrets& secrets_;
  HeadFn on_head_;
  PieceFn on_piece_;
  absl::Status refused_;
  Mono last_progress_;
  bool head_seen_ = false;
  bool chunked_ = false;
  bool reused_ = false;
  bool lost_ = false;
};

}  // namespace

struct HttpClient::Pool {
  const HttpClientOptions options;
  Mutex mutex;
  std::vector<std::unique_ptr<client_internal::Connection>> idle ABSL_GUARDED_BY(mutex);

  // The connection used last, which is the likeliest to be open still; or a new one.
  absl::StatusOr<std::unique_ptr<Connection>> Take() {
    {
      MutexLock lock(mutex);
      if (!idle.empty()) {
        auto connection = std::move(idle.back());
        idle.pop_back();
        return connection;
      }
    }
    return MakeConnection(options);
  }
  void Give(std::unique_ptr<Connection> connection) {
    MutexLock lock(mutex);
    if (idle.size() < options.max_idle_connections) {
      idle.push_back(std::move(connection));
    }
  }
};

HttpClient::HttpClient(HttpClientOptions options) : pool_(new Pool{std::move(options), {}, {}}) {
  // httplib sends without MSG_NOSIGNAL: a peer that closes must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
}
HttpClient::~HttpClient() = default;

const HttpClientOptions& HttpClient::options() const { return pool_->options; }

absl::StatusOr<HttpResponse> HttpClient::Call(const HttpRequest& request, const Cancel& cancel) {
  const HttpClientOptions& options = pool_->options;
  ASSIGN_OR_RETURN(const httplib::Request prepared, Prepare(options, request));
  const bool idempotent = request.method != "POST" && request.method != "PATCH";
  const Duration read_timeout = request.read_timeout.value_or(options.read_timeout);

  const auto too_long = [&options](size_t size) {
    return Error(absl::StatusCode::kResourceExhausted, options.base.Origin(), ": answer of ",
                 std::to_string(size), " bytes or more, allowed are ", std::to_string(options.max_body));
  };
  HttpResponse response;
  const auto on_head = [&](const HttpHead& head) {
    response = {head.status, head.headers, ""};
    const int64_t announced = ParseInt(FindHeader(head.headers, "Content-Length")).value_or(0);
    return static_cast<size_t>(announced) > options.max_body ? too_long(static_cast<size_t>(announced))
                                                             : absl::OkStatus();
  };
  const auto on_piece = [&](std::string_view piece) {
    if (response.body.size() + piece.size() > options.max_body) {
      return too_long(response.body.size() + piece.size());
    }
    response.body.append(piece);
    return absl::OkStatus();
  };

  const SentSecrets secrets = SecretsOf(prepared);
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, pool_->Take());
  for (bool retried = false;; retried = true) {
    Exchange exchange(options, *connection, secrets, on_head, on_piece);
    httplib::Request attempt = prepared;
    const absl::Status status =
        exchange.Run(attempt, read_timeout, request.answer_timeout.value_or(options.answer_timeout), cancel);
    if (status.ok()) {
      pool_->Give(std::move(connection));
      if (response.status >= kFirstWithoutData) {
        secrets.Hide(response.body);
      }
      return response;
    }
    if (retried || !idempotent || !options.retry_idle_close || !exchange.LostIdleConnection()) {
      return status;
    }
    ASSIGN_OR_RETURN(connection, MakeConnection(options));
  }
}

absl::Status HttpClient::Stream(const HttpRequest& request, const Cancel& cancel, HeadFn on_head,
                                PieceFn on_piece) {
  const HttpClientOptions& options = pool_->options;
  ASSIGN_OR_RETURN(httplib::Request prepared, Prepare(options, request));
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, MakeConnection(options));
  const SentSecrets secrets = SecretsOf(prepared);
  return Exchange(options, *connection, secrets, on_head, on_piece)
      .Run(prepared, request.read_timeout.value_or(options.read_timeout),
           request.answer_timeout.value_or(Duration::zero()), cancel);
}

}  // namespace dispatcher
