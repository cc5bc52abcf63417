// Against a real server: what goes over, comes back, and how fast.
#include "dispatcher/net/client.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "dispatcher/net/server.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

HttpClientOptions To(int port) {
  HttpClientOptions options;
  options.base = *Url::Parse("http://127.0.0.1:" + std::to_string(port));
  return options;
}

HttpRequest Make(std::string method, std::string target, std::string body = "") {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

HttpReply Echo(const HttpCall& call) {
  HttpReply reply;
  reply.body = call.method + " " + call.raw_target + " " +
               std::string(FindHeader(call.headers, "Content-Type")) + " " + call.body;
  return reply;
}

TEST_CASE("every method carries its body and target, any status is an answer") {
  HttpServer server;
  server.HandleRest([](const HttpCall& call) {
    HttpReply reply = Echo(call);
    reply.status = call.path == "/bad" ? 503 : 200;
    return reply;
  });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClientOptions options = To(server.port());
  options.base.path = "/prefix";
  HttpClient client(options);
  for (const char* const method : {"PUT", "POST", "PATCH", "DELETE"}) {
    const auto answer = client.Call(Make(method, "/a%20b,c?x=%2F&t=1:2;'+", "{}"), {});
    REQUIRE(answer.ok());
    CHECK(answer->body == std::string(method) + " /prefix/a%20b,c?x=%2F&t=1:2;'+ application/json {}");
  }
  CHECK(client.Call(Make("GET", "/x"), {})->body == "GET /prefix/x  ");
  CHECK(client.Call(Make("DELETE", "/x"), {})->body == "DELETE /prefix/x  ");
  HttpClient root(To(server.port()));
  CHECK(root.Call(Make("GET", ""), {})->body == "GET /  ");
  const auto bad = root.Call(Make("GET", "/bad"), {});
  REQUIRE(bad.ok());
  CHECK(bad->status == 503);
  CHECK(FindHeader(bad->headers, "content-type") == "application/json");
}

TEST_CASE("headers of a request win over the client's, compression is not asked for") {
  HttpServer server;
  server.HandleRest([](const HttpCall& call) {
    HttpReply reply;
    for (const auto& [name, value] : call.headers) {
      reply.body += name + "=" + value + ";";
    }
    return reply;
  });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClientOptions options = To(server.port());
  options.headers = {{"X-Token", "one"}, {"X-Other", "kept"}};
  HttpClient client(options);
  HttpRequest request = Make("GET", "/");
  request.headers = {{"x-token", "two"}};
  const std::string seen = client.Call(request, {})->body;
  CHECK(seen.find("x-token=two;") != std::string::npos);
  CHECK(seen.find("one") == std::string::npos);
  CHECK(seen.find("X-Other=kept;") != std::string::npos);
  CHECK(seen.find("Accept-Encoding=identity;") != std::string::npos);
  CHECK(seen.find("REMOTE_ADDR") == std::string::npos);
}

TEST_CASE("what can't be sent safely is refused before it is sent") {
  std::atomic<int> calls{0};
  HttpServer server;
  server.HandleRest([&calls](const HttpCall&) {
    ++calls;
    return HttpReply{};
  });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClient client(To(server.port()));
  HttpRequest header = Make("GET", "/");
  header.headers = {{"X", "a\r\nEvil: b"}};
  HttpRequest type = Make("PUT", "/", "{}");
  type.content_type = "text/plain\r\nEvil: b";
  const HttpRequest bad[] = {header,
                             type,
                             Make("GET", "/ HTTP/1.1\r\nEvil: b"),
                             Make("GET", "/a b"),
                             Make("GET", "//host/\xC3\xA4"),
                             Make("GET", "no-slash"),
                             Make("TRACE", "/"),
                             Make("get", "/")};
  for (const HttpRequest& request : bad) {
    CHECK(client.Call(request, {}).status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(client
              .Stream(
                  request, {}, [](const HttpHead&) { return absl::OkStatus(); },
                  [](std::string_view) { return absl::OkStatus(); })
              .code() == absl::StatusCode::kInvalidArgument);
  }
  CHECK(calls == 0);
}

TEST_CASE("small writes with a body do not wait for Nagle's algorithm") {
  HttpServerOptions server_options;
  server_options.keep_alive_requests = 1000;
  HttpServer server(server_options);
  server.HandleRest(Echo);
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClient client(To(server.port()));
  int good = 0;
  int slow = 0;
  for (int i = 0; i < 200; ++i) {
    const Mono begin = MonoClock::now();
    good += client.Call(Make("PUT", "/v1/kv/x", std::string(400, 'x')), {}).ok() ? 1 : 0;
    slow += MonoClock::now() - begin >= std::chrono::milliseconds(38) ? 1 : 0;
  }
  CHECK(good == 200);
  // Without TCP_NODELAY on both sides every write or every second one takes 40 ms; on a
  // busy machine a few may, too.
  CHECK(slow < 60);
}

TEST_CASE("large bodies go both ways whole") {
  HttpServerOptions server_options;
  server_options.max_body = 8u << 20;
  server_options.keep_alive_requests = 100;
  HttpServer server(server_options);
  server.Handle("PUT", "/echo", [](const HttpCall& call) {
    HttpReply reply;
    reply.body = call.body;
    return reply;
  });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClient client(To(server.port()));
  const std::string body(400'000, 'b');
  for (int i = 0; i < 20; ++i) {
    const auto answer = client.Call(Make("PUT", "/echo", body), {});
    REQUIRE(answer.ok());
    REQUIRE(answer->body == body);
  }
}

TEST_CASE("calls of many threads run side by side on connections of their own") {
  constexpr int kThreads = 8;
  std::atomic<int> inside{0};
  std::atomic<bool> together{false};
  HttpServer server;
  server.HandleRest([&](const HttpCall& call) {
    ++inside;
    while (inside < kThreads && !together) {
      std::this_thread::yield();
    }
    together = true;
    return Echo(call);
  });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClient client(To(server.port()));
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&client, &good, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string target = "/" + std::to_string(t) + "/" + std::to_string(i);
        const auto answer = client.Call(Make("GET", target), {});
        good += answer.ok() && answer->body == "GET " + target + "  " ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(together);
  CHECK(good == kThreads * 20);
}

TEST_CASE("a redirect is handed back and nothing of it followed") {
  std::atomic<int> followed{0};
  HttpServer other;
  other.HandleRest([&followed](const HttpCall&) {
    ++followed;
    return HttpReply{};
  });
  REQUIRE(other.Start("127.0.0.1", 0).ok());
  HttpServer server;
  server.HandleRest([](const HttpCall& call) {
    HttpReply reply;
    reply.status = call.path == "/302" ? 302 : 307;
    reply.headers = {{"Location", call.body}};
    return reply;
  });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClientOptions options = To(server.port());
  options.headers = {{"Authorization", "Basic aHVudGVyMg=="}};
  HttpClient client(options);
  const std::string elsewhere = "http://127.0.0.1:" + std::to_string(other.port()) + "/";
  for (const std::string& location : {elsewhere, std::string("http://h:99999999999/")}) {
    for (const char* const target : {"/302", "/307"}) {
      const auto answer = client.Call(Make("PUT", target, location), {});
      REQUIRE(answer.ok());
      CHECK(answer->status == (std::string_view(target) == "/302" ? 302 : 307));
      CHECK(FindHeader(answer->headers, "location") == location);
    }
  }
  CHECK(followed == 0);
}

TEST_CASE("an address where nobody listens is Unavailable and named") {
  int port = 0;
  {
    HttpServer gone;
    REQUIRE(gone.Start("127.0.0.1", 0).ok());
    port = gone.port();
  }
  HttpClient client(To(port));
  const absl::Status status = client.Call(Make("GET", "/?token=hunter2"), {}).status();
  CHECK(status.code() == absl::StatusCode::kUnavailable);
  CHECK(Message(status) == "http://127.0.0.1:" + std::to_string(port) + ": can't connect");
}

}  // namespace
}  // namespace dispatcher
