// Against answers that no sound server gives, and calls that have to end early.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "dispatcher/base/strings.h"
#include "dispatcher/net/client.h"
#include "tests/support/catch.h"
#include "tests/support/raw_server.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::RawConnection;
using testing::RawServer;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

HttpClientOptions Patient(int port) {
  HttpClientOptions options;
  options.base = *Url::Parse("http://127.0.0.1:" + std::to_string(port));
  options.connect_timeout = seconds(20);
  options.read_timeout = seconds(20);
  return options;
}

HttpRequest ToX(std::string method) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = "/x";
  request.body = request.method == "GET" ? "" : "{}";
  return request;
}

absl::Status Drain(HttpClient& client, const Cancel& cancel, std::string& body, int& heads) {
  return client.Stream(
      ToX("GET"), cancel,
      [&heads](const HttpHead&) {
        ++heads;
        return absl::OkStatus();
      },
      [&body](std::string_view piece) {
        body.append(piece);
        return absl::OkStatus();
      });
}

TEST_CASE("an answer is whole or an error, called or streamed") {
  struct Case {
    const char* name;
    std::string answer;
    bool whole;
    const char* body;
  };
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const Case cases[] = {
      {"length", std::string(kOk), true, "ok"},
      {"length 0", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true, ""},
      {"no body at all", "HTTP/1.1 204 No Content\r\n\r\n", true, ""},
      {"closed at the end", "HTTP/1.1 200 OK\r\n\r\nall of it", true, "all of it"},
      {"chunks", chunked + "5\r\nhello\r\n0\r\n\r\n", true, "hello"},
      {"continue first", "HTTP/1.1 100 Continue\r\n\r\n" + std::string(kOk), true, "ok"},
      {"length cut", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", false, ""},
      {"chunk cut", chunked + "5\r\nhel", false, ""},
      {"between chunks", chunked + "5\r\nhello\r\n", false, ""},
      {"in a chunk's size", chunked + "5\r\nhello\r\n1", false, ""},
      {"before the last line", chunked + "5\r\nhello\r\n0\r\n", false, ""},
      {"chunk size of letters", chunked + "zz\r\nhello\r\n0\r\n\r\n", false, ""},
      {"in the headers", "HTTP/1.1 200 OK\r\nContent-Le", false, ""},
      {"after a header", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", false, ""},
      {"in the status line", "HTTP/1.1 2", false, ""},
      {"nothing", "", false, ""},
      {"not HTTP", "SSH-2.0-OpenSSH\r\n\r\n", false, ""},
      {"length of letters", "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nhello", false, ""},
      {"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello", false, ""},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello", false, ""},
      {"unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello", false, ""},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    RawServer server([&c](RawConnection& connection) {
      connection.ReadRequest();
      connection.Write(c.answer);
    });
    HttpClient client(Patient(server.port()));
    const auto answer = client.Call(ToX("POST"), {});
    INFO(Text(answer.status()));
    std::string body;
    int heads = 0;
    const absl::Status streamed = Drain(client, {}, body, heads);
    INFO(Text(streamed));
    REQUIRE(answer.ok() == c.whole);
    REQUIRE(streamed.ok() == c.whole);
    if (c.whole) {
      CHECK(answer->body == c.body);
      CHECK(body == c.body);
      CHECK(heads == 1);
    } else {
      CHECK(answer.status().code() == absl::StatusCode::kUnavailable);
      CHECK(streamed.code() == absl::StatusCode::kUnavailable);
    }
  }
}

TEST_CASE("a compressed answer stays as it is: no bomb is blown up") {
  RawServer server([](RawConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
  });
  HttpClient client(Patient(server.port()));
  const auto answer = client.Call(ToX("GET"), {});
  REQUIRE(answer.ok());
  CHECK(answer->body == "abc");
}

TEST_CASE("a body over the limit ends the call, announced or not") {
  for (const std::string& head : {std::string("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"),
                                  std::string("HTTP/1.1 200 OK\r\n\r\n")}) {
    RawServer server([&head](RawConnection& connection) {
      connection.ReadRequest();
      connection.Write(head + std::string(1001, 'x'));
    });
    HttpClientOptions options = Patient(server.port());
    options.max_body = 1000;
    CHECK(HttpClient(options).Call(ToX("GET"), {}).status().code() == absl::StatusCode::kResourceExhausted);
    options.max_body = 1001;
    CHECK(HttpClient(options).Call(ToX("GET"), {}).ok());
  }
}

TEST_CASE("silence longer than the read timeout is DeadlineExceeded and not tried again") {
  for (const char* const begun : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"}) {
    RawServer server([begun](RawConnection& connection) {
      connection.ReadRequest();
      connection.Write(kOk);
      connection.ReadRequest();
      connection.Write(begun);
      connection.WaitForClose();
    });
    HttpClient client(Patient(server.port()));
    REQUIRE(client.Call(ToX("GET"), {}).ok());
    HttpRequest request = ToX("GET");
    request.read_timeout = milliseconds(100);
    CHECK(client.Call(request, {}).status().code() == absl::StatusCode::kDeadlineExceeded);
    CHECK(server.accepted() == 1);
  }
}

TEST_CASE("a peer that does not read is DeadlineExceeded after the write timeout") {
  std::atomic<bool> over{false};
  RawServer server([&over](RawConnection&) { testing::WaitFor([&over] { return over.load(); }); });
  HttpClientOptions options = Patient(server.port());
  options.write_timeout = milliseconds(100);
  HttpClient client(options);
  HttpRequest request = ToX("PUT");
  request.body.assign(64u << 20, 'x');
  const absl::Status status = client.Call(request, {}).status();
  over = true;
  CHECK(status.code() == absl::StatusCode::kDeadlineExceeded);
}

TEST_CASE("a kept connection that was closed costs idempotent calls nothing, others an error") {
  for (const char* const method : {"GET", "PUT", "DELETE", "POST", "PATCH"}) {
    INFO(method);
    // The close crosses the second request: it comes after the request was read.
    RawServer server([](RawConnection& connection) {
      connection.ReadRequest();
      connection.Write(kOk);
      if (connection.ReadRequest().empty() || connection.number() == 0) {
        return;
      }
      connection.Write(kOk);
    });
    HttpClient client(Patient(server.port()));
    REQUIRE(client.Call(ToX(method), {}).ok());
    const auto second = client.Call(ToX(method), {});
    const bool idempotent = std::string_view(method) != "POST" && std::string_view(method) != "PATCH";
    CHECK(second.ok() == idempotent);
    CHECK(server.accepted() == (idempotent ? 2 : 1));
    if (!idempotent) {
      CHECK(second.status().code() == absl::StatusCode::kUnavailable);
    }
  }
}

TEST_CASE("a call is tried again once at most, only on a kept connection, only before an answer") {
  std::atomic<int> answered{0};
  RawServer server([&answered](RawConnection& connection) {
    connection.ReadRequest();
    if (answered++ == 0) {
      connection.Write(kOk);
      connection.ReadRequest();
    }
  });
  HttpClient client(Patient(server.port()));
  REQUIRE(client.Call(ToX("PUT"), {}).ok());
  CHECK_FALSE(client.Call(ToX("PUT"), {}).ok());  // kept, then a new one: closed both
  CHECK(server.accepted() == 2);
  CHECK_FALSE(client.Call(ToX("PUT"), {}).ok());  // new: closed, not tried again
  CHECK(server.accepted() == 3);

  RawServer half([](RawConnection& connection) {
    connection.ReadRequest();
    connection.Write(kOk);
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
  });
  HttpClient other(Patient(half.port()));
  REQUIRE(other.Call(ToX("GET"), {}).ok());
  CHECK_FALSE(other.Call(ToX("GET"), {}).ok());
  CHECK(half.accepted() == 1);

  HttpClientOptions never = Patient(server.port());
  never.retry_idle_close = false;
  answered = 0;
  HttpClient once(never);
  REQUIRE(once.Call(ToX("PUT"), {}).ok());
  CHECK_FALSE(once.Call(ToX("PUT"), {}).ok());
  CHECK(server.accepted() == 4);
}

TEST_CASE("connections are kept, up to the limit") {
  RawServer server([](RawConnection& connection) {
    while (!connection.ReadRequest().empty() && connection.Write(kOk)) {
    }
  });
  HttpClient client(Patient(server.port()));
  for (int i = 0; i < 10; ++i) {
    REQUIRE(client.Call(ToX("PUT"), {}).ok());
  }
  CHECK(server.accepted() == 1);
  HttpClientOptions options = Patient(server.port());
  options.max_idle_connections = 0;
  HttpClient fresh(options);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(fresh.Call(ToX("PUT"), {}).ok());
  }
  CHECK(server.accepted() == 4);
}

TEST_CASE("an error from the caller's functions ends the stream and comes back") {
  RawServer server([](RawConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 401 Unauthorized\r\n\r\nbody");
    connection.WaitForClose();
  });
  HttpClient client(Patient(server.port()));
  int pieces = 0;
  const auto piece = [&pieces](std::string_view) {
    ++pieces;
    return Error(absl::StatusCode::kDataLoss, "no more");
  };
  const auto refuse = [](const HttpHead& head) {
    return Error(absl::StatusCode::kUnauthenticated, std::to_string(head.status));
  };
  CHECK(Text(client.Stream(ToX("GET"), {}, refuse, piece)) == "UNAUTHENTICATED: 401");
  CHECK(pieces == 0);
  const auto accept = [](const HttpHead&) { return absl::OkStatus(); };
  CHECK(Text(client.Stream(ToX("GET"), {}, accept, piece)) == "DATA_LOSS: no more");
  CHECK(pieces == 1);
  const auto thrower = [](std::string_view) -> absl::Status { throw 1; };
  CHECK(client.Stream(ToX("GET"), {}, accept, thrower).code() == absl::StatusCode::kInternal);
}

// ------------------------------------------------------------------- cancel

// Much less than a Patient client would wait, and what a busy machine may need.
constexpr seconds kAtOnce(5);

// Cancels once `ready` holds; returns how long the call took to end after that.
template <typename Call>
Duration TimeToCancel(Call call, absl::FunctionRef<bool()> ready, absl::Status& status) {
  CancelSource source;
  std::thread caller([&] { status = call(source.get_token()); });
  const bool in_time = testing::WaitFor(ready);
  const Mono cancelled = MonoClock::now();
  source.request_stop();
  caller.join();
  const Duration took = MonoClock::now() - cancelled;
  REQUIRE(in_time);
  return took;
}

TEST_CASE("cancel breaks off a waiting call and an idle stream at once") {
  const char* const begun[] = {"", "HTTP/1.1 200 OK\r\n\r\ndata: x\n\n",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"};
  for (const char* const bytes : begun) {
    INFO(bytes);
    std::atomic<int> written{0};
    RawServer server([&](RawConnection& connection) {
      connection.ReadRequest();
      connection.Write(bytes);
      ++written;
      connection.WaitForClose();
    });
    HttpClient client(Patient(server.port()));
    absl::Status status;
    const auto call = [&client](const Cancel& cancel) { return client.Call(ToX("PUT"), cancel).status(); };
    CHECK(TimeToCancel(
              call, [&] { return written == 1; }, status) < kAtOnce);
    CHECK(status.code() == absl::StatusCode::kCancelled);
    std::string body;
    int heads = 0;
    const auto stream = [&](const Cancel& cancel) { return Drain(client, cancel, body, heads); };
    CHECK(TimeToCancel(
              stream, [&] { return written == 2; }, status) < kAtOnce);
    CHECK(status.code() == absl::StatusCode::kCancelled);
    CHECK(server.accepted() == 2);
  }
}

TEST_CASE("a call that was cancelled before it began sends nothing") {
  RawServer server([](RawConnection&) {});
  HttpClient client(Patient(server.port()));
  CancelSource source;
  source.request_stop();
  CHECK(client.Call(ToX("PUT"), source.get_token()).status().code() == absl::StatusCode::kCancelled);
  CHECK(server.accepted() == 0);
}

// Whether a socket of this machine waits for an answer to its SYN to `port`.
bool IsConnecting(int port) {
  std::ifstream table("/proc/net/tcp");
  const std::string remote = ":" + Hex(static_cast<uint64_t>(port), 4) + " 02 ";
  for (std::string line; std::getline(table, line);) {
    const size_t second_address = line.find(' ', line.find(": ") + 2);
    if (Lower(line).find(remote, second_address) != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST_CASE("cancel breaks off a connect that nobody answers") {
  // A full backlog makes Linux drop further SYNs.
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  sockaddr* const generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(bind(listener, generic, size) == 0);
  REQUIRE(listen(listener, 0) == 0);
  REQUIRE(getsockname(listener, generic, &size) == 0);
  const int port = ntohs(address.sin_port);
  const int filler = testing::ConnectTo(port);
  REQUIRE(filler >= 0);

  HttpClient client(Patient(port));
  absl::Status status;
  const auto call = [&client](const Cancel& cancel) { return client.Call(ToX("GET"), cancel).status(); };
  CHECK(TimeToCancel(
            call, [port] { return IsConnecting(port); }, status) < kAtOnce);
  CHECK(status.code() == absl::StatusCode::kCancelled);

  HttpClientOptions impatient = Patient(port);
  impatient.connect_timeout = milliseconds(100);
  CHECK(HttpClient(impatient).Call(ToX("GET"), {}).status().code() == absl::StatusCode::kUnavailable);
  close(filler);
  close(listener);
}

TEST_CASE("a cancel at any moment ends the call, and its connection is not used again") {
  RawServer server([](RawConnection& connection) {
    while (!connection.ReadRequest().empty() && connection.Write(kOk)) {
    }
  });
  HttpClient client(Patient(server.port()));
  for (int i = 0; i < 300; ++i) {
    CancelSource source;
    std::atomic<bool> started{false};
    absl::Status status;
    std::thread caller([&] {
      started = true;
      status = client.Call(ToX("GET"), source.get_token()).status();
    });
    while (!started) {
      std::this_thread::yield();
    }
    for (int spin = 0; spin < i; ++spin) {
      std::this_thread::yield();
    }
    source.request_stop();
    caller.join();
    REQUIRE((status.ok() || status.code() == absl::StatusCode::kCancelled));
    REQUIRE(client.Call(ToX("POST"), {}).ok());
  }
}

}  // namespace
}  // namespace dispatcher
