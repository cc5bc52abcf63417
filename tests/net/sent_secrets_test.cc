// What a server repeats of our secrets does not come out of the client.
#include "dispatcher/net/sent_secrets.h"

#include <atomic>

#include "dispatcher/net/client.h"
#include "dispatcher/net/server.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("secrets are hidden in every form in which they can come back") {
  struct Case {
    const char *header, *value, *said, *shown;
  };
  for (const Case& c : {
           Case{"X-Consul-Token", "sesame", "no token sesame, sesame", "no token (hidden), (hidden)"},
           Case{"Kong-Admin-Token", "a\"b/c", R"({"got":"a\"b/c"} a%22b%2Fc)",
                R"x({"got":"(hidden)"} (hidden))x"},
           Case{"apikey", "sesame", "key=sesame", "key=(hidden)"},
           Case{"authorization", "token=sesame", "token=sesame or sesame", "(hidden) or (hidden)"},
           Case{"Authorization", "Bearer sesame", "Bearer sesame or sesame", "(hidden) or (hidden)"},
           Case{"Authorization",
                "Basic bWU6aHVudGVyMw==", "Basic bWU6aHVudGVyMw==, bWU6aHVudGVyMw==", "(hidden), (hidden)"},
           Case{"Authorization", "Basic bWU6aHVudGVyMw==", "me:hunter3 hunter3 me", "(hidden) (hidden) me"},
           Case{"Accept", "sesame", "sesame", "sesame"},
           Case{"X-Consul-Token", "", "all of it", "all of it"},
           Case{"X-Consul-Token", "is", "this is it", "this is it"},
       }) {
    INFO(c.value << " in " << c.said);
    std::string text = c.said;
    SentSecrets(HttpHeaders{{c.header, c.value}}).Hide(text);
    CHECK(text == c.shown);
  }
}

TEST_CASE("a refusal that repeats a secret comes without it, data comes as it is") {
  HttpServer server;
  std::atomic<int> status = 200;
  server.HandleRest([&](const HttpCall& call) {
    HttpReply reply;
    reply.status = status;
    reply.body = "you sent " + std::string(FindHeader(call.headers, "X-Consul-Token"));
    reply.headers = {{"X-Said", FindHeader(call.headers, "Authorization").data()}};
    return reply;
  });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  HttpClientOptions options;
  options.base.host = "127.0.0.1";
  options.base.port = server.port();
  options.headers = {{"Authorization", "Bearer planted-1"}};
  HttpClient client(options);
  HttpRequest request;
  request.headers = {{"X-Consul-Token", "planted-2"}};
  for (const int now : {200, 302, 403, 500}) {
    status = now;
    const HttpResponse answer = client.Call(request, {}).value();
    CHECK(answer.body == (now == 200 ? "you sent planted-2" : "you sent (hidden)"));
    CHECK(FindHeader(answer.headers, "X-Said") == "(hidden)");
  }
  const absl::Status streamed = client.Stream(
      request, {},
      [](const HttpHead& head) {
        CHECK(FindHeader(head.headers, "X-Said") == "(hidden)");
        return absl::OkStatus();
      },
      [](std::string_view) { return absl::OkStatus(); });
  CHECK(streamed.ok());
}

}  // namespace
}  // namespace dispatcher
