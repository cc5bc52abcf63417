// Answers that would fill the memory or never end, to the client and the adapters
// themselves: fast, and where the cause is plain to see.
#include <atomic>

#include "adapters/consul/consul.h"
#include "adapters/kong/kong.h"
#include "adapters/vulcand/vulcand.h"
#include "dispatcher/base/json.h"
#include "dispatcher/net/client.h"
#include "tests/bad_input/stage.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Code = absl::StatusCode;

constexpr const char* kJson = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

TEST_CASE("an answer that trickles ends when its time is over, wherever it trickles") {
  struct Case {
    const char* name;
    std::string head;
    std::string drop;  // again and again
  };
  const Case cases[] = {
      {"the status line", "HTTP/1.1 200 ", "O"},
      {"a header", "HTTP/1.1 200 OK\r\nX: ", "y"},
      {"headers", "HTTP/1.1 200 OK\r\n", "X: y\r\n"},
      {"go on, go on", "", "HTTP/1.1 100 Continue\r\n\r\n"},
      {"a body of a length", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "x"},
      {"a body without a length", "HTTP/1.1 200 OK\r\n\r\n", "x"},
      {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
      {"a chunk's size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    BadServer server;
    server.On("/", [&c](RawConnection& connection, const std::string&) {
      bool open = connection.Write(c.head);
      while (open) {
        open = connection.Write(c.drop) && !connection.ClosedWithin(milliseconds(10));
      }
      return false;
    });
    HttpClientOptions options;
    options.base = *Url::Parse(server.url());
    options.answer_timeout = milliseconds(200);
    HttpClient client(options);
    HttpRequest request;
    request.target = "/";
    const Mono begun = MonoClock::now();
    const absl::Status called = client.Call(request, {}).status();
    INFO(Text(called));
    CHECK(called.code() == Code::kDeadlineExceeded);
    CHECK(Text(called).find("did not end within 0.2") != std::string::npos);
    request.answer_timeout = milliseconds(200);
    const absl::Status streamed = client.Stream(
        request, {}, [](const HttpHead&) { return absl::OkStatus(); },
        [](std::string_view) { return absl::OkStatus(); });
    CHECK(streamed.code() == Code::kDeadlineExceeded);
    CHECK(MonoClock::now() - begun < seconds(10));
  }
}

TEST_CASE("a sound answer may have many chunks, long bodies and headers up to the limit") {
  const std::string headers = "X: " + std::string(8000, 'y') + "\r\n";
  std::string chunks;
  for (int i = 0; i < 50'000; ++i) {
    chunks.append("1\r\nx\r\n");
  }
  BadServer server;
  server.On("/", [&](RawConnection& connection, const std::string&) {
    return connection.Write("HTTP/1.1 200 OK\r\n" + headers + headers + headers +
                            "Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n");
  });
  HttpClientOptions options;
  options.base = *Url::Parse(server.url());
  HttpClient client(options);
  HttpRequest request;
  request.target = "/";
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.Call(request, {});
    REQUIRE(Text(answer.status()) == "OK");
    CHECK(answer->body == std::string(50'000, 'x'));
  }
}

TEST_CASE("values are counted while JSON is parsed: each costs more than it is written as") {
  std::string zeros(8'000'000, '0');
  for (size_t i = 1; i < zeros.size(); i += 2) {
    zeros[i] = ',';
  }
  CHECK(Text(JsonDocument::Parse("[" + zeros + "0]").status()) ==
        "INVALID_ARGUMENT: JSON of more than 4000000 values");
}

// ------------------------------------------------------------------ adapters
std::unique_ptr<Adapter> Make(const std::string& type, const std::string& url) {
  if (type == "consul") {
    ConsulOptions options;
    options.url = url;
    return *MakeConsulAdapter(options);
  }
  if (type == "kong") {
    KongOptions options;
    options.url = url;
    return *MakeKongAdapter(options);
  }
  VulcandOptions options;
  options.url = url;
  options.engine = type == "etcd" ? "etcd" : "api";
  options.etcd_url = type == "etcd" ? url : "";
  return *MakeVulcandAdapter(options);
}

absl::Status ReadOf(const Adapter& adapter) {
  int seen = 0;
  return const_cast<Adapter&>(adapter).Read("", {}, [&seen](Entry) { ++seen; });
}

constexpr const char* kTypes[] = {"consul", "vulcand", "kong", "etcd"};

TEST_CASE("whatever a registry answers in place of a list, it is no empty registry") {
  const std::string deep(100'000, '['), shut(100'000, ']');
  std::string objects;
  for (int i = 0; i < 100'000; ++i) {
    objects.append("{\"a\":");
  }
  const std::pair<const char*, std::string> bodies[] = {
      {"nothing", ""},
      {"blanks", "   "},
      {"HTML", "<html><body>sign in</body></html>"},
      {"a number", "5"},
      {"a word", "null"},
      {"a text", "\"x\""},
      {"100,000 arrays", deep + shut},
      {"100,000 arrays that are not closed", deep},
      {"100,000 objects", objects + "1" + std::string(100'000, '}')},
      {"invalid UTF-8", "[\"\xff\xff\"]"},
      {"NUL", std::string("[]\0[]", 5)},
      {"half of it", "[{\"Node\":\"dispa"},
      {"two of it", "[][]"},
  };
  for (const char* const type : kTypes) {
    for (const auto& [name, body] : bodies) {
      INFO(type << ": " << name);
      BadServer server;
      server.On("/", Says(body));
      const auto adapter = Make(type, server.url());
      const absl::Status status = ReadOf(*adapter);
      INFO(Text(status));
      CHECK((status.code() == Code::kUnavailable || status.code() == Code::kFailedPrecondition));
      CHECK(Text(status).find('/') != std::string::npos);  // where
      CHECK(Text(status).size() < 500);
      CHECK(Text(status).find("sign in") == std::string::npos);
    }
  }
}

TEST_CASE("a redirect of a registry is not followed, neither with a question nor with a write") {
  for (const char* const type : kTypes) {
    for (const int code : {301, 302, 303, 307, 308}) {
      INFO(type << " " << code);
      BadServer elsewhere, server;
      elsewhere.On("/", Says("[]"));
      server.On("/", [&](RawConnection& connection, const std::string&) {
        return connection.Write("HTTP/1.1 " + std::to_string(code) +
                                " Moved\r\nLocation: " + elsewhere.url() + "/\r\nContent-Length: 0\r\n\r\n");
      });
      CHECK(!ReadOf(*Make(type, server.url())).ok());
      CHECK(elsewhere.Asked().empty());
    }
  }
}

TEST_CASE("Kong: pages that never end, or are too many, end the read") {
  struct Case {
    const char* name;
    std::function<std::string(int page)> page;
    int most;  // questions
  };
  const Case cases[] = {
      {"the next one is this one", [](int) { return R"({"data":[],"offset":"same"})"; }, 2},
      {"round and round",
       [](int page) { return R"({"data":[],"offset":")" + std::to_string(page % 2) + "\"}"; }, 10'000},
      {"ever more",
       [](int page) {
         std::string data = "{}";
         for (int i = 0; i < 100'000; ++i) {
           data.append(",{}");
         }
         return R"({"data":[)" + data + R"(],"offset":")" + std::to_string(page) + "\"}";
       },
       5},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    std::atomic<int> pages{0};
    BadServer server;
    server.On("/", Says(R"({"version":"3.9.3","configuration":{"database":"postgres"}})"));
    server.On("/services", [&](RawConnection& connection, const std::string& request) {
      return Says(c.page(pages++))(connection, request);
    });
    const absl::Status status = ReadOf(*Make("kong", server.url()));
    INFO(Text(status));
    CHECK(status.code() == Code::kUnavailable);
    CHECK(Text(status).find("/services") != std::string::npos);
    CHECK(pages <= c.most);
  }
}

TEST_CASE("etcd: pages that go back, stand still or hold what was not asked for end the read") {
  // "vulcand/backends/a", "vulcand/z", "v", "other", ""
  for (const char* const key : {"dnVsY2FuZC9iYWNrZW5kcy9h", "dnVsY2FuZC96", "dg==", "b3RoZXI=", ""}) {
    INFO(key);
    std::atomic<int> pages{0};
    BadServer server;
    server.On("/v3/kv/range", [&](RawConnection& connection, const std::string& request) {
      ++pages;
      return Says(R"({"header":{"revision":"7"},"kvs":[{"key":")" + std::string(key) +
                  R"(","value":"e30="}],"more":true})")(connection, request);
    });
    const absl::Status status = ReadOf(*Make("etcd", server.url()));
    INFO(Text(status));
    CHECK(status.code() == Code::kUnavailable);
    CHECK(pages <= 2);
  }
}

}  // namespace
}  // namespace dispatcher::testing
