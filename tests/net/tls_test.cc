// The client against a server with TLS: whom it trusts, what it shows, and what it says
// where one of the two is wrong.
#include <fstream>

#include "dispatcher/net/client.h"
#include "dispatcher/net/server.h"
#include "tests/support/catch.h"
#include "tests/support/certificates.h"
#include "tests/support/raw_server.h"

namespace dispatcher {
namespace {

using testing::CertificateFiles;
using testing::TestCa;

// What comes of a question to a server with these files.
absl::Status AskedOf(const TlsFiles& files, const ClientTls& tls, const std::string& host = "127.0.0.1") {
  HttpServerOptions server_options;
  server_options.tls = files;
  // Reading the system's CAs takes a while, on a busy machine.
  server_options.read_timeout = std::chrono::seconds(20);
  HttpServer server(server_options);
  server.HandleRest([](const HttpCall&) { return HttpReply(); });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClientOptions options;
  options.base.scheme = "https";
  options.base.host = host;
  options.base.port = server.port();
  options.tls = tls;
  return HttpClient(options).Call({}, {}).status();
}

TEST_CASE("what is wrong with TLS is said with the setting and the remedy") {
  const TestCa ca, other;
  const CertificateFiles own = ca.Issue("server"), old = ca.Issue("old", "IP:127.0.0.1", -1),
                         named = ca.Issue("named", "DNS:consul.example"), client = ca.Issue("client"),
                         stranger = other.Issue("stranger"), late = ca.Issue("late", "DNS:late", -1);
  std::ofstream(ca.folder() + "/none.pem") << "nothing\n";
  const std::string none = ca.folder() + "/none.pem";
  struct Case {
    const char* name;
    CertificateFiles server;
    std::string client_ca, ca_file;
    CertificateFiles client;
    absl::StatusCode code;
    const char *says, *remedy;
  };
  constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
  constexpr auto kWrong = absl::StatusCode::kFailedPrecondition;
  for (const Case& c : {
           Case{"all is well", own, "", ca.cert(), {}, absl::StatusCode::kOk, "", ""},
           Case{"both show one", own, ca.cert(), ca.cert(), client, absl::StatusCode::kOk, "", ""},
           Case{"no CA", own, "", "", {}, kUnavailable, "is not trusted (", "CA in leader.ca_file"},
           Case{"another CA",
                own,
                "",
                other.cert(),
                {},
                kUnavailable,
                "is not trusted (",
                "CA in leader.ca_file"},
           Case{"expired", old, "", ca.cert(), {}, kUnavailable, "has expired", "renewed there"},
           Case{"another name", named, "", ca.cert(), {}, kUnavailable, "not for 127.0.0.1", "use a name"},
           Case{
               "CA of nothing", own, "", none, {}, kWrong, "none.pem holds no certificate", "leader.ca_file"},
           Case{"none shown",
                own,
                ca.cert(),
                ca.cert(),
                {},
                kUnavailable,
                "certificate",
                "leader.client_cert_file"},
           Case{"a stranger's", own, ca.cert(), ca.cert(), stranger, kUnavailable,
                "does not accept our certificate", "leader.client_cert_file"},
           Case{"an expired one", own, ca.cert(), ca.cert(), late, kUnavailable,
                "does not accept our certificate", "leader.client_cert_file"},
           Case{"another's key",
                own,
                ca.cert(),
                ca.cert(),
                {client.cert, own.key},
                kWrong,
                "can't be used",
                "leader.client_key_file"},
           Case{"no key",
                own,
                ca.cert(),
                ca.cert(),
                {client.cert, none},
                kWrong,
                "none.pem",
                "leader.client_key_file"},
       }) {
    INFO(c.name);
    const absl::Status status = AskedOf({c.server.cert, c.server.key, c.client_ca},
                                        {c.ca_file, c.client.cert, c.client.key, "leader."});
    INFO(Text(status));
    CHECK(status.code() == c.code);
    CHECK(Message(status).find(c.says) != std::string_view::npos);
    CHECK(Message(status).find(c.remedy) != std::string_view::npos);
  }
}

TEST_CASE("a server that answers a plain request by TLS is said to speak it") {
  testing::RawServer server([](testing::RawConnection& connection) {
    connection.Write(std::string("\x15\x03\x01\x00\x02\x02\x28", 7));
    connection.WaitForClose();
  });
  HttpClientOptions options;
  options.base.host = "127.0.0.1";
  options.base.port = server.port();
  const absl::Status status = HttpClient(options).Call({}, {}).status();
  CHECK(absl::IsUnavailable(status));
  CHECK(Message(status) == options.base.Origin() + ": it speaks TLS: write https:// in its URL");
}

TEST_CASE("a server that begins no handshake keeps nobody waiting") {
  testing::RawServer server([](testing::RawConnection& connection) { connection.WaitForClose(); });
  HttpClientOptions options;
  options.base.scheme = "https";
  options.base.host = "127.0.0.1";
  options.base.port = server.port();
  options.connect_timeout = options.write_timeout = std::chrono::milliseconds(50);
  const absl::Status status = HttpClient(options).Call({}, {}).status();
  INFO(Text(status));
  CHECK(absl::IsUnavailable(status));
  CHECK(Message(status).find("TLS handshake did not end within 0.1") != std::string_view::npos);
}

TEST_CASE("over https the host is told with its port") {
  const TestCa ca;
  const CertificateFiles own = ca.Issue("server");
  HttpServerOptions server_options;
  server_options.tls = {own.cert, own.key, ""};
  HttpServer server(server_options);
  server.HandleRest([](const HttpCall& call) {
    HttpReply reply;
    reply.body = FindHeader(call.headers, "Host");
    return reply;
  });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClientOptions options;
  options.base.scheme = "https";
  options.base.host = "127.0.0.1";
  options.base.port = server.port();
  options.tls.ca_file = ca.cert();
  const auto response = HttpClient(options).Call({}, {});
  REQUIRE(response.ok());
  CHECK(response->body == "127.0.0.1:" + std::to_string(server.port()));
}

TEST_CASE("a server that speaks no TLS is told apart from one that is not there") {
  testing::RawServer server([](testing::RawConnection& connection) {
    connection.Write("220 hello, this is another protocol\r\n");
    connection.WaitForClose();
  });
  HttpClientOptions options;
  options.base.scheme = "https";
  options.base.host = "127.0.0.1";
  options.base.port = server.port();
  const absl::Status status = HttpClient(options).Call({}, {}).status();
  INFO(Text(status));
  CHECK(absl::IsUnavailable(status));
  CHECK(Message(status).find("TLS handshake failed (wrong version number)") != std::string_view::npos);
}

}  // namespace
}  // namespace dispatcher
