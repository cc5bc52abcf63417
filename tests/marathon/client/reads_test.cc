#include "dispatcher/marathon/client/reads.h"

#include <atomic>

#include "tests/marathon/client/fake_marathon.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using namespace testing;  // NOLINT: the fake's words
using namespace std::chrono_literals;

constexpr auto kApp = MarathonReads::Kind::kAppFirst;

std::string App(std::string_view id) {
  std::string text = R"({"id":")";
  text.append(id).append(
      R"(","version":"2020-01-01T00:00:00.000Z","instances":1,"tasks":[{"id":"t.1","appId":")");
  return text.append(id).append(R"(","host":"h","ports":[31000],"state":"TASK_RUNNING"}]})");
}

struct Seen {
  std::vector<std::string> apps;
  std::vector<std::string> leaders;
  void operator()(const AppSeen& app) {
    apps.push_back(app.definition->id);
    leaders.push_back(app.mark.leader);
  }
};

// To everything but the question about pods: there are none.
FakeMarathon::Script Always(std::string answer) {
  return [answer = std::move(answer)](RawConnection& c, const std::string& request) {
    return c.Write(Asks(request, "/v2/pods") ? Json("[]") : answer);
  };
}

TEST_CASE("a snapshot visits each app with who answered, and asks for tasks") {
  const std::string leader = "X-Marathon-Leader: http://m9:8080\r\n";
  FakeMarathon marathon([&](RawConnection& c, const std::string& request) {
    return c.Write(Asks(request, "/v2/pods")
                       ? Json("[]", leader)
                       : Json(R"({"apps":[)" + App("/a") + "," + App("/b/c") + "]}", leader));
  });
  MarathonReads reads(NodesFor({marathon.url()}));
  Seen seen;
  const ReadResult result = reads.Snapshot({}, std::ref(seen));
  CHECK(result.status.ok());
  CHECK(result.apps == 2);
  CHECK(result.bad_apps.empty());
  CHECK(result.leader == "m9:8080");
  CHECK(seen.apps == std::vector<std::string>{"/a", "/b/c"});
  CHECK(seen.leaders == std::vector<std::string>{"m9:8080", "m9:8080"});
  CHECK(marathon.requests().front().starts_with(
      "GET /v2/apps?embed=apps.tasks&embed=apps.deployments&embed=apps.readiness HTTP/1.1\r\n"));
  CHECK(marathon.requests().front().find("\r\nAccept: application/json\r\n") != std::string::npos);
}

TEST_CASE("apps are visited while the rest of the answer is still on its way") {
  std::atomic<int> visited{0};
  FakeMarathon marathon([&](RawConnection& c, const std::string& request) {
    if (Asks(request, "/v2/pods")) {
      return c.Write(Json("[]"));
    }
    c.Write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"apps\":[" +
            App("/a"));
    const bool early = WaitFor([&] { return visited == 1; });
    c.Write(early ? "]}" : "");
    return false;
  });
  MarathonReads reads(NodesFor({marathon.url()}));
  CHECK(reads.Snapshot({}, [&](const AppSeen&) { ++visited; }).status.ok());
}

TEST_CASE("one bad app is named and costs only itself") {
  const std::string huge = R"({"id":"/huge","cmd":")" + std::string(3000, 'x') + "\"}";
  FakeMarathon marathon(Always(Json(R"({"apps":[)" + App("/a") + R"(,{"id":"/bad","tasks":7},{"no":"id"},)" +
                                    huge + "," + App("/z") + "]}")));
  ReadsOptions options;
  options.max_element = 2000;
  MarathonReads reads(NodesFor({marathon.url()}), options);
  Seen seen;
  const ReadResult result = reads.Snapshot({}, std::ref(seen));
  CHECK(result.status.ok());
  CHECK(result.apps == 5);
  CHECK(result.bad_apps == std::vector<AppId>{"/bad", "", "/huge"});
  CHECK(seen.apps == std::vector<std::string>{"/a", "/z"});
}

TEST_CASE("a snapshot that is not whole is not complete") {
  struct Case {
    std::string answer;
    absl::StatusCode code;
  };
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  const std::vector<Case> cases = {
      {head + "Content-Length: 9999\r\n\r\n{\"apps\":[" + App("/a"), absl::StatusCode::kUnavailable},
      {head + "Connection: close\r\n\r\n{\"apps\":[" + App("/a"), absl::StatusCode::kUnavailable},
      {Json("{\"apps\":[" + App("/a") + ",]]"), absl::StatusCode::kInvalidArgument},
      {Json("{}"), absl::StatusCode::kInvalidArgument},
      {Answer("200 OK", "text/html", "<html>log in</html>"), absl::StatusCode::kUnavailable},
      {Answer("500 Oops", "application/json", R"({"apps":[]})"), absl::StatusCode::kUnavailable},
      {Answer("401 No", "application/json", "{}"), absl::StatusCode::kUnauthenticated},
      {Answer("403 No", "application/json", "{}"), absl::StatusCode::kPermissionDenied},
      {Answer("302 Found", "application/json", "{}"), absl::StatusCode::kUnavailable},
      {Answer("404 None", "application/json", "{}"), absl::StatusCode::kNotFound},
  };
  for (const Case& expected : cases) {
    INFO(expected.answer);
    FakeMarathon marathon([&](RawConnection& c, const std::string&) {
      c.Write(expected.answer);
      return false;
    });
    MarathonReads reads(NodesFor({marathon.url()}));
    Seen seen;
    const absl::Status status = reads.Snapshot({}, std::ref(seen)).status;
    INFO(Text(status));
    CHECK(status.code() == expected.code);
  }
}

TEST_CASE("an app: found, gone for Marathon, gone for a proxy, not to be decoded") {
  FakeMarathon marathon([&](RawConnection& c, const std::string& request) {
    if (Asks(request, "/v2/apps/shop/a%20b?embed=app.tasks&")) {
      return c.Write(Json(R"({"app":)" + App("/shop/a b") + "}"));
    }
    if (Asks(request, "/v2/apps/bad")) {
      return c.Write(Json(R"({"app":{"id":"/bad","tasks":7}})"));
    }
    if (Asks(request, "/v2/apps/half")) {
      c.Write(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"app\":{\"id\":");
      return false;
    }
    const bool proxy = Asks(request, "/v2/apps/proxy");
    return c.Write(Answer("404 Not Found", proxy ? "text/html" : "application/json", R"({"message":"no"})"));
  });
  MarathonReads reads(NodesFor({marathon.url()}));
  Seen seen;
  CHECK(reads.App("/shop/a b", kApp, {}, std::ref(seen)).status.ok());
  CHECK(seen.apps == std::vector<std::string>{"/shop/a b"});
  CHECK(seen.leaders == std::vector<std::string>{marathon.authority()});
  CHECK(absl::IsNotFound(reads.App("/none", kApp, {}, std::ref(seen)).status));
  CHECK(absl::IsUnavailable(reads.App("/proxy", kApp, {}, std::ref(seen)).status));
  CHECK(absl::IsInvalidArgument(reads.App("/half", kApp, {}, std::ref(seen)).status));
  const ReadResult bad = reads.App("/bad", kApp, {}, std::ref(seen));
  CHECK(bad.status.ok());
  CHECK(bad.bad_apps == std::vector<AppId>{"/bad"});
  CHECK(seen.apps.size() == 1);
}

TEST_CASE("a version, info and the leader") {
  FakeMarathon marathon([&](RawConnection& c, const std::string& request) {
    if (Asks(request, "/v2/apps/a/versions/2020-01-01T00%3A00%3A00.000Z ")) {
      return c.Write(Json(R"({"id":"/a","version":"2020-01-01T00:00:00.000Z","ports":[1]})"));
    }
    if (Asks(request, "/v2/info")) {
      return c.Write(Json(R"({"version":"1.10.26","frameworkId":"f-1","leader":"m1:8080"})"));
    }
    if (Asks(request, "/v2/leader")) {
      return c.Write(Json(R"({"leader":"m1:8080"})"));
    }
    return c.Write(Answer("404 Not Found", "application/json", "{}"));
  });
  MarathonReads reads(NodesFor({marathon.url()}));
  const auto version = reads.Version("/a", kApp, "2020-01-01T00:00:00.000Z", {});
  REQUIRE(version.ok());
  CHECK((*version)->id == "/a");
  CHECK(absl::IsNotFound(reads.Version("/a", kApp, "other", {}).status()));
  const auto info = reads.Info({});
  REQUIRE(info.ok());
  CHECK(info->version == "1.10.26");
  CHECK(info->framework_id == "f-1");
  CHECK(info->leader == "m1:8080");
  CHECK(reads.Leader({}).value() == "m1:8080");
}

TEST_CASE("the stream's node is asked first, the next one where it does not answer") {
  FakeMarathon down(Always(Answer("503 No", "text/plain", "")));
  FakeMarathon up(Always(Json(R"({"leader":"up"})")));
  FakeMarathon streamed(Always(Json(R"({"leader":"streamed"})")));
  const auto nodes = NodesFor({"http://127.0.0.1:1", down.url(), up.url()});
  MarathonReads reads(nodes);
  CHECK(reads.Leader({}).value() == "up");
  nodes->SetStreamNode(*Url::Parse(streamed.url()));
  CHECK(reads.Leader({}).value() == "streamed");
  nodes->SetStreamNode(*Url::Parse(up.url()));
  CHECK(reads.Leader({}).value() == "up");
  CHECK(down.count() == 1);
}

TEST_CASE("a 401 is asked once more with the secret read anew, never without one") {
  std::atomic<int> asked{0};
  FakeMarathon marathon([&](RawConnection& c, const std::string&) {
    return c.Write(++asked == 1 ? Answer("401 No", "text/plain", "") : Json(R"({"leader":"m"})"));
  });
  SECTION("with credentials") {
    MarathonSettings settings;
    settings.username = "u";
    MarathonReads reads(NodesFor({marathon.url()}, settings));
    CHECK(reads.Leader({}).ok());
    CHECK(asked == 2);
  }
  SECTION("without") {
    MarathonReads reads(NodesFor({marathon.url()}));
    CHECK(absl::IsUnauthenticated(reads.Leader({}).status()));
    CHECK(asked == 1);
  }
}

TEST_CASE("a secret file that can't be used is an error that names it") {
  MarathonSettings settings;
  settings.token_file = "/does/not/exist";
  MarathonReads reads(NodesFor({"http://127.0.0.1:1"}, settings));
  const absl::Status status = reads.Leader({}).status();
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(Text(status).find("marathon.token_file: can't read /does/not/exist") != std::string::npos);
}

TEST_CASE("a cancelled read ends at once and asks nobody else") {
  CancelSource cancel;
  FakeMarathon marathon([&](RawConnection& c, const std::string&) {
    cancel.request_stop();
    c.WaitForClose();
    return false;
  });
  FakeMarathon other(Always(Json(R"({"leader":"m"})")));
  MarathonReads reads(NodesFor({marathon.url(), other.url()}));
  CHECK(absl::IsCancelled(reads.Leader(cancel.get_token()).status()));
  CHECK(other.count() == 0);
}

TEST_CASE("settings without a usable url are refused by name") {
  MarathonSettings settings;
  settings.urls = {};
  CHECK(Text(Nodes::Make(settings).status()).find("marathon.urls: is empty") != std::string::npos);
  settings.urls = {"http://ok", "http://h:99999999999"};
  CHECK(Text(Nodes::Make(settings).status()).find("marathon.urls[1]") != std::string::npos);
}

}  // namespace
}  // namespace dispatcher
