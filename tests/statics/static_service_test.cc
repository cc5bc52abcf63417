#include "dispatcher/statics/static_service.h"

#include "dispatcher/model/names.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::seconds;
using Words = std::vector<std::string>;

const Mono kStart{seconds(1000)};

StaticSpec Targets(std::vector<std::string> targets, std::string health_path = "") {
  StaticSpec spec;
  spec.name = "docs";
  spec.targets = std::move(targets);
  spec.hosts = {"docs.example.com"};
  spec.health_path = std::move(health_path);
  return spec;
}

StaticSpec Leader(StaticKind kind) {
  StaticSpec spec;
  spec.name = "marathon";
  spec.kind = kind;
  spec.hosts = {"marathon.example.com"};
  return spec;
}

// "10.0.0.1:80 yes passing" for each instance.
Words Of(const StaticService& service) {
  Words words;
  for (const auto& instance : service.Build()->instances) {
    words.push_back(instance->address + ":" + std::to_string(instance->port) + " " +
                    std::string(Name(instance->want)) + " " + std::string(Name(instance->condition)));
  }
  return words;
}

const absl::Status kDown = absl::UnavailableError("connection refused");

TEST_CASE("Targets that nobody asks are all there, under a key that no app can have") {
  const StaticService service(Targets({"10.0.0.2:81", "[::1]:80"}));
  CHECK(Of(service) == Words{"::1:80 yes passing", "10.0.0.2:81 yes passing"});
  const Service& built = *service.Build();
  CHECK(built.key == ServiceKey{"static.docs", 0});
  CHECK(IsStatic(built.key));
  CHECK(built.want == Want::kYes);
  CHECK(built.complete);
  CHECK(built.profile->names == Words{"docs"});
  CHECK(built.profile->hosts == Words{"docs.example.com"});
  CHECK(built.profile->http);
  CHECK(built.profile->routed);
  CHECK(built.profile->labelled);
  CHECK(built.instances[1]->task == "static.docs.10.0.0.2_81");
  CHECK(built.instances[0]->task == "static.docs.--1_80");
  CHECK_FALSE(service.NextDeadline());
}

TEST_CASE("A target is unknown until it answers, critical after three failures, well after one success") {
  StaticService service(Targets({"10.0.0.1:80"}, "/ok"));
  Mono now = kStart;
  CHECK(Of(service) == Words{"10.0.0.1:80 if-there unknown"});
  const auto ask = [&](const absl::Status& answer) {
    REQUIRE(service.NextDeadline().value() <= now);
    const auto due = service.Due(now);
    REQUIRE(due.size() == 1);
    CHECK_FALSE(due[0].leader);
    CHECK(due[0].target == "10.0.0.1:80");
    CHECK(service.Due(now).empty());  // asked once at a time
    CHECK_FALSE(service.NextDeadline());
    service.Probed(due[0].target, answer, now);
    CHECK(service.NextDeadline() == now + seconds(5));
    CHECK(service.Due(now + seconds(4)).empty());
    now += seconds(5);
    return Of(service);
  };
  CHECK(ask(kDown) == Words{"10.0.0.1:80 if-there unknown"});
  CHECK(ask(absl::OkStatus()) == Words{"10.0.0.1:80 yes passing"});
  const auto built = service.Build();
  CHECK(built->instances[0]->since == now - seconds(5));
  CHECK(ask(kDown) == Words{"10.0.0.1:80 yes passing"});
  CHECK(ask(kDown) == Words{"10.0.0.1:80 yes passing"});
  CHECK(service.Build() == built);  // the very same object
  CHECK(ask(kDown) == Words{"10.0.0.1:80 yes critical"});
  CHECK(service.Build()->instances[0]->reason == "its health path fails: UNAVAILABLE: connection refused");
  CHECK(ask(kDown) == Words{"10.0.0.1:80 yes critical"});
  CHECK(ask(absl::OkStatus()) == Words{"10.0.0.1:80 yes passing"});
  CHECK(ask(kDown) == Words{"10.0.0.1:80 yes passing"});
}

TEST_CASE("A leader is followed, the one before is gone at once, and silence changes nothing") {
  StaticService service(Leader(GENERATE(StaticKind::kMarathonLeader, StaticKind::kMesosLeader)));
  CHECK(Of(service).empty());
  CHECK_FALSE(service.Build()->complete);  // nothing is known to be gone
  REQUIRE(service.Due(kStart).size() == 1);
  CHECK(service.Due(kStart).empty());
  service.LeaderIs(absl::NotFoundError("no leader"), kStart);
  CHECK(Of(service).empty());
  CHECK(service.NextDeadline() == kStart + seconds(5));
  CHECK(service.Due(kStart + seconds(5))[0].leader);
  service.LeaderIs(std::string("m1:8080"), kStart);
  CHECK(Of(service) == Words{"m1:8080 yes passing"});
  CHECK(service.Build()->complete);
  const auto built = service.Build();
  for (const absl::StatusOr<std::string>& answer :
       {absl::StatusOr<std::string>(kDown), absl::StatusOr<std::string>(""),
        absl::StatusOr<std::string>("m1"), absl::StatusOr<std::string>("m1:8080")}) {
    service.LeaderIs(answer, kStart);
    CHECK(service.Build() == built);
  }
  service.LeaderIs(std::string("m2:8080"), kStart + seconds(7));
  CHECK(Of(service) == Words{"m1:8080 no draining", "m2:8080 yes passing"});
  CHECK(service.Build()->instances[0]->why == Why::kEvent);
  CHECK(service.Build()->instances[0]->reason == "m2:8080 leads now");
  CHECK(service.Build()->instances[0]->since == kStart + seconds(7));
  service.LeaderIs(std::string("m1:8080"), kStart);
  CHECK(Of(service) == Words{"m1:8080 yes passing", "m2:8080 no draining"});
}

TEST_CASE("A leader that is probed, too, is published before its first answer") {
  StaticSpec spec = Leader(StaticKind::kMarathonLeader);
  spec.health_path = "/ping";
  StaticService service(spec);
  REQUIRE(service.Due(kStart).size() == 1);
  service.LeaderIs(std::string("m1:8080"), kStart);
  CHECK(Of(service) == Words{"m1:8080 yes unknown"});
  const auto due = service.Due(kStart);
  REQUIRE(due.size() == 1);
  CHECK(due[0].target == "m1:8080");
  service.LeaderIs(std::string("m2:8080"), kStart);
  service.Probed("m1:8080", absl::OkStatus(), kStart);  // too late to matter
  CHECK(Of(service) == Words{"m1:8080 no draining", "m2:8080 yes unknown"});
  CHECK(service.Due(kStart)[0].target == "m2:8080");
  for (int i = 0; i < 3; ++i) {
    service.Probed("m2:8080", kDown, kStart);
  }
  CHECK(Of(service) == Words{"m1:8080 no draining", "m2:8080 yes critical"});
}

TEST_CASE("Where a Mesos master redirects to") {
  struct Case {
    std::string location, leader;
  };
  const std::vector<Case> cases = {
      {"//10.0.0.1:5050", "10.0.0.1:5050"},
      {"http://10.0.0.1:5050/", "10.0.0.1:5050"},
      {"//m1.example.com", "m1.example.com:5050"},
      {"https://[::1]:5051/x", "[::1]:5051"},
      {"//[::1]", "[::1]:5050"},
      {"", ""},
      {"/master", ""},
      {"//", ""},
      {"//a b:1", ""},
      {"//a:0", ""},
  };
  for (const Case& c : cases) {
    INFO(c.location);
    CHECK(LeaderOfRedirect(c.location).value_or("") == c.leader);
  }
}

}  // namespace
}  // namespace dispatcher
