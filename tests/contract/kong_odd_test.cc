// What a Kong, or something that stands before it, does now and then: odd answers, small
// pages, silence, and somebody else who writes between our look and our write.
#include <algorithm>
#include <atomic>
#include <fstream>

#include "adapters/kong/adapter.h"
#include "adapters/kong/objects.h"
#include "adapters/publish.h"
#include "tests/contract/kong_subjects.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/counting_proxy.h"
#include "tests/support/process.h"
#include "tests/support/raw_server.h"

namespace dispatcher::testing {
namespace {

using Passing = CountingProxy::Passing;
constexpr const char* kPage = "<html><body>secret page</body></html>";

bool Same(const Entries& a, const Entries& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.Fingerprint() == y.second.Fingerprint();
  });
}

TEST_CASE("Kong: what an answer means, and a page of HTML is not repeated") {
  using Code = absl::StatusCode;
  for (const auto& [status, code] : std::map<int, Code>{{200, Code::kOk},
                                                        {201, Code::kOk},
                                                        {204, Code::kOk},
                                                        {301, Code::kFailedPrecondition},
                                                        {400, Code::kInvalidArgument},
                                                        {401, Code::kUnauthenticated},
                                                        {403, Code::kPermissionDenied},
                                                        {404, Code::kNotFound},
                                                        {405, Code::kFailedPrecondition},
                                                        {408, Code::kUnavailable},
                                                        {409, Code::kAlreadyExists},
                                                        {413, Code::kInvalidArgument},
                                                        {429, Code::kUnavailable},
                                                        {500, Code::kUnavailable},
                                                        {502, Code::kUnavailable},
                                                        {503, Code::kUnavailable},
                                                        {504, Code::kUnavailable}}) {
    INFO(status);
    HttpResponse response;
    response.status = status;
    for (const auto& [body, words] : std::map<std::string, std::string>{
             {R"({"message":"in words"})", "in words"}, {R"({"name":"taken"})", "taken"}, {kPage, ""}}) {
      response.body = body;
      const absl::Status meaning = KongApi::StatusOf(response);
      CHECK(meaning.code() == code);
      CHECK(Text(meaning).find("secret") == std::string::npos);
      CHECK((meaning.ok() || Text(meaning).find(words) != std::string::npos));
    }
  }
}

TEST_CASE("Kong: an answer without a list is an error, never an empty list") {
  KongRig rig("3.9.3");
  const Entries wanted = Rendered(**MakeKongAdapter(rig.Options()), Web());
  REQUIRE(AllOk(WriteAll(**MakeKongAdapter(rig.Options()), Puts(wanted))));
  for (const std::string collection : {"/services", "/routes", "/upstreams", "/targets"}) {
    for (const std::string body : {kPage, "", "{}", "[]", R"({"data":null})", R"({"data":"x"})",
                                   R"({"data":{"id":"x"}})", R"({"data":{}})", R"({"data":[]})"}) {
      INFO(collection << " " << body);
      CountingProxy proxy(rig.kong().admin_url());
      proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
        return call.path.ends_with(collection) ? Saying(200, body) : pass(call);
      });
      const absl::Status status = ReadAll(*MakeThrough(rig, proxy)).status();
      // {} for an empty list is how Lua writes it.
      const bool list = body.ends_with(":{}}") || body.ends_with(":[]}");
      CHECK(status.code() == (list ? absl::StatusCode::kOk : absl::StatusCode::kUnavailable));
    }
  }
}

TEST_CASE("Kong: what is no object is neither taken for one of others nor for none") {
  KongRig rig("3.9.3");
  for (const std::string body : {kPage, "", "[]", "5", "null"}) {
    INFO(body);
    CountingProxy proxy(rig.kong().admin_url());
    proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
      return call.path == "/upstreams/dispatcher._web.0" ? Saying(200, body) : pass(call);
    });
    const auto adapter = MakeThrough(rig, proxy);
    for (const absl::Status& status :
         WriteAll(*adapter, Puts(Rendered(*adapter, Web({{"web.1", "10.0.0.1"}}))))) {
      CHECK((status.ok() || status.code() == absl::StatusCode::kUnavailable));
    }
    CHECK(rig.Call("GET", "/upstreams/dispatcher._web.0").status == 404);
  }
}

TEST_CASE("Kong: pages are followed to the end wherever there are any, and no further") {
  for (const std::string version : {"0.8.3", "0.10.4", "0.14.1", "2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      CountingProxy proxy(rig.kong().admin_url());
      proxy.Meddle([](HttpCall call, const Passing& pass) {
        if (const size_t size = call.raw_target.find("size=1000"); size != std::string::npos) {
          call.raw_target.replace(size, 9, "size=1");
        }
        return pass(call);
      });
      const auto adapter = MakeThrough(rig, proxy, version == "0.8.3" ? "router" : "targets");
      Entries wanted = Rendered(*adapter, Web());
      for (const std::string app : {"/a", "/b"}) {
        Profile profile;
        profile.names = {app.substr(1)};
        profile.hosts = {app.substr(1) + ".test"};
        wanted.merge(
            Rendered(*adapter, MakeService(app, {{"t.1", "10.0.0.1"}, {"t.2", "10.0.0.2"}}, profile)));
      }
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
      proxy.Meddle([](const HttpCall&, const Passing&) {
        return Saying(200, R"({"data":[],"offset":"same","next":"/services?offset=same"})");
      });
      CHECK(!ReadAll(*adapter).ok());
    }
  }
}

TEST_CASE("Kong: of a target's history the newest row counts, in whatever order they come") {
  struct Case {
    std::vector<KongTarget> rows;
    std::string expected;
  };
  const auto row = [](std::string id, std::string address, int64_t weight, double created) {
    KongTarget target;
    target.id = std::move(id);
    target.address = std::move(address);
    target.weight = weight;
    target.created = created;
    return target;
  };
  for (Case c : std::vector<Case>{{{row("1", "a", 1, 10), row("2", "a", 2, 20)}, "2 "},
                                  {{row("1", "a", 1, 10), row("2", "a", 0, 20)}, ""},
                                  {{row("1", "a", 0, 10), row("2", "a", 2, 20)}, "2 "},
                                  {{row("1", "a", 1, 10), row("2", "a", 2, 10)}, "2 "},
                                  {{row("1", "a", 1, 10), row("2", "b", 1, 5)}, "1 2 "}}) {
    for (int turn = 0; turn < 2; ++turn) {
      std::string ids;
      for (const KongTarget& target : NewestOf(c.rows)) {
        ids += target.id + " ";
      }
      CHECK(ids == c.expected);
      std::reverse(c.rows.begin(), c.rows.end());
    }
  }
}

TEST_CASE("Kong: a target that somebody else adds between our look and our POST stays theirs") {
  KongRig rig("3.9.3");
  CountingProxy proxy(rig.kong().admin_url());
  const auto adapter = MakeThrough(rig, proxy);
  const std::string targets = "/upstreams/dispatcher._web.0/targets";
  proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
    if (call.method == "POST" && call.path == targets) {
      rig.Call("POST", targets, R"({"target":"10.0.0.1:31000","weight":9})");
    }
    return pass(call);
  });
  const std::vector<Change> changes = Puts(Rendered(*adapter, Web({{"web.1", "10.0.0.1"}})));
  CHECK(ErrorOf(WriteAll(*adapter, changes)).find("ABORTED") != std::string::npos);
  CHECK(ErrorOf(WriteAll(*adapter, changes)).find("put there by somebody else") != std::string::npos);
  CHECK(rig.Call("GET", targets + "/10.0.0.1:31000").body.find("\"weight\":9") != std::string::npos);
}

TEST_CASE("Kong: what somebody else deletes between our look and our change is tried again") {
  for (const std::string version : {"0.14.1", "2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      CountingProxy proxy(rig.kong().admin_url());
      const auto adapter = MakeThrough(rig, proxy);
      REQUIRE(AllOk(WriteAll(*adapter, Puts(Rendered(*adapter, Web())))));
      proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
        if (call.method == "PATCH") {
          rig.Call("DELETE", call.path);
        }
        return pass(call);
      });
      Profile profile;
      profile.hosts = {"other.test"};
      const Entries wanted =
          Rendered(*adapter, MakeService("/web", {{"web.1", "10.0.0.1"}, {"web.2", "10.0.0.2"}}, profile));
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))).find("ABORTED") != std::string::npos);
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

TEST_CASE("Kong: a mark that somebody made another of our services' is mended") {
  KongRig rig("3.9.3");
  const auto adapter = *MakeKongAdapter(rig.Options());
  const Entries wanted = Rendered(*adapter, Web());
  REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
  const std::string tags = R"({"tags":["dispatcher-owner:dispatcher","dispatcher-service:_other.0"]})";
  for (const std::string path :
       {"/upstreams/dispatcher._web.0", "/routes/dispatcher.web", "/services/dispatcher.web"}) {
    INFO(path);
    REQUIRE(rig.Call("PATCH", path, tags).status == 200);
    // As a reconciler does: what is missing or different, and what is too many.
    for (int pass = 0; pass < 3; ++pass) {
      Entries found = ReadAll(*adapter).value();
      CHECK((pass > 0 || !Same(found, wanted)));
      (void)WriteAll(*adapter, Puts(wanted));
      std::erase_if(found, [&](const auto& entry) { return wanted.contains(entry.first); });
      CHECK(ErrorOf(WriteAll(*adapter, Deletes(found))) == "");
    }
    CHECK(Difference(*adapter, wanted) == "");
  }
}

TEST_CASE("Kong: a router at an IPv6 address is written and found again") {
  for (const std::string version : {"0.8.3", "0.10.4", "0.14.1", "2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      KongOptions options = rig.Options();
      options.mode = "router";
      options.router_url = "http://[fd00::1]";
      const auto adapter = *MakeKongAdapter(options);
      const Entries wanted = Rendered(*adapter, Web());
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
      rig.kong().Reset();
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(rig.kong().Writes().empty());
    }
  }
}

TEST_CASE("Kong: a workspace goes before every path but that of the version") {
  KongRig rig("3.9.3");
  CountingProxy proxy(rig.kong().admin_url());
  std::vector<std::string> paths;
  proxy.Meddle([&](HttpCall call, const Passing& pass) {
    paths.push_back(call.path);
    if (call.path != "/") {
      call.raw_target.erase(0, std::string("/a%20team").size());
    }
    return pass(call);
  });
  KongOptions options = rig.Options();
  options.url = proxy.url();
  options.workspace = "a team";
  CHECK(ReadAll(**MakeKongAdapter(options)).ok());
  CHECK(paths == std::vector<std::string>{"/", "/a team/services", "/a team/routes", "/a team/upstreams"});
}

TEST_CASE("Kong: a key exchanged in its file is taken up when the old one is refused") {
  KongRig rig("3.9.3");
  CountingProxy proxy(rig.kong().admin_url());
  proxy.Meddle([](const HttpCall& call, const Passing& pass) {
    return FindHeader(call.headers, "apikey") == "secret-new"
               ? pass(call)
               : Saying(401, R"({"message":"Invalid authentication credentials"})");
  });
  TempDir dir;
  KongOptions options = rig.Options();
  options.url = proxy.url();
  options.api_key_file = dir.path() + "/key";
  std::ofstream(options.api_key_file) << "secret-old\n";
  const auto adapter = *MakeKongAdapter(options);
  const absl::Status refused = ReadAll(*adapter).status();
  CHECK(refused.code() == absl::StatusCode::kUnauthenticated);
  CHECK(Text(refused).find("secret") == std::string::npos);
  std::ofstream(options.api_key_file) << "secret-new\n";
  CHECK(ReadAll(*adapter).ok());
}

TEST_CASE("Kong: how a proxy before it calls itself says nothing") {
  KongRig rig("3.9.3");
  CountingProxy proxy(rig.kong().admin_url());
  int calls = 0;
  proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
    HttpReply reply = pass(call);
    reply.headers = {{"Server", ++calls % 2 == 0 ? "nginx" : "haproxy"}};
    return reply;
  });
  const auto adapter = MakeThrough(rig, proxy);
  const Entries wanted = Rendered(*adapter, Web());
  CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
  CHECK(Difference(*adapter, wanted) == "");
}

TEST_CASE("Kong: after a failure it is asked again what it is") {
  // Of the same version, so that no Server header tells.
  SECTION("405: no database any more") {
    KongRig rig("3.9.3");
    const auto adapter = *MakeKongAdapter(rig.Options());
    const std::vector<Change> changes = Puts(Rendered(*adapter, Web()));
    REQUIRE(AllOk(WriteAll(*adapter, changes)));
    rig.kong().Become("3.9.3", true);
    CHECK(ErrorOf(WriteAll(*adapter, changes)).find("FAILED_PRECONDITION") != std::string::npos);
    CHECK(ErrorOf(WriteAll(*adapter, changes)).find("dbless: whole-file") != std::string::npos);
  }
  SECTION("503: it begins anew") {
    KongRig rig("3.9.3");
    const auto adapter = *MakeKongAdapter(rig.Options());
    REQUIRE(ReadAll(*adapter).ok());
    rig.kong().Become("3.9.3", true);
    rig.kong().SetFaults({.fail_reads = 1, .status = 503});
    CHECK(ReadAll(*adapter).status().code() == absl::StatusCode::kUnavailable);
    CHECK(Text(ReadAll(*adapter).status()).find("dbless: whole-file") != std::string::npos);
  }
  SECTION("no answer") {
    std::atomic<int> asked = 0;
    RawServer server([&](RawConnection& connection) {
      if (connection.ReadRequest().starts_with("GET / ")) {
        ++asked;
        const std::string body = R"({"version":"3.9.3"})";
        connection.Write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + body);
      }
    });
    KongOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(server.port());
    const auto adapter = *MakeKongAdapter(options);
    for (int times = 1; times <= 2; ++times) {
      CHECK(ReadAll(*adapter).status().code() == absl::StatusCode::kUnavailable);
      CHECK(asked == times);
    }
  }
}

TEST_CASE("Kong: one that takes connections and never answers is asked a few times, not for every change") {
  std::atomic<int> asked = 0;
  std::atomic<bool> silent = false;
  RawServer server([&](RawConnection& connection) {
    while (!connection.ReadRequest().empty()) {
      ++asked;
      if (silent) {
        return connection.WaitForClose();
      }
      const std::string body = R"({"version":"3.9.3","configuration":{"database":"postgres"}})";
      connection.Write("HTTP/1.1 200 OK\r\nServer: kong/3.9.3\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  });
  HttpClientOptions http;
  http.base.host = "127.0.0.1";
  http.base.port = server.port();
  http.read_timeout = std::chrono::milliseconds(50);
  const std::shared_ptr<Secret> none = *Secret::Load("", "", "");
  KongOptions options;
  options.expose = "all";
  KongAdapter adapter(options, std::make_unique<KongApi>(http, none, none, ""));
  std::vector<TaskSpec> tasks;
  for (uint16_t i = 1; i < 40; ++i) {
    tasks.push_back({"web." + std::to_string(i), "10.0.0.1", i});
  }
  const std::vector<Change> changes = Puts(Rendered(adapter, Web(tasks)));
  (void)ReadAll(adapter);  // so that its version is known
  silent = true;
  asked = 0;
  for (const absl::Status& status : WriteAll(adapter, changes)) {
    CHECK(status.code() == absl::StatusCode::kDeadlineExceeded);
  }
  CHECK(asked <= 6);  // three changes, each asked for once more after a connection that was kept
  asked = 0;
  CHECK(ReadAll(adapter).status().code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(asked <= 2);
}

}  // namespace
}  // namespace dispatcher::testing
