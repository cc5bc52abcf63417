// What Vulcand would swallow, or do beyond what was asked, is seen before the write.
#include "adapters/vulcand/ids.h"
#include "tests/contract/subjects.h"
#include "tests/contract/vulcand_place.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/vulcand_model/model.h"

namespace dispatcher::testing {
namespace {

Entries WebUnder(const Adapter& adapter, const std::string& host = "web.test", int port = 0,
                 const std::string& app = "/web") {
  Profile profile;
  profile.hosts = {host};
  profile.service_port = port == 0 ? FreePort() : port;
  return Rendered(adapter, MakeService(app, {{app.substr(1) + ".1", "10.0.0.1"}}, profile));
}

std::vector<Change> Of(const std::vector<Change>& changes, std::string_view kind) {
  std::vector<Change> some;
  for (const Change& change : changes) {
    if (change.id.kind == kind) {
      some.push_back(change);
    }
  }
  return some;
}

absl::Status ResultOf(Adapter& adapter, const std::vector<Change>& changes, std::string_view kind) {
  const std::vector<absl::Status> results = WriteAll(adapter, changes);
  for (size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].id.kind == kind) {
      return results[i];
    }
  }
  return absl::NotFoundError("no such change");
}

bool Names(const absl::Status& status, std::string_view what) {
  return Message(status).find(what) != std::string_view::npos;
}

std::string Frontend(const std::string& id, const std::string& backend, const std::string& route) {
  return "{\"Frontend\":{\"Id\":\"" + id + "\",\"Type\":\"http\",\"BackendId\":\"" + backend +
         "\",\"Route\":\"" + route + "\"}}";
}

TEST_CASE("a route that a stranger holds is refused, naming the holder, however it is written") {
  OnEachVulcand([](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    REQUIRE(place.Ask("POST", "/v2/backends", R"({"Backend":{"Id":"theirs","Type":"http"}})").first == 200);
    for (const char* route : {"Host(`web.test`) && PathRegexp(`/.*`)", "Host(`Web.test`)"}) {
      REQUIRE(place.Ask("POST", "/v2/frontends", Frontend("theirs", "theirs", route)).first == 200);
      const absl::Status status = ResultOf(*adapter, Puts(WebUnder(*adapter)), kFrontendKind);
      CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
      CHECK(Names(status, "theirs"));
    }
    REQUIRE(place.Ask("DELETE", "/v2/frontends/theirs").first == 200);
    CHECK(AllOk(WriteAll(*adapter, Puts(WebUnder(*adapter)))));
  });
}

TEST_CASE("a route or address that another of ours still holds is tried again") {
  OnEachVulcand([](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    const int port = FreePort();
    const Entries before = WebUnder(*adapter, "web.test", port, "/before"),
                  after = WebUnder(*adapter, "web.test", port, "/after");
    CHECK(AllOk(WriteAll(*adapter, Puts(before))));
    CHECK(ResultOf(*adapter, Puts(after), kFrontendKind).code() == absl::StatusCode::kAborted);
    CHECK(ResultOf(*adapter, Puts(after), kListenerKind).code() == absl::StatusCode::kAborted);
    CHECK(AllOk(WriteAll(*adapter, Deletes(before))));
    CHECK(AllOk(WriteAll(*adapter, Puts(after))));
    CHECK(Difference(*adapter, after) == "");
  });
}

TEST_CASE("an address that a stranger listens on is refused, naming the holder") {
  OnEachVulcand([](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    const int port = FreePort();
    for (const std::string host : {"127.0.0.1", "0.0.0.0", ""}) {
      const std::string address = host + ":" + std::to_string(port);
      REQUIRE(
          place
              .Ask("POST", "/v2/listeners",
                   R"({"Listener":{"Id":"theirs","Protocol":"http","Address":{"Network":"tcp","Address":")" +
                       address + "\"}}}")
              .first == 200);
      const absl::Status status =
          ResultOf(*adapter, Puts(WebUnder(*adapter, "web.test", port)), kListenerKind);
      CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
      CHECK(Names(status, "theirs"));
      REQUIRE(place.Ask("DELETE", "/v2/listeners/theirs").first == 200);
    }
    CHECK(AllOk(WriteAll(*adapter, Puts(WebUnder(*adapter, "web.test", port)))));
  });
}

TEST_CASE("a server of a backend that is not there is tried again, and alone") {
  OnEachVulcand([](const VulcandPlace& place) {
    for (const std::string engine : {"api", "etcd"}) {
      if (engine == "etcd" && (place.etcd_url.empty() || place.etcd_version != 3)) {
        continue;
      }
      INFO(engine);
      const auto adapter = place.Make("o", engine);
      const std::vector<Change> here = Puts(WebUnder(*adapter, "here.test", 0, "/here"));
      std::vector<Change> changes = Of(Puts(WebUnder(*adapter, "web.test", 0, "/gone")), kServerKind);
      changes.insert(changes.end(), here.begin(), here.end());
      const std::vector<absl::Status> results = WriteAll(*adapter, changes);
      CHECK(results[0].code() == absl::StatusCode::kAborted);
      CHECK(AllOk({results.begin() + 1, results.end()}));
      CHECK(AllOk(WriteAll(*adapter, Deletes(WebUnder(*adapter, "here.test", 0, "/here")))));
    }
  });
}

TEST_CASE("a stranger's middleware survives updates, and keeps the frontend it hangs on") {
  OnEachVulcand([](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    const Entries wanted = WebUnder(*adapter, "web.test", 0);
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    const std::string frontend = VulcandId("o", {"/web", 0});
    const std::string path = "/v2/frontends/" + frontend + "/middlewares";
    REQUIRE(place
                .Ask("POST", path,
                     R"({"Middleware":{"Id":"limit","Type":"connlimit","Priority":1,"Middleware":)"
                     R"({"Connections":10,"Variable":"client.ip"}}})")
                .first == 200);
    CHECK(AllOk(WriteAll(*adapter, Puts(WebUnder(*adapter, "other.test")))));
    CHECK(place.Ask("GET", path + "/limit").first == 200);

    const std::vector<Change> changes = Deletes(wanted);
    const absl::Status of_frontend = ResultOf(*adapter, changes, kFrontendKind);
    CHECK(of_frontend.code() == absl::StatusCode::kFailedPrecondition);
    CHECK(Names(of_frontend, "limit"));
    CHECK(Names(of_frontend, frontend));
    CHECK(ResultOf(*adapter, changes, kBackendKind).code() == absl::StatusCode::kFailedPrecondition);
    CHECK(ResultOf(*adapter, changes, kServerKind).ok());  // emptied
    CHECK(place.Ask("GET", path + "/limit").first == 200);
    REQUIRE(place.Ask("DELETE", path + "/limit").first == 200);
    CHECK(AllOk(WriteAll(*adapter, changes)));
    CHECK(Difference(*adapter, {}) == "");
  });
}

TEST_CASE("a stranger's server or frontend keeps our backend") {
  OnEachVulcand([](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    const Entries wanted = WebUnder(*adapter);
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    const std::string backend = VulcandId("o", {"/web", 0});
    const std::string server = "/v2/backends/" + backend + "/servers";
    REQUIRE(place.Ask("POST", server, R"({"Server":{"Id":"web1","URL":"http://10.0.0.9:1"}})").first == 200);
    CHECK(Difference(*adapter, wanted) == "");  // not ours, not seen
    absl::Status status = ResultOf(*adapter, Deletes(wanted), kBackendKind);
    CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
    CHECK(Names(status, "web1"));
    REQUIRE(place.Ask("DELETE", server + "/web1").first == 200);
    REQUIRE(place.Ask("POST", "/v2/frontends", Frontend("theirs", backend, "Host(`theirs.test`)")).first ==
            200);
    status = ResultOf(*adapter, Deletes(wanted), kBackendKind);
    CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
    CHECK(Names(status, "theirs"));
    REQUIRE(place.Ask("DELETE", "/v2/frontends/theirs").first == 200);
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
  });
}

TEST_CASE("a backend is not deleted while servers of ours are in it") {
  OnEachVulcand([](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    const Entries wanted = WebUnder(*adapter);
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    std::vector<Change> changes = Deletes(wanted);
    std::erase_if(changes, [](const Change& change) { return change.id.kind == kServerKind; });
    CHECK(ResultOf(*adapter, changes, kBackendKind).code() == absl::StatusCode::kAborted);
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
  });
}

TEST_CASE("what an operator set on a backend is neither seen nor undone") {
  OnEachVulcand([](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    const Entries wanted = WebUnder(*adapter);
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    const std::string id = VulcandId("o", {"/web", 0});
    REQUIRE(
        place
            .Ask("POST", "/v2/backends",
                 R"({"Backend":{"Id":")" + id + R"(","Type":"http","Settings":{"Timeouts":{"Read":"5s"}}}})")
            .first == 200);
    CHECK(Difference(*adapter, wanted) == "");
    CHECK(place.Ask("GET", "/v2/backends/" + id).second.find("5s") != std::string::npos);
  });
}

TEST_CASE("nothing that is not ours can be written or deleted, whatever is asked") {
  OnEachVulcand([](const VulcandPlace& place) {
    const auto adapter = place.Make("o");
    for (const char* id : {"web", "p._web.0.~", "o._web.0", "", "o._web.0.~/x", "o._web.0.~/web1",
                           "p._web.0.~/web.1.0.~", "web/web.1.0.~"}) {
      for (const std::string_view kind : {kBackendKind, kServerKind, kFrontendKind, kListenerKind}) {
        INFO(kind << " " << id);
        Change change;
        change.op = Op::kDelete;
        change.id = {"", std::string(kind), id};
        CHECK(WriteAll(*adapter, {change})[0].code() == absl::StatusCode::kInvalidArgument);
      }
    }
  });
}

TEST_CASE("an etcd that Vulcand does not look into is noticed by the next read") {
  OnEachVulcand([](const VulcandPlace& place) {
    if (place.etcd_url.empty()) {
      return;
    }
    VulcandOptions options;
    options.url = place.url;
    options.engine = "etcd";
    options.etcd_url = place.etcd_url;
    options.etcd_key = place.etcd_version == 3 ? "/vulcand" : "vulcand";
    const auto adapter = *MakeVulcandAdapter(options);
    const Entries wanted = WebUnder(*adapter);
    CHECK(ReadAll(*adapter).ok());
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    const absl::Status status = ReadAll(*adapter).status();
    CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
    CHECK(Names(status, "etcd_key"));
    options.url = "http://127.0.0.1:" + std::to_string(FreePort());  // nobody there to ask
    CHECK(ReadAll(**MakeVulcandAdapter(options)).ok());
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
  });
}

TEST_CASE("while etcd is down Vulcand is asked once, not for every change") {
  VulcandModelOptions options;
  for (const VulcandVersion version : {VulcandVersion::kBeta3, VulcandVersion::k092}) {
    options.version = version;
    const auto model = *VulcandModel::Start(options);
    const VulcandPlace place{model->url(), model->proxy_url(), "", 3};
    const auto adapter = place.Make("o");
    const std::vector<Change> changes = Puts(WebUnder(*adapter));
    VulcandFaults faults;
    faults.fail_writes = -1;
    model->SetFaults(faults);
    for (const absl::Status& result : WriteAll(*adapter, changes)) {
      CHECK(result.code() == absl::StatusCode::kUnavailable);
    }
    CHECK(model->writes() == 1);
  }
}

TEST_CASE("writes that Vulcand answered and lost are found by the next read") {
  const auto model = *VulcandModel::Start({});
  const VulcandPlace place{model->url(), model->proxy_url(), "", 3};
  const auto adapter = place.Make("o");
  const Entries wanted = WebUnder(*adapter);
  VulcandFaults faults;
  faults.lose_writes = 1;
  model->SetFaults(faults);
  (void)WriteAll(*adapter, Puts(wanted));
  CHECK(ReadAll(*adapter)->size() < wanted.size());
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(Difference(*adapter, wanted) == "");
}

}  // namespace
}  // namespace dispatcher::testing
