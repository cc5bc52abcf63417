// Vulcand's engine etcd, on a real etcd alone: which keys it writes, and what it makes of
// what it finds there.
#include <algorithm>
#include <set>

#include "adapters/vulcand/etcd.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"
#include "adapters/vulcand/vulcand.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/counting_proxy.h"

namespace dispatcher::testing {
namespace {

using Passing = CountingProxy::Passing;

// An etcd behind a proxy, and a key in it that no other test has.
struct EtcdPlace {
  explicit EtcdPlace(EtcdServer& server) : proxy(server.url()), etcd(At(server.url())) {}

  static HttpClientOptions At(const std::string& url) {
    HttpClientOptions options;
    options.base = *Url::Parse(url);
    return options;
  }
  std::unique_ptr<Adapter> Make() const {
    VulcandOptions options;
    options.owner = "o";
    options.url = "http://127.0.0.1:1";  // nobody there to ask
    options.engine = "etcd";
    options.etcd_url = proxy.url();
    options.etcd_key = key;
    options.listeners = true;
    return *MakeVulcandAdapter(options);
  }
  void Set(const std::string& where, const std::string& value) {
    REQUIRE(etcd.Txn({{true, key + "/" + where, value, ""}}, Cancel()).ok());
  }
  // The number of keys below that place.
  size_t Count(const std::string& where) { return etcd.Range(key + "/" + where, Cancel())->size(); }

  const std::string key = FreshOwner();
  CountingProxy proxy;
  EtcdGateway etcd;
};

template <typename Body>
void OnEtcd(Body body) {
  std::string why;
  EtcdServer* const server = SharedEtcd(why);
  if (server == nullptr) {
    WARN("skipped: " << why);
    return;
  }
  EtcdPlace place(*server);
  body(place);
}

Service WebOfMany(int tasks = 2, const std::string& app = "/web") {
  std::vector<TaskSpec> specs;
  for (int i = 1; i <= tasks; ++i) {
    specs.push_back({app.substr(1) + "." + std::to_string(i), "10.0.0.1", static_cast<uint16_t>(i)});
  }
  return MakeService(app, specs);
}

TEST_CASE("etcd: what an answer means") {
  for (const auto& [status, code] :
       std::map<int, absl::StatusCode>{{200, absl::StatusCode::kOk},
                                       {400, absl::StatusCode::kInvalidArgument},
                                       {401, absl::StatusCode::kUnauthenticated},
                                       {403, absl::StatusCode::kPermissionDenied},
                                       {404, absl::StatusCode::kFailedPrecondition},
                                       {405, absl::StatusCode::kFailedPrecondition},
                                       {500, absl::StatusCode::kUnavailable},
                                       {503, absl::StatusCode::kUnavailable},
                                       {504, absl::StatusCode::kUnavailable}}) {
    HttpResponse response;
    response.status = status;
    response.body = R"({"error":"in words","code":3})";
    const absl::Status meaning = EtcdGateway::StatusOf(response);
    INFO(Text(meaning));
    CHECK(meaning.code() == code);
    CHECK((meaning.ok() || Text(meaning).find("in words") != std::string::npos));
  }
}

TEST_CASE("etcd: a range is read page by page, and what is no range is an error") {
  OnEtcd([](EtcdPlace& place) {
    const auto adapter = place.Make();
    const Entries wanted = Rendered(*adapter, WebOfMany(10));
    REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
    place.Set("x", "{}");
    int pages = 0;
    place.proxy.Meddle([&](HttpCall call, const Passing& pass) {
      if (const size_t limit = call.body.find("\"5000\""); limit != std::string::npos) {
        call.body.replace(limit, 6, "\"3\"");
        if (++pages == 2) {  // not in the revision that the first page is of
          place.Set("backends/o._zzz.0.~/backend", R"({"Type":"http"})");
        }
      }
      return pass(call);
    });
    const auto found = ReadAll(*adapter);
    REQUIRE(found.ok());
    CHECK(found->size() == wanted.size());
    CHECK(pages == 5);
    for (const std::string answer : {"{}", "[]", "<html>", R"({"header":{},"more":true})",
                                     R"({"header":{},"kvs":[{"key":"!","value":"e30="}]})"}) {
      INFO(answer);
      place.proxy.Meddle([&](const HttpCall&, const Passing&) { return Saying(200, answer); });
      CHECK(ReadAll(*adapter).status().code() == absl::StatusCode::kUnavailable);
    }
    place.proxy.Meddle([](const HttpCall&, const Passing&) { return Saying(200, R"({"header":{}})"); });
    CHECK(ReadAll(*adapter)->empty());  // etcd leaves out what is empty
  });
}

TEST_CASE("etcd: what can't be read is shown, and written anew") {
  OnEtcd([](EtcdPlace& place) {
    const auto adapter = place.Make();
    const Entries wanted = Rendered(*adapter, WebOfMany());
    REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
    const std::string id = VulcandId("o", {"/web", 0});
    for (const std::string value : {"", "nonsense", "[]", "{}"}) {
      for (const std::string& where : {"backends/" + id + "/backend", "backends/" + id + "/servers/web.1.0.~",
                                       "frontends/" + id + "/frontend", "listeners/" + id}) {
        INFO(where << " " << value);
        place.Set(where, value);
        const auto found = ReadAll(*adapter);
        REQUIRE(found.ok());
        CHECK(found->size() == wanted.size());
        CHECK(std::count_if(found->begin(), found->end(), [&](const auto& entry) {
                return entry.second.Fingerprint() != wanted.at(entry.first).Fingerprint();
              }) == 1);
        CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
        CHECK(Difference(*adapter, wanted) == "");
      }
    }
  });
}

TEST_CASE("etcd: a delete takes one key, not all that begin with it") {
  OnEtcd([](EtcdPlace& place) {
    const auto adapter = place.Make();
    const Entries wanted = Rendered(*adapter, WebOfMany());
    REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
    const std::string id = VulcandId("o", {"/web", 0});
    for (const std::string& where : {"listeners/" + id + "x", "frontends/" + id + "/frontend-of-mine",
                                     "backends/" + id + "/backend-of-mine"}) {
      place.Set(where, "{}");
    }
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    CHECK(Difference(*adapter, {}) == "");
    CHECK(place.Count("") == 3);
  });
}

TEST_CASE("etcd: a transaction holds 64 changes at most, of one kind, and a change twice is no fault") {
  OnEtcd([](EtcdPlace& place) {
    const auto adapter = place.Make();
    const Entries wanted = Rendered(*adapter, WebOfMany(150));
    std::vector<Change> changes = Puts(wanted);
    const std::vector<Change> again = changes;
    changes.insert(changes.end(), again.begin(), again.begin() + 20);
    std::vector<int> sizes;
    place.proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
      if (call.path.ends_with("/txn")) {
        int size = 0;
        for (size_t at = 0; (at = call.body.find("request_put", at)) != std::string::npos; ++at) {
          ++size;
        }
        sizes.push_back(size);
      }
      return pass(call);
    });
    CHECK(AllOk(WriteAll(*adapter, changes)));
    CHECK(Difference(*adapter, wanted) == "");
    CHECK(*std::max_element(sizes.begin(), sizes.end()) == 64);
    CHECK(sizes.front() == 1);  // the backend, alone
  });
}

TEST_CASE("etcd: without their backend neither servers nor frontends are written, all else is") {
  OnEtcd([](EtcdPlace& place) {
    const auto adapter = place.Make();
    const Entries wanted = Rendered(*adapter, WebOfMany());
    std::vector<Change> changes = Puts(wanted);
    const std::string gone = VulcandId("o", {"/gone", 0});
    for (const Change& change : Puts(Rendered(*adapter, WebOfMany(2, "/gone")))) {
      if (change.id.kind == kServerKind || change.id.kind == kFrontendKind) {
        changes.push_back(change);
      }
    }
    const std::vector<absl::Status> results = WriteAll(*adapter, changes);
    for (size_t i = 0; i < changes.size(); ++i) {
      INFO(changes[i].id.id);
      CHECK(results[i].code() == (i < wanted.size() ? absl::StatusCode::kOk : absl::StatusCode::kAborted));
    }
    CHECK(Difference(*adapter, wanted) == "");
    CHECK(place.Count("backends/" + gone) + place.Count("frontends/" + gone) == 0);
  });
}

TEST_CASE("etcd: a route that one of ours was refused to give up is not taken") {
  OnEtcd([](EtcdPlace& place) {
    const auto adapter = place.Make();
    const auto rendered = [&](const std::string& app, const std::string& host) {
      Profile profile;
      profile.hosts = {host};
      return Rendered(*adapter, MakeService(app, {{app.substr(1) + ".1", "10.0.0.1"}}, profile));
    };
    REQUIRE(AllOk(WriteAll(*adapter, Puts(rendered("/b", "b.test")))));
    Entries wanted = rendered("/a", "b.test");
    wanted.merge(rendered("/b", "c.test"));
    int transactions = 0;
    place.proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
      // The third is for frontends, and holds that of "/b" alone.
      return call.path.ends_with("/txn") && ++transactions == 3
                 ? Saying(400, R"({"error":"etcdserver: request is too large","code":3})")
                 : pass(call);
    });
    const std::vector<Change> changes = Puts(wanted);
    const std::vector<absl::Status> results = WriteAll(*adapter, changes);
    for (size_t i = 0; i < changes.size(); ++i) {
      INFO(changes[i].id.id << " " << Text(results[i]));
      const bool frontend = changes[i].id.kind == kFrontendKind, of_a = changes[i].entry->service.app == "/a";
      CHECK(results[i].code() == (!frontend ? absl::StatusCode::kOk
                                  : of_a    ? absl::StatusCode::kAborted
                                            : absl::StatusCode::kInvalidArgument));
    }
    CHECK(AllOk(WriteAll(*adapter, changes)));
    CHECK(Difference(*adapter, wanted) == "");
  });
}

TEST_CASE("etcd: one that is down is asked once, one that refuses a transaction is asked for the next") {
  OnEtcd([](EtcdPlace& place) {
    const auto adapter = place.Make();
    const std::vector<Change> changes = Puts(Rendered(*adapter, WebOfMany(150)));
    for (const auto& [status, code] : std::map<int, absl::StatusCode>{
             {503, absl::StatusCode::kUnavailable}, {400, absl::StatusCode::kInvalidArgument}}) {
      int asked = 0;
      place.proxy.Meddle([&asked, answer = status](const HttpCall& call, const Passing& pass) {
        if (!call.path.ends_with("/txn")) {
          return pass(call);
        }
        ++asked;
        return Saying(answer, R"({"error":"no","code":1})");
      });
      for (const absl::Status& result : WriteAll(*adapter, changes)) {
        CHECK(result.code() == code);
      }
      CHECK((asked == 1) == (status == 503));
    }
    CHECK(place.Count("") == 0);
    // Refused, though by now all that it needs is there.
    place.proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
      const bool servers = call.path.ends_with("/txn") && call.body.find("response") == std::string::npos &&
                           call.body.find("compare\":[{") != std::string::npos;
      return servers ? Saying(200, R"({"header":{},"responses":[{"response_range":{"count":"1"}}]})")
                     : pass(call);
    });
    const auto results = WriteAll(*adapter, changes);
    CHECK(results[0].ok());  // the backend
    CHECK(results[1].code() == absl::StatusCode::kAborted);
  });
}

}  // namespace
}  // namespace dispatcher::testing
