// What one call of Write makes of its changes: their order, what ends it, and what a
// document of a Kong without a database needs beside.
#include <algorithm>
#include <atomic>

#include "adapters/kong/objects.h"
#include "adapters/publish.h"
#include "tests/contract/kong_subjects.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/counting_proxy.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using Passing = CountingProxy::Passing;

TEST_CASE("Kong: a target that is switched off and not listed is switched on") {
  for (const std::string version : {"0.14.1", "2.1.4", "2.3.3", "2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web({{"web.1", "10.0.0.1"}}));
      REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
      const std::string targets = "/upstreams/dispatcher._web.0/targets";
      const std::string off = R"({"target":"10.0.0.1:31000","weight":0})";
      const bool rows = version.starts_with("2.3") || version.starts_with("2.8") || version.starts_with("3.");
      REQUIRE(rig.Call(rows ? "PATCH" : "POST", rows ? targets + "/10.0.0.1:31000" : targets, off).status <
              300);
      const EntryId id{"", std::string(kTargetKind), TargetId("dispatcher", "_web.0", "10.0.0.1:31000")};
      CHECK(ReadAll(*adapter).value()[id].fields != wanted.at(id).fields);
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

TEST_CASE("Kong: a service comes after its targets and goes before its upstream, and nothing is ever PUT") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      CountingProxy proxy(rig.kong().admin_url());
      std::vector<std::string> order;  // one connection, one write at a time
      proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
        if (call.method != "GET") {
          const bool target = call.path.find("/targets") != std::string::npos;
          order.push_back(call.method + (target ? " target" : call.path.substr(0, call.path.find('/', 1))));
        }
        return pass(call);
      });
      const auto adapter = MakeThrough(rig, proxy);
      const Entries wanted = Rendered(*adapter, Web({{"web.1", "10.0.0.1"}}));
      std::vector<Change> changes = Puts(wanted);
      const std::vector<std::string> front = version == "0.10.4"
                                                 ? std::vector<std::string>{"/apis"}
                                                 : std::vector<std::string>{"/services", "/routes"};
      for (const bool backwards : {false, true}) {
        INFO(backwards);
        order.clear();
        CHECK(ErrorOf(WriteAll(*adapter, changes)) == "");
        std::vector<std::string> expected = {"POST/upstreams", "POST target"};
        for (const std::string& what : front) {
          expected.push_back("POST" + what);
        }
        CHECK(order == expected);
        order.clear();
        // A task that takes another's place: first the new, then the old.
        std::vector<Change> moved = Deletes(wanted);
        std::erase_if(moved, [](const Change& change) { return change.id.kind != kTargetKind; });
        const std::vector<Change> there = Puts(Rendered(*adapter, Web({{"web.2", "10.0.0.2"}})));
        moved.insert(moved.end(), there.begin(), there.end());
        CHECK(ErrorOf(WriteAll(*adapter, moved)) == "");
        CHECK(order == std::vector<std::string>{"POST target", "DELETE target"});
        order.clear();
        std::vector<Change> gone = Deletes(Rendered(*adapter, Web({{"web.2", "10.0.0.2"}})));
        if (backwards) {
          std::reverse(gone.begin(), gone.end());
        }
        CHECK(ErrorOf(WriteAll(*adapter, gone)) == "");
        expected = {"DELETE/upstreams", "DELETE target"};
        for (const std::string& what : front) {
          expected.push_back("DELETE" + what);
        }
        std::reverse(expected.begin(), expected.end());
        CHECK(order == expected);
        std::reverse(changes.begin(), changes.end());
      }
    }
  }
}

TEST_CASE("Kong: a document that somebody else loaded in between is not taken for ours") {
  for (const std::string version : {"1.1.2", "2.1.4", "2.8.5", "3.9.3"}) {  // a hash is told from 2.8 on
    DYNAMIC_SECTION(version) {
      KongRig rig(version, true);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web());
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      REQUIRE(rig.Call("POST", "/config",
                       R"({"_format_version":"1.1","services":[{"name":"theirs","host":"theirs.test"}]})")
                  .status == 201);
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
      CHECK(rig.Call("GET", "/services/theirs").status == 404);  // whole-file: it is ours alone
      rig.kong().Reset();
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(ErrorOf(WriteAll(**MakeKongAdapter(rig.Options()), Puts(wanted))) == "");
      CHECK(rig.kong().Writes().empty());
      CHECK(ErrorOf(WriteAll(*adapter, Deletes(wanted))) == "");
      CHECK(Difference(*adapter, {}) == "");
    }
  }
}

TEST_CASE("Kong: the very document that is loaded already is not loaded again") {
  KongRig rig("3.9.3", true);
  CountingProxy proxy(rig.kong().admin_url());
  const auto adapter = MakeThrough(rig, proxy);
  const Entries wanted = Rendered(*adapter, Web());
  std::vector<int> answers;
  proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
    if (call.path == "/config") {  // another dispatcher of the same owner is quicker
      rig.Call("POST", "/config", call.body);
    }
    HttpReply reply = pass(call);
    if (call.path == "/config") {
      answers.push_back(reply.status);
    }
    return reply;
  });
  CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
  CHECK(answers == std::vector<int>{304});
  CHECK(Difference(*adapter, wanted) == "");
}

TEST_CASE("Kong: a batch is carried out whole, however its changes are ordered") {
  for (const std::string& version : kAll) {
    DYNAMIC_SECTION(version) {
      KongRig rig = RigOf(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web());
      std::vector<Change> puts = Puts(wanted);
      std::reverse(puts.begin(), puts.end());
      CHECK(ErrorOf(WriteAll(*adapter, puts)) == "");
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

TEST_CASE("Kong: a target whose upstream is not there is tried again, and alone") {
  for (const std::string& version : kAll) {
    DYNAMIC_SECTION(version) {
      KongRig rig = RigOf(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web());
      std::vector<Change> changes = Puts(wanted);
      for (const Change& change : Puts(Rendered(*adapter, MakeService("/gone", {{"gone.1", "10.0.0.9"}})))) {
        if (change.id.kind == kTargetKind) {
          changes.push_back(change);
        }
      }
      REQUIRE(changes.size() == wanted.size() + 1);
      const std::vector<absl::Status> results = WriteAll(*adapter, changes);
      for (size_t i = 0; i < changes.size(); ++i) {
        CHECK(results[i].code() == (i < wanted.size() ? absl::StatusCode::kOk : absl::StatusCode::kAborted));
      }
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

TEST_CASE("Kong: an upstream that a service still sends to stays") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web());
      REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
      Entries upstream = wanted;
      std::erase_if(upstream, [](const auto& entry) { return entry.first.kind != kUpstreamKind; });
      CHECK(WriteAll(*adapter, Deletes(upstream))[0].code() == absl::StatusCode::kAborted);
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

TEST_CASE("Kong: another framework is written down") {
  for (const std::string version : {"2.8.5", "3.9.3", "3.9.3 DB-less"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig = RigOf(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      for (const std::string framework : {"one", "two"}) {
        adapter->SetFramework(framework);
        const Entries wanted = Rendered(*adapter, Web());
        CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
        CHECK(Difference(*adapter, wanted) == "");
      }
    }
  }
}

TEST_CASE("Kong: nothing that is not ours can be written or deleted, whatever is asked") {
  for (const std::string& version : kAll) {
    DYNAMIC_SECTION(version) {
      KongRig rig = RigOf(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      Entry entry = Rendered(*adapter, Web()).begin()->second;
      for (const std::string id : {"web", "other._web.0.~", "dispatcher._web.0", ""}) {
        for (const std::string_view kind : {kUpstreamKind, kTargetKind, kServiceKind, kRouteKind}) {
          INFO(kind << " " << id);
          entry.id = {"", std::string(kind), id};
          CHECK(!AllOk(WriteAll(*adapter, Puts({{entry.id, entry}}))));
          (void)WriteAll(*adapter, Deletes({{entry.id, entry}}));
        }
      }
      CHECK(rig.kong().Writes().empty());
    }
  }
}

TEST_CASE("Kong: no write starts after the permit's end, in the middle of a batch either") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      CountingProxy proxy(rig.kong().admin_url());
      const auto adapter = MakeThrough(rig, proxy);
      REQUIRE(ReadAll(*adapter).ok());
      const Duration permit = std::chrono::milliseconds(300);
      const Mono end = MonoClock::now() + 2 * permit;
      std::atomic<int> writes = 0;
      proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
        writes += call.method == "GET" ? 0 : 1;
        WaitFor([&] { return call.method == "GET" || MonoClock::now() > end; });
        return pass(call);
      });
      const std::vector<Change> changes = Puts(Rendered(*adapter, Web()));
      const std::vector<absl::Status> results = WriteAll(*adapter, changes, permit);
      CHECK(writes == 1);
      for (size_t i = 0; i < changes.size(); ++i) {
        CHECK(results[i].code() == (i == 0 ? absl::StatusCode::kOk : absl::StatusCode::kDeadlineExceeded));
      }
    }
  }
}

TEST_CASE("Kong: a refused token ends the call, a document is refused as a whole") {
  for (const std::string& version : kAll) {
    DYNAMIC_SECTION(version) {
      KongRig rig = RigOf(version);
      CountingProxy proxy(rig.kong().admin_url());
      const auto adapter = MakeThrough(rig, proxy);
      REQUIRE(ReadAll(*adapter).ok());
      int asked = 0;
      proxy.Meddle([&](const HttpCall&, const Passing&) {
        ++asked;
        return Saying(403, R"({"message":"you do not have permissions"})");
      });
      for (const absl::Status& status : WriteAll(*adapter, Puts(Rendered(*adapter, Web())))) {
        CHECK(status.code() == absl::StatusCode::kPermissionDenied);
      }
      CHECK(asked <= 2);  // without a database it asks for the hash first
    }
  }
}

}  // namespace
}  // namespace dispatcher::testing
