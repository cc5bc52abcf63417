// What a Vulcand does now and then, and in which order it is asked to do things.
#include <algorithm>
#include <atomic>

#include "adapters/vulcand/engine.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"
#include "tests/contract/subjects.h"
#include "tests/contract/vulcand_place.h"
#include "tests/support/catch.h"
#include "tests/support/counting_proxy.h"
#include "tests/support/process.h"
#include "tests/support/raw_server.h"
#include "tests/support/wait.h"
#include "tests/vulcand_model/model.h"

namespace dispatcher::testing {
namespace {

using Passing = CountingProxy::Passing;

Entries EntriesOf(const Adapter& adapter, const std::string& app = "/web",
                  std::vector<std::string> hosts = {}, int port = 0) {
  Profile profile;
  profile.hosts = hosts.empty() ? std::vector<std::string>{app.substr(1) + ".test"} : std::move(hosts);
  profile.service_port = port == 0 ? FreePort() : port;
  return Rendered(adapter, MakeService(app, {{app.substr(1) + ".1", "10.0.0.1"}}, profile));
}

TEST_CASE("Vulcand: an answer without a list is an error, never an empty list") {
  const auto model = *VulcandModel::Start({});
  const VulcandPlace direct{model->url(), model->proxy_url(), "", 3};
  const auto writer = direct.Make("o");
  const Entries wanted = EntriesOf(*writer);
  REQUIRE(AllOk(WriteAll(*writer, Puts(wanted))));
  for (const std::string key : {"Listeners", "Frontends", "Backends", "Servers"}) {
    for (const std::string list : {"null", "[]", "{}", "\"x\"", "5", "", "<html></html>"}) {
      INFO(key << " " << list);
      CountingProxy proxy(model->url());
      proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
        HttpReply reply = pass(call);
        if (call.path.ends_with(key.substr(1))) {
          reply.body = list.empty()            ? "{\"Others\":[]}"
                       : list.starts_with("<") ? list
                                               : "{\"" + key + "\":" + list + "}";
        }
        return reply;
      });
      const auto adapter = VulcandPlace{proxy.url(), "", "", 3}.Make("o");
      CHECK(ReadAll(*adapter).status().code() ==
            (list == "null" || list == "[]" ? absl::StatusCode::kOk : absl::StatusCode::kUnavailable));
    }
  }
}

TEST_CASE("Vulcand: a list that is answered with an error is Vulcand's fault, whatever it says") {
  for (const int status : {301, 400, 404, 500, 503}) {
    CountingProxy proxy("http://127.0.0.1:1");
    proxy.Meddle([&](const HttpCall&, const Passing&) {
      HttpReply reply;
      reply.status = status;
      reply.body = R"({"message":"json: cannot unmarshal"})";
      return reply;
    });
    const auto adapter = VulcandPlace{proxy.url(), "", "", 3}.Make("o");
    CHECK(ReadAll(*adapter).status().code() == absl::StatusCode::kUnavailable);
    Entries frontend = EntriesOf(*adapter);
    std::erase_if(frontend, [](const auto& entry) { return entry.first.kind != kFrontendKind; });
    CHECK(WriteAll(*adapter, Deletes(frontend))[0].code() == absl::StatusCode::kUnavailable);
  }
}

TEST_CASE("Vulcand: what others changed on a frontend or a listener is seen, and mended as it has to be") {
  const auto model = *VulcandModel::Start({});
  CountingProxy proxy(model->url());
  const VulcandPlace place{proxy.url(), "", "", 3};
  const auto adapter = place.Make("o");
  const Entries wanted = EntriesOf(*adapter);
  REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
  const std::string id = VulcandId("o", {"/web", 0});
  const EntryId frontend{"", std::string(kFrontendKind), id}, listener{"", std::string(kListenerKind), id};
  const auto differs = [&](const EntryId& entry) {
    return ReadAll(*adapter)->at(entry).Fingerprint() != wanted.at(entry).Fingerprint();
  };
  const std::string route = wanted.at(frontend).fields.at("route");
  REQUIRE(place
              .Ask("POST", "/v2/frontends",
                   R"({"Frontend":{"Id":")" + id + R"(","Type":"http","BackendId":")" + id +
                       R"(","Route":")" + route + R"(","Settings":{"Hostname":"web.test"}}})")
              .first == 200);
  CHECK(differs(frontend));  // it hides the client's Host
  REQUIRE(place
              .Ask("POST", "/v2/listeners",
                   R"({"Listener":{"Id":")" + id +
                       R"(","Protocol":"https","Address":{"Network":"tcp","Address":")" +
                       wanted.at(listener).fields.at("address") + R"("},"Scope":")" +
                       wanted.at(listener).fields.at("scope") + "\"}}")
              .first == 200);
  CHECK(differs(listener));
  proxy.Reset();
  CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
  CHECK(Difference(*adapter, wanted) == "");
  // Vulcand does not take up another protocol: it is made anew.
  CHECK(proxy.Writes()["DELETE /v2/listeners/" + id] == 1);
  // One that can't be made is not deleted for it.
  Entry nowhere = wanted.at(listener);
  nowhere.fields["address"] = "";
  CHECK(WriteAll(*adapter, Puts({{listener, nowhere}}))[0].code() == absl::StatusCode::kInvalidArgument);
  CHECK(Difference(*adapter, wanted) == "");
}

TEST_CASE("Vulcand: one that takes connections and never answers is asked once, not for every change") {
  std::atomic<int> asked = 0;
  RawServer server([&](RawConnection& connection) {
    connection.ReadRequest();
    ++asked;
    connection.WaitForClose();
  });
  HttpClientOptions http;
  http.base.host = "127.0.0.1";
  http.base.port = server.port();
  http.read_timeout = std::chrono::milliseconds(50);
  const auto engine = MakeApiEngine("o", http);
  const auto adapter = VulcandPlace{"http://127.0.0.1:1", "", "", 3}.Make("o");
  for (const absl::Status& status :
       engine->Write(Puts(EntriesOf(*adapter)), MonoClock::now() + std::chrono::seconds(30), Cancel())) {
    CHECK(status.code() == absl::StatusCode::kDeadlineExceeded);
  }
  CHECK(asked == 1);
  CHECK(engine->Read(Cancel(), [](const Entry&) {}).code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(asked == 2);
}

TEST_CASE("Vulcand: no write starts after the permit's end, in the middle of a batch either") {
  const auto model = *VulcandModel::Start({});
  CountingProxy proxy(model->url());
  const auto adapter = VulcandPlace{proxy.url(), "", "", 3}.Make("o");
  const Duration permit = std::chrono::milliseconds(300);
  const Mono end = MonoClock::now() + 2 * permit;
  proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
    WaitFor([&] { return call.method == "GET" || MonoClock::now() > end; });
    return pass(call);
  });
  const std::vector<Change> changes = Puts(EntriesOf(*adapter));
  const std::vector<absl::Status> results = WriteAll(*adapter, changes, permit);
  CHECK(model->writes() == 1);
  for (size_t i = 0; i < changes.size(); ++i) {
    CHECK(results[i].code() == (i == 0 ? absl::StatusCode::kOk : absl::StatusCode::kDeadlineExceeded));
  }
}

TEST_CASE("Vulcand: each object comes after what it needs and goes before it, however the changes come") {
  for (const VulcandVersion version : {VulcandVersion::kBeta3, VulcandVersion::k092}) {
    VulcandModelOptions options;
    options.version = version;
    options.etcd_version = version == VulcandVersion::kBeta3 ? 2 : 3;
    const auto model = *VulcandModel::Start(options);
    CountingProxy proxy(model->url());
    std::vector<std::string> order;  // one write at a time
    proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
      if (call.method != "GET") {
        const std::string path = call.path.substr(4);
        const bool server = path.find("/servers") != std::string::npos;
        order.push_back(call.method + " " + (server ? "servers" : path.substr(0, path.find('/'))));
      }
      return pass(call);
    });
    const auto adapter = VulcandPlace{proxy.url(), "", "", 3}.Make("o");
    const Entries wanted = EntriesOf(*adapter);
    std::vector<Change> puts = Puts(wanted), deletes = Deletes(wanted);
    for (const bool backwards : {false, true}) {
      INFO(backwards);
      order.clear();
      CHECK(ErrorOf(WriteAll(*adapter, puts)) == "");
      CHECK(order ==
            std::vector<std::string>{"POST backends", "POST servers", "POST frontends", "POST listeners"});
      order.clear();
      // A task that takes another's place: first the new, then the old.
      Entry fresh = wanted.at({"", std::string(kServerKind), VulcandId("o", {"/web", 0}) + "/web.1.0.~"});
      std::vector<Change> moved = Deletes({{fresh.id, fresh}});
      fresh.id.id = VulcandId("o", {"/web", 0}) + "/web.2.0.~";
      const std::vector<Change> there = Puts({{fresh.id, fresh}});
      moved.insert(moved.end(), there.begin(), there.end());
      CHECK(ErrorOf(WriteAll(*adapter, moved)) == "");
      CHECK(order == std::vector<std::string>{"POST servers", "DELETE servers"});
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(ErrorOf(WriteAll(*adapter, Deletes({{fresh.id, fresh}}))) == "");
      order.clear();
      CHECK(ErrorOf(WriteAll(*adapter, deletes)) == "");
      CHECK(order == std::vector<std::string>{"DELETE listeners", "DELETE frontends", "DELETE servers",
                                              "DELETE backends"});
      std::reverse(puts.begin(), puts.end());
      std::reverse(deletes.begin(), deletes.end());
    }
  }
}

TEST_CASE(
    "Vulcand: a route or address that another of ours gives up in the same batch changes hands at once") {
  OnEachVulcand([](const VulcandPlace& place) {
    for (const std::string& engine : Engines(place)) {
      const auto adapter = place.Make("o", engine);
      const int one = FreePort(), two = FreePort();
      INFO(engine);
      // "/a" is written first, and wants what "/b", and for the third what "/c", has.
      CHECK(ErrorOf(WriteAll(*adapter, Puts(EntriesOf(*adapter, "/b", {"b.test"}, one)))) == "");
      CHECK(ErrorOf(WriteAll(*adapter, Puts(EntriesOf(*adapter, "/c", {"c.test"}, two)))) == "");
      Entries wanted = EntriesOf(*adapter, "/a", {"b.test"});
      wanted.merge(EntriesOf(*adapter, "/b", {"c.test"}, one));
      std::vector<Change> changes = Puts(wanted);
      const std::vector<Change> gone = Deletes(EntriesOf(*adapter, "/c", {"c.test"}, two));
      changes.insert(changes.end(), gone.begin(), gone.end());
      CHECK(ErrorOf(WriteAll(*adapter, changes)) == "");
      CHECK(Difference(*adapter, wanted) == "");
      CHECK(ErrorOf(WriteAll(*adapter, Deletes(wanted))) == "");
    }
  });
}

TEST_CASE("Vulcand: a frontend without its backend is tried again, and what it still holds stays its own") {
  OnEachVulcand([](const VulcandPlace& place) {
    for (const std::string& engine : Engines(place)) {
      INFO(engine);
      const auto adapter = place.Make("o", engine);
      const Entries before = EntriesOf(*adapter, "/b");
      CHECK(ErrorOf(WriteAll(*adapter, Puts(before))) == "");
      const Entries a = EntriesOf(*adapter, "/a", {"b.test"});
      std::vector<Change> changes = Puts(a);
      // It would give its host to "/a", but has nowhere to send its own requests to.
      Entry moved = before.at({"", std::string(kFrontendKind), VulcandId("o", {"/b", 0})});
      moved.fields["route"] = "Host(`other.test`)";
      moved.fields["backend"] = VulcandId("o", {"/gone", 0});
      const std::vector<Change> lame = Puts({{moved.id, moved}});
      changes.insert(changes.end(), lame.begin(), lame.end());
      const std::vector<absl::Status> results = WriteAll(*adapter, changes);
      for (size_t i = 0; i < changes.size(); ++i) {
        INFO(changes[i].id.id << " " << Text(results[i]));
        CHECK(results[i].code() ==
              (changes[i].id.kind == kFrontendKind ? absl::StatusCode::kAborted : absl::StatusCode::kOk));
      }
      CHECK(ErrorOf(WriteAll(*adapter, Deletes(before))) == "");
      CHECK(ErrorOf(WriteAll(*adapter, Puts(a))) == "");
      CHECK(Difference(*adapter, a) == "");
      CHECK(ErrorOf(WriteAll(*adapter, Deletes(a))) == "");
    }
  });
}

}  // namespace
}  // namespace dispatcher::testing
