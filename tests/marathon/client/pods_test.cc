// Reads of pods: together with apps, and apart.
#include "dispatcher/marathon/client/reads.h"
#include "tests/marathon/client/fake_marathon.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using namespace testing;  // NOLINT: the fake's words

constexpr auto kAppFirst = MarathonReads::Kind::kAppFirst;
constexpr auto kPodFirst = MarathonReads::Kind::kPodFirst;

const std::string kLeader = "X-Marathon-Leader: http://m1:8080\r\n";
const std::string kOther = "X-Marathon-Leader: http://m2:8080\r\n";
const std::string kApps = R"({"apps":[{"id":"/a","tasks":[]}]})";
const std::string kPod =
    R"({"id":"/p","spec":{"id":"/p","version":"2020-01-01T00:00:00.000Z"},"instances":[]})";
const std::string kNone = R"({"message":"does not exist"})";

std::string Missing(std::string_view type = "application/json") {
  return Answer("404 Not Found", type, type == "text/html" ? "<h1>404</h1>" : kNone, kLeader);
}

// What a Marathon says to each question.
struct Said {
  std::string version = "1.8.222";
  std::string apps = Json(kApps, kLeader);
  std::string pods = Json("[" + kPod + "]", kLeader);
};

FakeMarathon::Script Says(const Said& said) {
  return [&said](RawConnection& c, const std::string& request) {
    if (Asks(request, "/v2/info")) {
      return c.Write(Json(R"({"version":")" + said.version + "\"}"));
    }
    const std::string& answer = Asks(request, "/v2/pods") ? said.pods : said.apps;
    return c.Write(answer) && answer.find("Connection: close") == std::string::npos;
  };
}

size_t AskedForPods(const FakeMarathon& marathon) {
  size_t count = 0;
  for (const std::string& request : marathon.requests()) {
    count += Asks(request, "/v2/pods") ? 1 : 0;
  }
  return count;
}

struct Result {
  absl::StatusCode code;
  std::string leader;
  int apps;
  std::vector<std::string> seen;
  bool operator==(const Result&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Result& r) {
  out << static_cast<int>(r.code) << " by '" << r.leader << "', " << r.apps << ":";
  for (const std::string& id : r.seen) {
    out << " " << id;
  }
  return out;
}

template <typename Read>
Result Outcome(Read read) {
  std::vector<std::string> seen;
  const ReadResult result = read([&](const AppSeen& app) {
    seen.push_back((app.definition->is_pod ? "pod " : "app ") + app.definition->id + " by " +
                   app.mark.leader);
  });
  INFO(Text(result.status));
  return {result.status.code(), result.leader, result.apps, seen};
}

TEST_CASE("a snapshot is of apps and pods, complete only with both") {
  using Code = absl::StatusCode;
  const std::string app = "app /a by m1:8080", pod = "pod /p by m1:8080";
  struct Case {
    std::string name;
    bool informed;
    Said said;
    Result result;
    size_t asked = 1;
  };
  const std::string cut =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n" + kLeader + "\r\n[" + kPod;
  const std::string no_method = Answer("405 No", "text/html", "", kLeader);
  const std::string oops = Answer("500 Oops", "application/json", "{}");
  const std::vector<Case> cases = {
      {"both", true, {}, {Code::kOk, "m1:8080", 2, {app, pod}}},
      {"no pods run", true, {.pods = Json("[]", kLeader)}, {Code::kOk, "m1:8080", 1, {app}}},
      {"nothing runs",
       true,
       {.apps = Json(R"({"apps":[]})", kLeader), .pods = Json("[]", kLeader)},
       {Code::kOk, "m1:8080", 0, {}}},
      {"pods alone", true, {.apps = Json(R"({"apps":[]})", kLeader)}, {Code::kOk, "m1:8080", 1, {pod}}},
      {"two leaders",
       true,
       {.pods = Json("[" + kPod + "]", kOther)},
       {Code::kOk, "m1:8080 and m2:8080", 2, {app, "pod /p by m2:8080"}}},
      {"pods fail", true, {.pods = oops}, {Code::kUnavailable, "m1:8080", 1, {app}}},
      {"pods are cut off", true, {.pods = cut}, {Code::kUnavailable, "m1:8080", 2, {app, pod}}},
      {"pods are no list",
       true,
       {.pods = Json(kApps, kLeader)},
       {Code::kInvalidArgument, "m1:8080", 1, {app}}},
      {"pods are forbidden",
       true,
       {.pods = Answer("403 No", "application/json", "{}")},
       {Code::kPermissionDenied, "m1:8080", 1, {app}}},
      {"apps fail", true, {.apps = oops}, {Code::kUnavailable, "", 0, {}}, 0},
      {"a version that has pods, and 404",
       true,
       {.pods = Missing()},
       {Code::kUnavailable, "m1:8080", 1, {app}}},
      {"... of a proxy", true, {.pods = Missing("text/html")}, {Code::kUnavailable, "m1:8080", 1, {app}}},
      {"... or 405", true, {.pods = no_method}, {Code::kUnavailable, "m1:8080", 1, {app}}},
      {"an old version is not asked", true, {.version = "1.3.14"}, {Code::kOk, "m1:8080", 1, {app}}, 0},
      {"a very old one", true, {.version = "0.15.3"}, {Code::kOk, "m1:8080", 1, {app}}, 0},
      {"the first one with pods", true, {.version = "1.4.0-RC1"}, {Code::kOk, "m1:8080", 2, {app, pod}}},
      {"who knows, and it has", false, {}, {Code::kOk, "m1:8080", 2, {app, pod}}},
      {"who knows, and it has not", false, {.pods = Missing("text/html")}, {Code::kOk, "m1:8080", 1, {app}}},
      {"who knows, and it may not be asked", false, {.pods = no_method}, {Code::kOk, "m1:8080", 1, {app}}},
      {"a version without number",
       true,
       {.version = "master", .pods = Missing()},
       {Code::kOk, "m1:8080", 1, {app}}},
  };
  for (const Case& expected : cases) {
    INFO(expected.name);
    FakeMarathon marathon(Says(expected.said));
    MarathonReads reads(NodesFor({marathon.url()}));
    if (expected.informed) {
      REQUIRE(reads.Info({}).ok());
    }
    CHECK(Outcome([&](auto visit) { return reads.Snapshot({}, visit); }) == expected.result);
    CHECK(AskedForPods(marathon) == expected.asked);
  }
}

TEST_CASE("a pod that can't be decoded is named, and costs only itself") {
  Said said;
  said.pods = Json(R"([{"id":"/bad","spec":{"containers":7}},)" + kPod + "]", kLeader);
  FakeMarathon marathon(Says(said));
  MarathonReads reads(NodesFor({marathon.url()}));
  int visited = 0;
  const ReadResult result = reads.Snapshot({}, [&](const AppSeen&) { ++visited; });
  CHECK(result.status.ok());
  CHECK(result.apps == 3);
  CHECK(visited == 2);
  CHECK(result.bad_apps == std::vector<AppId>{"/bad"});
}

TEST_CASE("an id is an app's or a pod's") {
  using Code = absl::StatusCode;
  struct Case {
    std::string name;
    std::string version;  // "": not known
    MarathonReads::Kind kind;
    Said said;
    Result result;
    size_t requests;
  };
  const std::string one = Json(R"({"app":{"id":"/a","tasks":[]}})", kLeader);
  const std::string pod = Json(kPod, kLeader);
  const std::string oops = Answer("500 Oops", "application/json", "{}");
  const std::string other = Answer("404 Not Found", "application/json", kNone, kOther);
  const Result is_app{Code::kOk, "m1:8080", 1, {"app /a by m1:8080"}};
  const Result is_pod{Code::kOk, "m1:8080", 1, {"pod /p by m1:8080"}};
  const std::vector<Case> cases = {
      {"an app", "1.8.1", kAppFirst, {.apps = one, .pods = oops}, is_app, 1},
      {"a pod, known as such", "1.8.1", kPodFirst, {.apps = oops, .pods = pod}, is_pod, 1},
      {"a pod, not known", "1.8.1", kAppFirst, {.apps = Missing(), .pods = pod}, is_pod, 2},
      {"a pod once, an app now", "1.8.1", kPodFirst, {.apps = one, .pods = Missing()}, is_app, 2},
      {"neither",
       "1.8.1",
       kAppFirst,
       {.apps = Missing(), .pods = Missing()},
       {Code::kNotFound, "m1:8080", 0, {}},
       2},
      {"neither, say two leaders",
       "1.8.1",
       kPodFirst,
       {.apps = other, .pods = Missing()},
       {Code::kNotFound, "m1:8080 and m2:8080", 0, {}},
       2},
      {"no app, and who knows",
       "1.8.1",
       kAppFirst,
       {.apps = Missing(), .pods = oops},
       {Code::kUnavailable, "", 0, {}},
       2},
      {"no app, and a proxy's page",
       "1.8.1",
       kAppFirst,
       {.apps = Missing(), .pods = Missing("text/html")},
       {Code::kUnavailable, "", 0, {}},
       2},
      {"no app of a Marathon without pods",
       "1.3.5",
       kAppFirst,
       {.apps = Missing(), .pods = oops},
       {Code::kNotFound, "m1:8080", 0, {}},
       1},
      {"no app of a Marathon that may have pods",
       "",
       kAppFirst,
       {.apps = Missing(), .pods = Missing("text/html")},
       {Code::kNotFound, "m1:8080", 0, {}},
       2},
      {"a pod that can't be decoded",
       "1.8.1",
       kPodFirst,
       {.apps = oops, .pods = Json("{}", kLeader)},
       {Code::kOk, "m1:8080", 1, {}},
       1},
  };
  for (const Case& expected : cases) {
    INFO(expected.name);
    Said said = expected.said;
    said.version = expected.version;
    FakeMarathon marathon(Says(said));
    MarathonReads reads(NodesFor({marathon.url()}));
    if (!expected.version.empty()) {
      REQUIRE(reads.Info({}).ok());
    }
    const size_t before = marathon.count();
    CHECK(Outcome([&](auto visit) { return reads.App("/x", expected.kind, {}, visit); }) == expected.result);
    CHECK(marathon.count() - before == expected.requests);
  }
}

TEST_CASE("where pods are asked for") {
  Said said{.apps = Missing(), .pods = Json(kPod)};
  FakeMarathon marathon(Says(said));
  MarathonReads reads(NodesFor({marathon.url()}));
  CHECK(reads.App("/shop/a b", kPodFirst, {}, [](const AppSeen&) {}).status.ok());
  CHECK(marathon.requests().back().starts_with("GET /v2/pods/shop/a%20b::status HTTP/1.1\r\n"));
}

TEST_CASE("an old version of a pod is a bare spec") {
  Said said;
  said.apps = Missing();
  said.pods =
      Json(R"({"id":"/p","version":"2020-01-01T00:00:00.000Z","scaling":{"kind":"fixed","instances":3},)"
           R"("containers":[{"name":"c","endpoints":[{"name":"web","hostPort":0}]}]})");
  FakeMarathon marathon(Says(said));
  MarathonReads reads(NodesFor({marathon.url()}));
  for (const auto kind : {kAppFirst, kPodFirst}) {
    const auto version = reads.Version("/p", kind, "2020-01-01T00:00:00.000Z", {});
    REQUIRE(version.ok());
    CHECK((*version)->is_pod);
    CHECK((*version)->id == "/p");
    CHECK((*version)->instances == 3);
    CHECK((*version)->ports.size() == 1);
    CHECK(marathon.requests().back().starts_with(
        "GET /v2/pods/p::versions/2020-01-01T00%3A00%3A00.000Z HTTP/1.1\r\n"));
  }
  CHECK(marathon.count() == 3);
}

TEST_CASE("an old version that neither an app nor a pod has is not found; before 1.4 no pod is asked for") {
  for (const bool pods : {true, false}) {
    Said said;
    said.apps = said.pods = Missing();
    said.version = pods ? "1.8.222" : "1.3.5";
    FakeMarathon marathon(Says(said));
    MarathonReads reads(NodesFor({marathon.url()}));
    REQUIRE(reads.Info({}).ok());
    CHECK(absl::IsNotFound(reads.Version("/p", kPodFirst, "1", {}).status()));
    CHECK(marathon.count() == (pods ? 3 : 2));
  }
}

}  // namespace
}  // namespace dispatcher
