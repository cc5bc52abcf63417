// /v1/decisions and /v1/events.
#include <atomic>
#include <thread>

#include "dispatcher/admin/admin_server.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/net/client.h"
#include "tests/admin/served.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using testing::WaitFor;

Decision Decided(uint64_t number, const AppId& app) {
  return {number, 0, "catalog", {NoteKind::kPhase, app, "", "Placed -> Running"}};
}

// Someone who reads /v1/events on a thread of his own.
class Follower {
 public:
  Follower(Served& served, const std::string& query, HttpHeaders headers = {})
      : client_(ClientOptions(served)), thread_([this, query, headers = std::move(headers)] {
          HttpRequest request;
          request.target = "/v1/events" + query;
          request.headers = headers;
          const absl::Status status = client_.Stream(
              request, source_.get_token(),
              [this](const HttpHead& head) {
                status_ = head.status;
                return absl::OkStatus();
              },
              [this](std::string_view piece) {
                MutexLock lock(mutex_);
                text_ += piece;
                return absl::OkStatus();
              });
          ended_ = true;
        }) {}
  ~Follower() {
    source_.request_stop();
    thread_.join();
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  int Status() {
    WaitFor([&] { return status_ != 0; });
    return status_;
  }
  bool Says(std::string_view what) {
    return WaitFor([&] { return Text().find(what) != std::string::npos; });
  }
  bool Ends() {
    return WaitFor([&] { return ended_.load(); });
  }
  std::string Text() {
    MutexLock lock(mutex_);
    return text_;
  }

 private:
  static HttpClientOptions ClientOptions(const Served& served) {
    HttpClientOptions options;
    options.base = Url::Parse("http://" + served.address()).value();
    return options;
  }
  HttpClient client_;
  CancelSource source_;
  Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int> status_{0};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

TEST_CASE("decisions are listed after a number, and of one app") {
  Served served;
  const auto count = [&](const std::string& query) {
    return JsonDocument::Parse(served.Get("/v1/decisions" + query).body)->root()["decisions"].size();
  };
  CHECK(count("") == 2);
  CHECK(count("?after=1") == 1);
  CHECK(count("?app=/other") == 1);
  CHECK(count("?app=/other&after=2") == 0);
  for (const char* query : {"?limit=1", "?after=x", "?after=-1"}) {
    INFO(query);
    CHECK(served.Get(std::string("/v1/decisions") + query).status == 400);
    CHECK(served.Get(std::string("/v1/events") + query).status == 400);
  }
}

TEST_CASE("decisions are listed since a time, or a duration back") {
  Served served;
  const WallMs now = SystemClock().Wall();
  constexpr WallMs hour = 3600000;
  uint64_t number = 2;
  for (const WallMs at : {now - 3 * hour, now - hour / 2, now}) {
    Decision decision = Decided(++number, "/web");
    decision.at = at;
    served.source.Decide(decision);
  }
  const auto count = [&](const std::string& since) {
    return JsonDocument::Parse(served.Get("/v1/decisions?since=" + since).body)->root()["decisions"].size();
  };
  CHECK(count("4h") == 3);
  CHECK(count("1h") == 2);
  CHECK(count("1m30s") == 1);
  CHECK(count(FormatTimestamp(now - hour)) == 2);
  CHECK(count("2020-01-01T00:00:00%2B02:00") == 3);
  CHECK(count("2020-01-01T00:00:00+02:00") == 3);
  CHECK(count("1h&app=/other") == 0);
  CHECK(count("4h&after=4") == 1);

  Follower recent(served, "?since=1h"), none(served, "?since=1ms");
  CHECK(recent.Says("id: 4"));
  CHECK(recent.Says("id: 5"));
  CHECK(recent.Text().find("id: 3") == std::string::npos);
  REQUIRE(none.Says(": decisions"));
  served.source.Decide(Decided(6, "/web"));
  CHECK(none.Says("id: 6"));
  CHECK(none.Text().find("id: 5") == std::string::npos);

  for (const char* bad : {"yesterday", "-1h", "3600", "2026-11-22", ""}) {
    INFO(bad);
    const HttpResponse reply = served.Get(std::string("/v1/decisions?since=") + bad);
    CHECK(reply.status == 400);
    CHECK(JsonDocument::Parse(reply.body)->root()["error"].StringOr("") ==
          "since: \"" + std::string(bad) +
              "\" is neither a time nor a duration back: write 2026-11-22T08:00:00Z or 1h");
  }
}

TEST_CASE("events follow the decisions from now on, after a number, or of one app") {
  Served served;
  Follower now(served, ""), all(served, "?after=0"), again(served, "", {{"Last-Event-ID", "1"}}),
      other(served, "?app=/other");
  for (Follower* follower : {&now, &all, &again, &other}) {
    REQUIRE(follower->Says(": decisions"));
  }
  served.source.Decide(Decided(3, "/other"));
  served.source.Decide(Decided(4, "/web"));
  REQUIRE(now.Says("id: 4\nevent: decision\ndata: {\"number\":4,"));
  CHECK(now.Text().find("id: 2") == std::string::npos);
  REQUIRE(all.Says("id: 4"));
  CHECK(all.Text().find("id: 1\n") < all.Text().find("id: 2\n"));
  REQUIRE(again.Says("id: 4"));
  CHECK(again.Text().find("id: 1\n") == std::string::npos);
  CHECK(again.Text().find("id: 2\n") != std::string::npos);
  REQUIRE(other.Says("id: 3"));
  CHECK(other.Text().find("id: 4") == std::string::npos);
}

TEST_CASE("a ninth reader is sent away until one goes, and health is never starved") {
  Served served;
  std::vector<std::unique_ptr<Follower>> readers;
  for (int i = 0; i < DecisionFeed::kMaxReaders; ++i) {
    readers.push_back(std::make_unique<Follower>(served, ""));
    REQUIRE(readers.back()->Says(": decisions"));
  }
  const HttpResponse ninth = served.Get("/v1/events");
  CHECK(ninth.status == 429);
  CHECK(FindHeader(ninth.headers, "Retry-After") == "10");
  CHECK(served.Get("/healthz").status == 200);
  CHECK(served.Get("/metrics").status == 200);
  readers.pop_back();
  CHECK(WaitFor([&] {
    Follower next(served, "");
    return next.Status() == 200;
  }));
}

TEST_CASE("a server that stops ends its streams") {
  auto served = std::make_unique<Served>();
  Follower reader(*served, "");
  REQUIRE(reader.Says(": decisions"));
  served.reset();
  CHECK(reader.Ends());
}

}  // namespace
}  // namespace dispatcher
