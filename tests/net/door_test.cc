// The door of the storms, by what goes through it.
#include "tests/support/door.h"

#include <atomic>

#include "dispatcher/net/client.h"
#include "dispatcher/net/server.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("a door passes everything, nothing, requests alone, or isn't there") {
  std::atomic<int> heard{0};
  HttpServer server;
  server.HandleRest([&](const HttpCall& call) {
    ++heard;
    HttpReply reply;
    reply.body = std::string(300'000, 'x') + call.body;
    return reply;
  });
  REQUIRE(server.Start("127.0.0.1", 0).ok());
  Door door("http://127.0.0.1:" + std::to_string(server.port()));
  HttpClientOptions options;
  options.base = Url::Parse(door.url()).value();
  options.read_timeout = std::chrono::milliseconds(300);
  HttpClient client(options);
  const auto ask = [&] {
    HttpRequest request;
    request.method = "POST";
    request.body = "the end";
    return client.Call(request, Cancel());
  };
  for (int round = 0; round < 2; ++round) {
    door.Set(DoorState::kOpen);
    const auto answer = ask();
    REQUIRE(answer.ok());
    CHECK(answer->body.size() == 300'007);
    CHECK(heard == 1);

    door.Set(DoorState::kResets);
    CHECK(!ask().ok());
    CHECK(heard == 2);

    door.Set(DoorState::kHeld);
    CHECK(absl::IsDeadlineExceeded(ask().status()));
    CHECK(heard == 2);

    door.Set(DoorState::kShut);
    CHECK(absl::IsUnavailable(ask().status()));
    CHECK(heard == 2);
    heard = 0;
  }
}

}  // namespace
}  // namespace dispatcher::testing
