// Our own port with TLS: what it answers is the same, whoever dallies in a handshake
// keeps nobody waiting, and certificates may be exchanged while it is open.
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "dispatcher/net/client.h"
#include "dispatcher/net/server.h"
#include "dispatcher/net/tls.h"
#include "tests/support/catch.h"
#include "tests/support/certificates.h"
#include "tests/support/raw_server.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using testing::CertificateFiles;
using testing::TestCa;
using testing::WaitFor;

// Echoes bodies, and streams at /stream until nobody listens.
class TlsEcho {
 public:
  explicit TlsEcho(const TlsFiles& files, int keep_alive = 1) : server_(OptionsFor(files, keep_alive)) {
    server_.Handle("GET", "/stream", [this](const HttpCall&) {
      HttpReply reply;
      reply.stream = [this](const HttpSink& sink) {
        bool open = sink("first,");
        for (int i = 0; i < 100 && open; ++i) {
          open = sink(std::string(10'000, 'x'));
        }
        WaitFor([&] { return !sink(""); }, std::chrono::seconds(20));
        ++streams_ended;
      };
      return reply;
    });
    server_.HandleRest([](const HttpCall& call) {
      HttpReply reply;
      reply.body = call.body.empty() ? std::string(300'000, 'x') : call.body;
      return reply;
    });
    REQUIRE(server_.Start("127.0.0.1", 0).ok());
  }
  HttpClientOptions ClientFor(const std::string& ca_file) const {
    HttpClientOptions options;
    options.base.scheme = "https";
    options.base.host = "127.0.0.1";
    options.base.port = server_.port();
    options.tls.ca_file = ca_file;
    return options;
  }
  absl::Status Ask(const std::string& ca_file, const CertificateFiles& own = {}) const {
    HttpClientOptions options = ClientFor(ca_file);
    options.tls.cert_file = own.cert;
    options.tls.key_file = own.key;
    return HttpClient(options).Call({}, {}).status();
  }
  int port() const { return server_.port(); }

  std::atomic<int> streams_ended{0};

 private:
  static HttpServerOptions OptionsFor(const TlsFiles& files, int keep_alive) {
    HttpServerOptions options;
    options.keep_alive_requests = keep_alive;
    options.read_timeout = std::chrono::seconds(3);  // of a busy machine
    options.tls = files;
    return options;
  }
  HttpServer server_;
};

TEST_CASE("bodies, kept connections and open answers go through TLS as without it") {
  const TestCa ca;
  const CertificateFiles own = ca.Issue("server");
  TlsEcho echo({own.cert, own.key, ""}, 100);
  HttpClient client(echo.ClientFor(ca.cert()));
  for (const size_t size : {size_t{1}, size_t{16} << 10, (size_t{16} << 10) + 1, size_t{900'000}}) {
    HttpRequest request;
    request.method = "POST";
    request.body = std::string(size, 'y');
    const auto answer = client.Call(request, {});
    INFO(size << ": " << Text(answer.status()));
    REQUIRE(answer.ok());
    CHECK(answer->body == request.body);
    CHECK(client.Call({}, {}).value().body.size() == 300'000);
  }
  std::stop_source enough;
  size_t got = 0;
  HttpRequest request;
  request.target = "/stream";
  const absl::Status ended = client.Stream(
      request, enough.get_token(), [](const HttpHead&) { return absl::OkStatus(); },
      [&](std::string_view piece) {
        got += piece.size();
        if (got >= 1'000'000) {
          enough.request_stop();
        }
        return absl::OkStatus();
      });
  CHECK(absl::IsCancelled(ended));
  CHECK(got >= 1'000'000);
  CHECK(WaitFor([&] { return echo.streams_ended == 1; }));
}

TEST_CASE("half a handshake keeps nobody waiting and is ended") {
  const TestCa ca;
  const CertificateFiles own = ca.Issue("server");
  TlsEcho echo({own.cert, own.key, ""});
  for (const std::string& words :
       {std::string(), std::string("\x16"), std::string("\x16\x03\x01\x02\x00\x01", 6)}) {
    std::vector<int> crowd;
    for (int i = 0; i < 100; ++i) {
      crowd.push_back(testing::ConnectTo(echo.port()));
      REQUIRE(crowd.back() >= 0);
      send(crowd.back(), words.data(), words.size(), MSG_NOSIGNAL);
    }
    const Mono begun = MonoClock::now();
    CHECK(Text(echo.Ask(ca.cert())) == Text(absl::OkStatus()));
    CHECK(MonoClock::now() - begun < std::chrono::seconds(5));
    for (const int fd : crowd) {
      CHECK(WaitFor([&] {
        char byte = 0;
        return recv(fd, &byte, 1, MSG_DONTWAIT) == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
      }));
      close(fd);
    }
  }
}

TEST_CASE("a certificate that was exchanged counts from then on, half of one does not") {
  const TestCa old_ca, new_ca;
  const CertificateFiles used = old_ca.Issue("server"), fresh = new_ca.Issue("server");
  TlsEcho echo({used.cert, used.key, ""});
  CHECK(echo.Ask(old_ca.cert()).ok());
  CHECK_FALSE(echo.Ask(new_ca.cert()).ok());
  const auto replace = [](const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to + ".new");
    std::filesystem::rename(to + ".new", to);
  };
  replace(fresh.cert, used.cert);
  for (const Mono until = MonoClock::now() + std::chrono::milliseconds(1200); MonoClock::now() < until;) {
    REQUIRE(echo.Ask(old_ca.cert()).ok());
  }
  replace(fresh.key, used.key);
  CHECK(WaitFor([&] { return echo.Ask(new_ca.cert()).ok(); }));
  CHECK_FALSE(echo.Ask(old_ca.cert()).ok());
}

TEST_CASE("who has to show a certificate and can't is not answered") {
  const TestCa ca, other;
  const CertificateFiles own = ca.Issue("server"), client = ca.Issue("client"),
                         stranger = other.Issue("client");
  TlsEcho echo({own.cert, own.key, ca.cert()});
  CHECK(Text(echo.Ask(ca.cert(), client)) == Text(absl::OkStatus()));
  for (const CertificateFiles& shown : {CertificateFiles(), stranger}) {
    const absl::Status refused = echo.Ask(ca.cert(), shown);
    INFO(Text(refused));
    CHECK(absl::IsUnavailable(refused));
    CHECK(Message(refused).find("client_cert_file") != std::string_view::npos);
  }
}

TEST_CASE("who asks a port with TLS without it is told so") {
  const TestCa ca;
  const CertificateFiles own = ca.Issue("server");
  TlsEcho echo({own.cert, own.key, ""});
  HttpClientOptions options;
  options.base.host = "127.0.0.1";
  options.base.port = echo.port();
  const auto answer = HttpClient(options).Call({}, {});
  INFO(Text(answer.status()));
  REQUIRE(answer.ok());
  CHECK(answer->status == 400);
  CHECK(answer->body == R"({"error":"this port speaks TLS: ask by https://"})");
  CHECK(echo.Ask(ca.cert()).ok());
  // Also when the first byte comes while the connection is being looked at for the first time.
  for (int late = 0; late < 300; ++late) {
    INFO(late << " us");
    const int fd = testing::ConnectTo(echo.port());
    const Mono begun = MonoClock::now();
    while (MonoClock::now() - begun < std::chrono::microseconds(late)) {
    }
    send(fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL);
    std::string said(12, ' ');
    const ssize_t size = recv(fd, said.data(), said.size(), MSG_WAITALL);
    close(fd);
    REQUIRE(size == 12);
    REQUIRE(said == "HTTP/1.1 400");
  }
}

TEST_CASE("TLS files that can't be used are named") {
  const TestCa ca;
  const CertificateFiles own = ca.Issue("server"), other = ca.Issue("other");
  std::ofstream(ca.folder() + "/none.pem") << "nothing\n";
  for (const auto& [files, named] : std::vector<std::pair<TlsFiles, std::string>>{
           {{own.cert, other.key, ""}, other.key},
           {{ca.folder() + "/none.pem", own.key, ""}, "none.pem"},
           {{own.cert, own.key, ca.folder() + "/none.pem"}, "none.pem"},
           {{own.cert, ca.folder() + "/missing", ""}, "missing"}}) {
    HttpServerOptions options;
    options.tls = files;
    const absl::Status status = HttpServer(options).Start("127.0.0.1", 0);
    INFO(Text(status));
    CHECK(absl::IsFailedPrecondition(status));
    CHECK(Message(status).find(named) != std::string_view::npos);
  }
}

}  // namespace
}  // namespace dispatcher
