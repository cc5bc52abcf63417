// What adapter.h promises, tried on every registry.
#include <thread>

#include "tests/contract/on_each.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

// Three tasks on the first host, one on the second.
Service WebOn(const Subject& subject) {
  const std::string first = subject.hosts()[0], second = subject.hosts()[1];
  return MakeService("/web", {{"web.1", first, 31001},
                              {"web.2", first, 31002},
                              {"web.3", first, 31003, Condition::kUnknown},
                              {"web.4", second, 31004}});
}

EntryId EntryOf(const Entries& entries, std::string_view task) {
  for (const auto& [id, entry] : entries) {
    if (entry.task == task) {
      return id;
    }
  }
  FAIL("no entry of " << task);
  return {};
}

TEST_CASE("what was written reads back equal, so a second run writes nothing") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    adapter->SetFramework("framework-1");
    const Entries wanted = Rendered(*adapter, WebOn(subject));
    REQUIRE(wanted.size() >= 4);
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(Difference(*adapter, wanted) == "");
    const auto restarted = subject.Make(owner);
    restarted->SetFramework("framework-1");
    CHECK(Difference(*restarted, Rendered(*restarted, WebOn(subject))) == "");
  });
}

TEST_CASE("every detail of a profile and every condition reads back equal") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    Profile profile;
    profile.names = {"web", "web-too"};
    profile.tags = {"urlprefix-/web strip=/web", "b\"ä", "a"};
    profile.weight = 7;
    const std::string host = subject.hosts()[0];
    const Service service = MakeService("/shop/web",
                                        {{"web.1", host, 1},
                                         {"web.2", host, 65535, Condition::kCritical},
                                         {"web.3", host, 3, Condition::kDraining},
                                         {"web.4", host, 4, Condition::kUnknown}},
                                        profile);
    const Entries wanted = Rendered(*adapter, service);
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(Difference(*adapter, wanted) == "");
  });
}

TEST_CASE("instances at addresses of their own, of IPv6, read back equal and go again") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    Service service = WebOn(subject);
    for (auto& instance : service.instances) {
      auto own = std::make_shared<Instance>(*instance);
      own->address = std::string("fd00:32::").append(1, own->task.view().back());
      own->port = 8080;
      instance = std::move(own);
    }
    const Entries wanted = Rendered(*adapter, service);
    REQUIRE(wanted.size() >= 4);
    CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
    CHECK(Difference(*adapter, wanted) == "");
    CHECK(ErrorOf(WriteAll(*adapter, Deletes(wanted))) == "");
    CHECK(Difference(*adapter, {}) == "");
  });
}

TEST_CASE("a changed instance is changed in place") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    const std::string host = subject.hosts()[0];
    Entries before = Rendered(*adapter, MakeService("/web", {{"web.1", host}}));
    CHECK(AllOk(WriteAll(*adapter, Puts(before))));
    Profile profile;
    profile.names = {"renamed"};
    profile.tags = {"new"};
    for (const Condition condition :
         {Condition::kCritical, Condition::kDraining, Condition::kPassing, Condition::kCritical}) {
      const Entries wanted =
          Rendered(*adapter, MakeService("/web", {{"web.1", host, 32000, condition}}, profile));
      CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
      // Where an address is the identity, another one is another entry.
      std::erase_if(before, [&](const auto& entry) { return wanted.contains(entry.first); });
      CHECK(AllOk(WriteAll(*adapter, Deletes(before))));
      before.clear();
      CHECK(Difference(*adapter, wanted) == "");
    }
  });
}

TEST_CASE("a put of what is there and a delete of what is not are OK") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    const Entries wanted = Rendered(*adapter, WebOn(subject));
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    CHECK(Difference(*adapter, {}) == "");
  });
}

TEST_CASE("entries of others are neither seen nor touched") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    const Entries wanted = Rendered(*adapter, WebOn(subject));
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    subject.PutForeign(owner);
    CHECK(Difference(*adapter, wanted) == "");
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(subject.HasForeign(owner));
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    CHECK(subject.HasForeign(owner));
    CHECK(Difference(*adapter, {}) == "");
  });
}

TEST_CASE("two owners on one registry do not see each other", "[apart]") {
  OnEach([](Subject& subject, const std::string& owner) {
    if (!subject.shared()) {
      return;
    }
    // One is the beginning of the other, and so is all that they write but host and port.
    const auto one = subject.Make(owner), two = subject.Make(owner + "b");
    Profile profile;
    profile.names = {"web"};
    profile.hosts = {"two.service.consul"};
    const Entries of_one = Rendered(*one, WebOn(subject));
    const Entries of_two =
        Rendered(*two, MakeService("/webb", {{"web.11", subject.hosts()[0], 31005}}, profile));
    for (const bool swapped : {false, true}) {
      Adapter &first = swapped ? *two : *one, &second = swapped ? *one : *two;
      const Entries &of_first = swapped ? of_two : of_one, &of_second = swapped ? of_one : of_two;
      CHECK(AllOk(WriteAll(first, Puts(of_first))));
      CHECK(AllOk(WriteAll(second, Puts(of_second))));
      CHECK(Difference(first, of_first) == "");
      CHECK(Difference(second, of_second) == "");
      CHECK(AllOk(WriteAll(first, Deletes(of_first))));
      CHECK(Difference(first, {}) == "");
      CHECK(Difference(second, of_second) == "");
      CHECK(AllOk(WriteAll(second, Deletes(of_second))));
    }
  });
}

TEST_CASE("one bad change does not hold back the others") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    if (adapter->GetTraits().type == "memory") {
      return;  // takes anything; its own switches are tried in memory_test.cc
    }
    Entries wanted = Rendered(*adapter, WebOn(subject));
    const EntryId bad = EntryOf(wanted, "web.2");
    for (const char* address : {"", "0.0.0.0:80", "10.0.0.1:70000", "10.0.0.1:0"}) {
      Entries broken = wanted;
      broken[bad].fields["address"] = address;
      const std::vector<Change> changes = Puts(broken);
      const std::vector<absl::Status> results = WriteAll(*adapter, changes);
      for (size_t i = 0; i < changes.size(); ++i) {
        INFO(address << " " << changes[i].id.id << " " << Text(results[i]));
        CHECK(results[i].code() ==
              (changes[i].id == bad ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kOk));
      }
    }
    wanted.erase(bad);
    CHECK(Difference(*adapter, wanted) == "");
  });
}

TEST_CASE("no write starts after the permit's end or a cancellation") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    const Entries wanted = Rendered(*adapter, WebOn(subject));
    for (const absl::Status& result : WriteAll(*adapter, Puts(wanted), -std::chrono::seconds(1))) {
      CHECK(result.code() == absl::StatusCode::kDeadlineExceeded);
    }
    CancelSource source;
    source.request_stop();
    for (const Change& change : Puts(wanted)) {
      const std::vector<Change> one = {change};
      const auto results = adapter->Write(change.id.lane, one, MonoClock::now() + std::chrono::seconds(30),
                                          source.get_token());
      CHECK(results[0].code() == absl::StatusCode::kCancelled);
    }
    CHECK(Difference(*adapter, {}) == "");
  });
}

TEST_CASE("after a failed write or a lost answer the same again converges") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    const Entries wanted = Rendered(*adapter, WebOn(subject));
    for (const auto& fault : {subject.fail_next_write, subject.lose_next_answer}) {
      if (!fault) {
        continue;
      }
      fault();
      bool failed = false;
      for (const absl::Status& result : WriteAll(*adapter, Puts(wanted))) {
        failed = failed || !result.ok();
        CHECK((result.ok() || IsTransient(result)));
      }
      CHECK(failed);
      CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
      CHECK(Difference(*adapter, wanted) == "");
      fault();
      failed = false;
      for (const absl::Status& result : WriteAll(*adapter, Deletes(wanted))) {
        failed = failed || !result.ok();
      }
      CHECK(failed);
      CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
      CHECK(Difference(*adapter, {}) == "");
    }
  });
}

TEST_CASE("a read that fails, or is cut, is never a short OK") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    const Entries wanted = Rendered(*adapter, WebOn(subject));
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    REQUIRE(Difference(*adapter, wanted) == "");
    for (const auto& fault : subject.break_next_read) {
      // In a later request each time, until one read needs no more.
      fault();
      CHECK(!ReadAll(*adapter).ok());
      CHECK(Difference(*adapter, wanted) == "");
    }
  });
}

TEST_CASE("a powerless token is an error, for reads and for writes") {
  OnEach([](Subject& subject, const std::string& owner) {
    if (!subject.deny) {
      return;  // the real one has a case of its own, with its real tokens
    }
    const auto adapter = subject.Make(owner);
    const Entries wanted = Rendered(*adapter, WebOn(subject));
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    subject.deny(true);
    const auto restarted = subject.Make(owner);
    for (const auto& each : {adapter.get(), restarted.get()}) {
      CHECK(ReadAll(*each).status().code() == absl::StatusCode::kPermissionDenied);
      CHECK(each->Read(wanted.begin()->first.lane, Cancel(), [](Entry) {}).code() ==
            absl::StatusCode::kPermissionDenied);
    }
    for (const absl::Status& result : WriteAll(*adapter, Deletes(wanted))) {
      CHECK(result.code() == absl::StatusCode::kPermissionDenied);
    }
    subject.deny(false);
    CHECK(Difference(*adapter, wanted) == "");
  });
}

TEST_CASE("after the registry lost its data everything can be written again") {
  OnEach([](Subject& subject, const std::string& owner) {
    if (!subject.lose_data) {
      return;
    }
    const auto adapter = subject.Make(owner);
    const Entries wanted = Rendered(*adapter, WebOn(subject));
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    subject.lose_data();
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));  // without a read: its memory is wrong
    CHECK(Difference(*adapter, wanted) == "");
    subject.lose_data();
    CHECK(Difference(*adapter, {}) == "");
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
  });
}

TEST_CASE("a write that hangs is broken off by its cancel") {
  OnEach([](Subject& subject, const std::string& owner) {
    if (!subject.hold) {
      return;
    }
    const auto adapter = subject.Make(owner);
    const std::vector<Change> changes =
        Puts(Rendered(*adapter, MakeService("/web", {{"web.1", subject.hosts()[0]}})));
    const std::vector<Change> last = {changes.back()};
    subject.hold(true);
    CancelSource source;
    std::vector<absl::Status> results;
    std::thread writer([&] {
      results = adapter->Write(last[0].id.lane, last, MonoClock::now() + std::chrono::seconds(60),
                               source.get_token());
    });
    source.request_stop();
    writer.join();
    subject.hold(false);
    REQUIRE(results.size() == 1);
    CHECK(results[0].code() == absl::StatusCode::kCancelled);
  });
}

TEST_CASE("a dead lane costs only itself") {
  OnEach([](Subject& subject, const std::string& owner) {
    if (!subject.kill_host) {
      return;
    }
    const auto adapter = subject.Make(owner);
    CHECK(adapter->GetTraits().lanes);
    const std::string dead = subject.hosts()[1];
    subject.kill_host(dead, true);
    const std::vector<Change> changes = Puts(Rendered(*adapter, WebOn(subject)));
    const std::vector<absl::Status> results = WriteAll(*adapter, changes);
    for (size_t i = 0; i < changes.size(); ++i) {
      CHECK(results[i].code() ==
            (changes[i].id.lane == dead ? absl::StatusCode::kUnavailable : absl::StatusCode::kOk));
    }
    subject.kill_host(dead, false);
    CHECK(AllOk(WriteAll(*adapter, changes)));
    CHECK(Difference(*adapter, Rendered(*adapter, WebOn(subject))) == "");
  });
}

TEST_CASE("claims, exposure and refusals") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    Service service = WebOn(subject);
    const auto rendered = adapter->Render(service);
    CHECK(rendered.published);
    if (adapter->GetTraits().tier == Tier::kDiscovery) {
      CHECK(rendered.claims == std::vector<Claim>{{"name web", false}});
    }
    CHECK(!rendered.claims.empty());
    for (const Claim& claim : rendered.claims) {
      CHECK(!claim.shared);
    }
    Profile profile = *service.profile;
    profile.adapters = {"another"};
    service.profile = std::make_shared<const Profile>(profile);
    CHECK(!adapter->Render(service).published);
    CHECK(adapter->Render(service).refusal.empty());
    CHECK(adapter->Render(service).unasked.find("is another: add ") != std::string::npos);
    profile.adapters.clear();
    profile.refusal = "dispatcher.enable is false";
    profile.off = true;
    service.profile = std::make_shared<const Profile>(profile);
    CHECK(!adapter->Render(service).published);
    CHECK(adapter->Render(service).refusal.empty());
    CHECK(adapter->Render(service).unasked == "dispatcher.enable is false");
    profile.off = false;
    profile.refusal = "bad label";
    service.profile = std::make_shared<const Profile>(profile);
    CHECK(!adapter->Render(service).published);
    CHECK(adapter->Render(service).refusal == "bad label");
    service.profile = nullptr;
    CHECK(adapter->Render(service).published);
    CHECK(adapter->Render(service).claims.empty());
  });
}

}  // namespace
}  // namespace dispatcher::testing
