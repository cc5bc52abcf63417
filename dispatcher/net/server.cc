#include "dispatcher/net/server.h"

#include <httplib.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <deque>
#include <regex>
#include <thread>
#include <utility>

#include "dispatcher/base/log.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/net/reception.h"

#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
#error "cpp-httplib's flags are missing: link PkgConfig::httplib"
#endif

namespace dispatcher {
namespace {

// httplib's is 5, compiled in: bursts of connections wait a second for it.
constexpr int kListenBacklog = 512;

std::string DecodeQuery(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        std::isxdigit(static_cast<uint8_t>(text[i + 1])) &&
                        std::isxdigit(static_cast<uint8_t>(text[i + 2]));
    if (escape) {
      decoded.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

HttpHeaders ParseQuery(std::string_view target) {
  HttpHeaders query;
  const size_t mark = target.find('?');
  if (mark == std::string_view::npos) {
    return query;
  }
  for (const std::string_view part : Split(target.substr(mark + 1), '&')) {
    const size_t equals = part.find('=');
    if (!part.empty()) {
      query.emplace_back(DecodeQuery(part.substr(0, equals)),
                         equals == std::string_view::npos ? "" : DecodeQuery(part.substr(equals + 1)));
    }
  }
  return query;
}

// httplib mixes what it knows of the connection into the client's headers.
bool IsInvented(std::string_view name) {
  return name == "REMOTE_ADDR" || name == "REMOTE_PORT" || name == "LOCAL_ADDR" || name == "LOCAL_PORT";
}

HttpCall ToCall(const httplib::Request& request) {
  HttpCall call;
  call.method = request.method;
  call.path = request.path;
  call.raw_target = request.target;
  call.query = ParseQuery(request.target);
  for (const auto& [name, value] : request.headers) {
    if (!IsInvented(name)) {
      call.headers.emplace_back(name, value);
    }
  }
  call.remote_address = request.remote_addr;
  return call;
}

HttpReply ErrorReply(int status, std::string_view text) {
  HttpReply reply;
  reply.status = status;
  reply.body = "{\"error\":\"" + std::string(text) + "\"}";
  return reply;
}

}  // namespace

// Named, because HttpServer::Impl has members of these types.
namespace server_internal {

// A whole request to httplib, and its answer, kept until it is whole: a worker never
// waits for a peer. An open answer, which has no end, is written through instead; it is
// told by the first who asks whether anybody listens.
class WholeRequest : public httplib::Stream {
 public:
  WholeRequest(Guest& guest, Duration write_timeout) : guest_(guest), write_timeout_(write_timeout) {}

  bool is_readable() const override { return read_ < guest_.request_size; }
  bool is_writable() const override {
    open_ = true;
    return Flush() && Polled(POLLOUT, 0) && !Closed();
  }
  ssize_t read(char* data, size_t size) override {
    const size_t got = guest_.in.copy(data, std::min(size, guest_.request_size - read_), read_);
    read_ += got;
    return static_cast<ssize_t>(got);
  }
  ssize_t write(const char* data, size_t size) override {
    guest_.out.append(data, size);
    return !open_ || Flush() ? static_cast<ssize_t>(size) : -1;
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    char host[NI_MAXHOST] = {}, service[NI_MAXSERV] = {};
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (getpeername(guest_.fd, generic, &size) == 0 &&
        getnameinfo(generic, size, host, sizeof(host), service, sizeof(service),
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
      ip = host;
      port = static_cast<int>(ParseInt(service).value_or(0));
    }
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return guest_.fd; }

 private:
  bool Polled(short event, int milliseconds) const {
    pollfd polled{guest_.fd, event, 0};
    return poll(&polled, 1, milliseconds) == 1 && (polled.revents & event) != 0;
  }
  // Whether the peer has. Through TLS that is said in a record, behind what it may have
  // said before, which nobody wants: this answer is its last.
  bool Closed() const {
    char piece[1024];
    if (guest_.tls == nullptr) {
      return recv(guest_.fd, piece, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    }
    const ssize_t size = guest_.Take(piece, sizeof(piece));
    return size == 0 || (size < 0 && errno != EAGAIN);
  }
  bool Flush() const {
    for (short event = POLLOUT; !guest_.out.empty(); event = guest_.WaitsFor(POLLOUT)) {
      if (!Polled(event, static_cast<int>(Seconds(write_timeout_) * 1000))) {
        return false;
      }
      const ssize_t sent = guest_.Give(guest_.out);
      if (sent < 0 && (guest_.tls == nullptr || errno != EAGAIN)) {
        return false;
      }
      guest_.out.erase(0, static_cast<size_t>(std::max<ssize_t>(sent, 0)));
    }
    return true;
  }

  Guest& guest_;
  const Duration write_timeout_;
  size_t read_ = 0;
  mutable bool open_ = false;
};

// httplib's parser and writer behind our own sockets and threads: its own wait for
// every peer on a thread each, read heads without a bound, and know no time for a whole
// request.
class Parlour : public httplib::Server {
 public:
  // On the thread that accepts.
  std::function<void(int)> receive;

  Parlour() {
    new_task_queue = [] { return new AtOnce; };
  }
  // False if the connection is to be closed.
  bool Serve(Guest& guest, bool last, Duration write_timeout) {
    WholeRequest whole(guest, write_timeout);
    bool closed = last;
    // A template, so that the call of the other version need not exist.
    const auto process = [&](auto& stream) {
      if constexpr (requires { this->process_request(stream, last, closed, GoesAsItIs); }) {
        return this->process_request(stream, last, closed, GoesAsItIs);
      } else {  // 0.18 asks before it calls
        std::string ip;
        int port = 0;
        stream.get_remote_ip_and_port(ip, port);
        return this->process_request(stream, ip, port, "", 0, last, closed, GoesAsItIs);
      }
    };
    return process(whole) && !closed;
  }

 private:
  // httplib would compress with brotli at its highest level, which costs seconds a megabyte.
  static void GoesAsItIs(httplib::Request& request) {
    if (request.get_header_value("Accept-Encoding") != "identity") {
      request.headers.erase("Accept-Encoding");
    }
  }

  struct AtOnce : httplib::TaskQueue {
    // void, and since 0.18 whether there was room.
    using Enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue({}));
    Enqueued enqueue(std::function<void()> task) override {
      task();
      return static_cast<Enqueued>(true);
    }
    void shutdown() override {}
  };
  bool process_and_close_socket(socket_t socket) override {
    receive(socket);
    return true;
  }
};

}  // namespace server_internal

struct HttpServer::Impl {
  struct Route {
    std::string method;
    std::regex pattern;
    HttpHandler handler;
  };

  HttpServerOptions options;
  std::vector<Route> routes;
  HttpHandler rest = [](const HttpCall&) { return ErrorReply(404, "no such path"); };
  server_internal::Parlour server;
  std::unique_ptr<TlsKeeper> tls;
  std::unique_ptr<Reception> reception;  // after what it uses
  std::thread listener;
  std::vector<std::thread> workers;
  std::atomic<bool> stopping{false};
  std::atomic<bool> ended{false};
  int port = 0;
  Mutex mutex;
  CondVar wake;
  std::deque<std::unique_ptr<Guest>> queue ABSL_GUARDED_BY(mutex);
  bool closed ABSL_GUARDED_BY(mutex) = false;

  void Configure(int* listening_socket);
  void OpenReception();
  void Work();
  HttpReply Answer(HttpCall& call) const;
  void Send(HttpReply reply, httplib::Response& response);
  void Serve(const httplib::Request& request, httplib::Response& response);
  void ServeBody(const httplib::Request& request, httplib::Response& response,
                 const httplib::ContentReader& reader);
};

HttpReply HttpServer::Impl::Answer(HttpCall& call) const {
  // HEAD is GET whose body httplib leaves out.
  const std::string_view method = call.method == "HEAD" ? "GET" : std::string_view(call.method);
  try {
    for (const Route& route : routes) {
      std::smatch groups;
      if (route.method == method && std::regex_match(call.path, groups, route.pattern)) {
        call.captures.assign(std::next(groups.begin()), groups.end());
        return route.handler(call);
      }
    }
    return rest(call);
  } catch (...) {
    // What it says may hold anything: neither the client nor the log is told.
    LogError("HTTP handler threw", {{"method", call.method}, {"path", call.path}});
    return ErrorReply(500, "internal error");
  }
}

void HttpServer::Impl::Send(HttpReply reply, httplib::Response& response) {
  for (const auto& [name, value] : reply.headers) {
    if (const absl::Status status = CheckHeader(name, value); !status.ok()) {
      LogError("HTTP answer with a bad header", {{"error", status}});
      reply = ErrorReply(500, "internal error");
      break;
    }
  }
  response.status = reply.status;
  for (const auto& [name, value] : reply.headers) {
    response.set_header(name, value);
  }
  if (!reply.stream) {
    response.set_content(reply.body, reply.content_type);
    return;
  }
  response.set_content_provider(
      reply.content_type, [this, stream = std::move(reply.stream)](size_t, httplib::DataSink& out) {
        try {
          out.is_writable();  // from here on it is written through
          stream([this, &out](std::string_view piece) {
            return !stopping && (piece.empty() ? out.is_writable() : out.write(piece.data(), piece.size()));
          });
        } catch (...) {
          LogError("HTTP stream threw");
        }
        return false;  // makes httplib close the connection, which is how this body ends
      });
}

void HttpServer::Impl::Serve(const httplib::Request& request, httplib::Response& response) {
  HttpCall call = ToCall(request);
  Send(Answer(call), response);
}

// Through a reader of our own, since httplib's counts only announced lengths, and
// takes what curl posts by default for a form, which it cuts at 8 KiB.
void HttpServer::Impl::ServeBody(const httplib::Request& request, httplib::Response& response,
                                 const httplib::ContentReader& reader) {
  if (!request.has_header("Content-Length")) {
    Serve(request, response);  // no body, says RFC 9112; httplib would wait for the end of the connection
    return;
  }
  HttpCall call = ToCall(request);
  bool too_long = false;
  const bool whole = reader([&](const char* data, size_t size) {
    too_long = call.body.size() + size > options.max_body;
    if (!too_long) {
      call.body.append(data, size);
    }
    return !too_long;
  });
  if (too_long || response.status == 413) {
    Send(ErrorReply(413, "body too long"), response);
  } else if (!whole) {
    Send(ErrorReply(400, "body incomplete"), response);
  } else {
    Send(Answer(call), response);
  }
}

void HttpServer::Impl::Configure(int* listening_socket) {
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(static_cast<size_t>(options.keep_alive_requests));
  server.set_payload_max_length(options.max_body);
  server.set_socket_options([listening_socket](int socket) {
    // Not httplib's SO_REUSEPORT, with which two servers share a port in silence.
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    *listening_socket = socket;
  });
  // Overlapping ranges multiply a body a thousand times, chunked bodies pass the
  // limit. The answer has no body: httplib would apply the ranges to it.
  server.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
    if (!request.has_header("Range") && !request.has_header("Transfer-Encoding")) {
      return httplib::Server::HandlerResponse::Unhandled;
    }
    response.status = 400;
    response.set_header("Connection", "close");
    return httplib::Server::HandlerResponse::Handled;
  });
  // httplib's default sends the exception's text to the client.
  server.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
    response.status = 500;
  });

  const char* const any = "[\\s\\S]*";
  const httplib::Server::Handler plain = [this](const httplib::Request& in, httplib::Response& out) {
    Serve(in, out);
  };
  const httplib::Server::HandlerWithContentReader with_body =
      [this](const httplib::Request& in, httplib::Response& out, const httplib::ContentReader& reader) {
        ServeBody(in, out, reader);
      };
  server.Get(any, plain);
  server.Options(any, plain);
  server.Post(any, with_body);
  server.Put(any, with_body);
  server.Patch(any, with_body);
  server.Delete(any, with_body);
}

void HttpServer::Impl::OpenReception() {
  ReceptionLimits limits;
  limits.max_body = options.max_body;
  limits.read_silence = options.read_timeout;
  limits.write_silence = options.write_timeout;
  reception = std::make_unique<Reception>(
      limits,
      [this, most = limits.max_guests](auto guest) {
        MutexLock lock(mutex);
        const std::vector<std::string_view> words = Split(std::string_view(guest->in).substr(0, 64), ' ');
        const bool first =
            words.size() > 1 && std::find(options.first.begin(), options.first.end(),
                                          words[1].substr(0, words[1].find('?'))) != options.first.end();
        if (queue.size() >= most) {
          if (!first) {
            return;
          }
          queue.pop_back();
        }
        queue.insert(first ? queue.begin() : queue.end(), std::move(guest));
        wake.NotifyOne();
      },
      tls.get());
  server.receive = [this](int socket) { reception->Receive(socket); };
  reception->Start();
  for (int i = 0; i < options.threads; ++i) {
    workers.emplace_back([this] { Work(); });
  }
}

void HttpServer::Impl::Work() {
  while (true) {
    std::unique_ptr<Guest> guest;
    {
      MutexLock lock(mutex);
      while (queue.empty() && !closed) {
        wake.Wait(mutex);
      }
      if (queue.empty()) {
        return;
      }
      guest = std::move(queue.front());
      queue.pop_front();
    }
    const bool last = stopping || guest->requests >= options.keep_alive_requests;
    guest->last = !server.Serve(*guest, last, options.write_timeout);
    reception->Return(std::move(guest));
  }
}

HttpServer::HttpServer(HttpServerOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
}
HttpServer::~HttpServer() { Stop(); }

void HttpServer::Handle(std::string_view method, std::string_view pattern, HttpHandler handler) {
  impl_->routes.push_back(
      {std::string(method), std::regex(pattern.begin(), pattern.end()), std::move(handler)});
}

void HttpServer::HandleRest(HttpHandler handler) { impl_->rest = std::move(handler); }

absl::Status HttpServer::Start(const std::string& host, int port) {
  if (!impl_->options.tls.cert.empty()) {
    ASSIGN_OR_RETURN(impl_->tls, TlsKeeper::Load(impl_->options.tls));
  }
  int listening_socket = -1;
  impl_->Configure(&listening_socket);
  impl_->port = port != 0 ? port : impl_->server.bind_to_any_port(host);
  const bool bound = port != 0 ? impl_->server.bind_to_port(host, port) : impl_->port > 0;
  if (!bound) {
    return Error(absl::StatusCode::kUnavailable, "can't listen on ", host, ":", std::to_string(port),
                 ": the port is taken or not allowed, or the address is not of this machine");
  }
  listen(listening_socket, kListenBacklog);
  impl_->OpenReception();
  impl_->listener = std::thread([impl = impl_.get()] {
    impl->server.listen_after_bind();
    impl->ended = true;
    if (!impl->stopping) {
      LogError("HTTP server stopped accepting", {{"port", impl->port}});
    }
  });
  // A stop before httplib's loop runs would be lost.
  while (!impl_->server.is_running() && !impl_->ended) {
    std::this_thread::yield();
  }
  return absl::OkStatus();
}

int HttpServer::port() const { return impl_->port; }

void HttpServer::Stop() {
  impl_->stopping = true;
  impl_->server.stop();
  if (impl_->listener.joinable()) {
    impl_->listener.join();
  }
  {
    MutexLock lock(impl_->mutex);
    impl_->closed = true;
    impl_->wake.NotifyAll();
  }
  for (std::thread& worker : impl_->workers) {
    worker.join();
  }
  impl_->workers.clear();
  if (impl_->reception != nullptr) {
    impl_->reception->Stop();
  }
}

}  // namespace dispatcher
