// What is particular to the catalog mode: transactions, nodes, checks, tokens.
#include <fstream>

#include "adapters/consul/catalog_adapter.h"
#include "adapters/consul/registration.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/fake_consul.h"

namespace dispatcher::testing {
namespace {

std::unique_ptr<Adapter> Catalog(const FakeConsul& fake, const std::string& token_file = "") {
  ConsulOptions options;
  options.url = fake.url();
  options.token_file = token_file;
  return *MakeConsulAdapter(options);
}

Service Tasks(int count, int hosts, const std::string& app = "/web") {
  std::vector<TaskSpec> tasks;
  for (int i = 0; i < count; ++i) {
    tasks.push_back({app.substr(1) + "." + std::to_string(i), "10.0.0." + std::to_string(i % hosts + 1)});
  }
  return MakeService(app, tasks);
}

TEST_CASE("changes go in transactions of 64 operations, nodes among them") {
  FakeConsul fake;
  const auto adapter = Catalog(fake);
  const Entries wanted = Rendered(*adapter, Tasks(124, 4));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(fake.transactions() == 2);  // 124 services on 4 nodes
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(fake.transactions() == 4);
  CHECK(Difference(*adapter, wanted) == "");
}

TEST_CASE("a host's node goes in the transaction that empties it, and comes back when needed") {
  FakeConsul fake;
  const auto adapter = Catalog(fake);
  const Entries wanted = Rendered(*adapter, Tasks(8, 2));
  for (int round = 0; round < 2; ++round) {
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(fake.HasNode("dispatcher-10-0-0-1"));
    const int before = fake.transactions();
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    CHECK(fake.transactions() == before + 1);
    CHECK(!fake.HasNode("dispatcher-10-0-0-1"));
    CHECK(!fake.HasNode("dispatcher-10-0-0-2"));
  }
}

TEST_CASE("a node is emptied of the last task even by an adapter that has just started") {
  FakeConsul fake;
  const Entries wanted = Rendered(*Catalog(fake), Tasks(3, 1));
  CHECK(AllOk(WriteAll(*Catalog(fake), Puts(wanted))));
  CHECK(AllOk(WriteAll(*Catalog(fake), Deletes(wanted))));
  CHECK(!fake.HasNode("dispatcher-10-0-0-1"));
}

TEST_CASE("an empty node that was left behind is an entry, and can be deleted") {
  FakeConsul fake;
  const auto adapter = Catalog(fake);
  fake.PutNodeMeta("dispatcher-ghost", {{"dispatcher-owner", "dispatcher"}});
  const absl::StatusOr<Entries> found = ReadAll(*adapter);
  REQUIRE(found.ok());
  REQUIRE(found->size() == 1);
  CHECK(found->begin()->first.kind == "node");
  SECTION("still empty") {
    CHECK(AllOk(WriteAll(*adapter, Deletes(*found))));
    CHECK(!fake.HasNode("dispatcher-ghost"));
  }
  SECTION("used meanwhile") {
    fake.PutService("dispatcher-ghost", "stranger", "web");
    CHECK(AllOk(WriteAll(*adapter, Deletes(*found))));
    CHECK(fake.HasNode("dispatcher-ghost"));
  }
}

TEST_CASE("somebody else's node of the same name is refused by name, and nothing else is") {
  FakeConsul fake;
  const auto adapter = Catalog(fake);
  fake.PutNodeMeta("dispatcher-10-0-0-1", {{"dispatcher-owner", "other"}});
  const std::vector<Change> changes = Puts(Rendered(*adapter, Tasks(4, 2)));
  const std::vector<absl::Status> results = WriteAll(*adapter, changes);
  for (size_t i = 0; i < changes.size(); ++i) {
    const bool taken = changes[i].id.id.starts_with("dispatcher-10-0-0-1/");
    CHECK(results[i].code() == (taken ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kOk));
  }
}

TEST_CASE("a service that carries our id without our mark is neither overwritten nor deleted") {
  FakeConsul fake;
  const auto adapter = Catalog(fake);
  const Entries wanted = Rendered(*adapter, Tasks(2, 1));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  fake.PutService("dispatcher-10-0-0-1", ServiceId("dispatcher", "web.0", 0, 0), "taken");
  REQUIRE(ReadAll(*adapter).ok());
  for (const auto& changes : {Puts(wanted), Deletes(wanted)}) {
    const std::vector<absl::Status> results = WriteAll(*adapter, changes);
    CHECK(results[0].code() == absl::StatusCode::kFailedPrecondition);
    CHECK(results[1].ok());
  }
  CHECK(fake.HasService("dispatcher-10-0-0-1", ServiceId("dispatcher", "web.0", 0, 0)));
}

TEST_CASE("operations refused for want of rights cost their own changes only") {
  FakeConsul fake;
  const auto adapter = Catalog(fake);
  fake.DenyNodes("dispatcher-10-0-0-2");
  const std::vector<Change> changes = Puts(Rendered(*adapter, Tasks(100, 2)));
  const std::vector<absl::Status> results = WriteAll(*adapter, changes);
  for (size_t i = 0; i < changes.size(); ++i) {
    const bool denied = changes[i].id.id.starts_with("dispatcher-10-0-0-2/");
    CHECK(results[i].code() == (denied ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kOk));
  }
}

TEST_CASE("a token exchanged in its file is taken up when the old one is refused") {
  FakeConsul fake;
  TempDir dir;
  const std::string file = dir.path() + "/token";
  std::ofstream(file) << "old\n";
  const auto adapter = Catalog(fake, file);
  const Entries wanted = Rendered(*adapter, Tasks(3, 1));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  fake.SetDenied({"old"});
  CHECK(ReadAll(*adapter).status().code() == absl::StatusCode::kPermissionDenied);
  std::ofstream(file) << "new\n";
  CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
  CHECK(Difference(*adapter, {}) == "");
}

TEST_CASE("smaller limits of an agent are found out") {
  FakeConsul fake;
  fake.SetMaxOperations(5);
  const auto adapter = Catalog(fake);
  const Entries wanted = Rendered(*adapter, Tasks(40, 2));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(Difference(*adapter, wanted) == "");
}

TEST_CASE("big entries are spread over transactions by their size") {
  FakeConsul fake;
  const auto adapter = Catalog(fake);
  Profile profile;
  profile.names = {"web"};
  profile.tags = {std::string(90'000, 'x')};
  std::vector<TaskSpec> tasks;
  for (int i = 0; i < 9; ++i) {
    tasks.push_back({"web." + std::to_string(i), "10.0.0.1"});
  }
  const Entries wanted = Rendered(*adapter, MakeService("/web", tasks, profile));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(fake.transactions() == 3);
}

TEST_CASE("other hands' changes show up as differences, field by field") {
  FakeConsul fake;
  const auto adapter = Catalog(fake);
  const Entries wanted = Rendered(*adapter, Tasks(1, 1));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  const std::string id = ServiceId("dispatcher", "web.0", 0, 0);
  fake.PutService("dispatcher-10-0-0-1", id, "renamed", R"({"dispatcher-owner":"dispatcher"})");
  CHECK(Difference(*adapter, wanted) != "");
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(Difference(*adapter, wanted) == "");
}

TEST_CASE("node names are Consul's, and differ where hosts do") {
  struct Case {
    std::string host, node;
  };
  for (const Case& c : std::vector<Case>{{"10.0.0.1", "o-10-0-0-1"},
                                         {"Node-1.example.com", "o-node-1-example-com"},
                                         {"a_b", "o-a-b-"},
                                         {"fe80::1", "o-fe80--1-"},
                                         {std::string(80, 'x'), "o-" + std::string(52, 'x') + "-"}}) {
    INFO(c.host);
    CHECK(NodeName("o", c.host).starts_with(c.node));
    CHECK(NodeName("o", c.host).size() <= 63);
  }
  CHECK(NodeName("o", "a_b") != NodeName("o", "a:b"));
  CHECK(NodeName("o", std::string(80, 'x')) != NodeName("o", std::string(81, 'x')));
}

TEST_CASE("no service id is a prefix of another") {
  std::vector<std::string> ids;
  for (const char* task : {"web.1", "web.1.3", "web.11"}) {
    for (const int port : {0, 1, 10}) {
      for (const size_t name : {0, 1, 10}) {
        ids.push_back(ServiceId("dispatcher", task, port, name));
      }
    }
  }
  for (const std::string& one : ids) {
    for (const std::string& other : ids) {
      CHECK((&one == &other || !other.starts_with(one)));
    }
  }
}

TEST_CASE("settings that can't be are refused by name") {
  const auto code = [](auto change) {
    ConsulOptions options;
    change(options);
    const auto adapter = MakeConsulAdapter(options);
    return adapter.ok() ? std::string() : std::string(Message(adapter.status()));
  };
  CHECK(code([](ConsulOptions&) {}).empty());
  CHECK(code([](ConsulOptions& o) { o.mode = "x"; }).find("adapters.consul.mode") != std::string::npos);
  CHECK(code([](ConsulOptions& o) { o.publish = "x"; }).find("publish") != std::string::npos);
  CHECK(code([](ConsulOptions& o) { o.expose = "x"; }).find("expose") != std::string::npos);
  CHECK(code([](ConsulOptions& o) { o.owner = "A-b"; }).find("owner") != std::string::npos);
  CHECK(code([](ConsulOptions& o) {
          o.token_file = "/nowhere";
        }).find("adapters.consul.token_file: /nowhere") != std::string::npos);
  CHECK(code([](ConsulOptions& o) { o.mode = "agent", o.agent_url = "http://a:1"; }).find("{host}") !=
        std::string::npos);
  const std::string secret = code([](ConsulOptions& o) { o.url = "http://user:secret@host:8500"; });
  CHECK(secret.find("adapters.consul.url") != std::string::npos);
  CHECK(secret.find("secret") == std::string::npos);
}

TEST_CASE("real Consul: rights decide, and a powerless token reads nothing but errors") {
  std::string why;
  RealConsul* real = SharedConsul(why);
  if (real == nullptr) {
    WARN("skipped: " << why);
    return;
  }
  TempDir dir;
  const std::string file = dir.path() + "/token";
  const std::string owner = FreshOwner();
  ConsulOptions options;
  options.owner = owner;
  options.url = real->guarded->url();
  options.token_file = file;
  const auto with = [&](const std::string& rules) {
    const auto token = real->guarded->CreateToken(rules);
    REQUIRE(token.status() == absl::OkStatus());
    std::ofstream(file) << *token;
    return *MakeConsulAdapter(options);
  };
  const std::string enough =
      R"(service_prefix "" {policy="write"} node_prefix "" {policy="read"} node_prefix ")" + owner +
      R"(-" {policy="write"})";
  const auto adapter = with(enough);
  const Entries wanted = Rendered(*adapter, Tasks(70, 3));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(Difference(*adapter, wanted) == "");
  for (const char* rules : {R"(key_prefix "x" {policy="read"})", R"(node_prefix "" {policy="read"})",
                            R"(service_prefix "" {policy="write"})"}) {
    INFO(rules);
    const auto powerless = with(rules);
    CHECK(ReadAll(*powerless).status().code() == absl::StatusCode::kPermissionDenied);
    for (const absl::Status& result : WriteAll(*powerless, Puts(Rendered(*powerless, Tasks(1, 1, "/new"))))) {
      CHECK(result.code() != absl::StatusCode::kOk);
    }
  }
  std::ofstream(file) << "no-such-token";
  const auto unknown = *MakeConsulAdapter(options);
  CHECK(ReadAll(*unknown).status().code() == absl::StatusCode::kUnauthenticated);
  const auto again = with(enough + " ");
  CHECK(Difference(*again, wanted) == "");
  CHECK(AllOk(WriteAll(*again, Deletes(wanted))));
  const auto nodes = real->guarded->Get("/v1/catalog/nodes");
  REQUIRE(nodes.ok());
  CHECK(nodes->root().size() == 1);
}

TEST_CASE("real Consul: what is critical or draining does not serve, what is unknown does") {
  std::string why;
  RealConsul* real = SharedConsul(why);
  if (real == nullptr) {
    WARN("skipped: " << why);
    return;
  }
  const auto adapter = *MakeConsulAdapter(RealOptions(*real, FreshOwner(), "catalog"));
  const auto serving = [&] {
    const auto health = real->server->Get("/v1/health/service/conditions?passing");
    return health.ok() ? health->root().size() : 99;
  };
  struct Case {
    Condition condition;
    size_t serving;
  };
  for (const Case& c :
       {Case{Condition::kUnknown, 1}, Case{Condition::kCritical, 0}, Case{Condition::kPassing, 1},
        Case{Condition::kDraining, 0}, Case{Condition::kUnknown, 1}}) {
    const Service service = MakeService("/conditions", {{"conditions.1", "10.0.0.1", 80, c.condition}});
    CHECK(AllOk(WriteAll(*adapter, Puts(Rendered(*adapter, service)))));
    CHECK(serving() == c.serving);
  }
}

TEST_CASE("real Consul: a check that is left over is found and goes") {
  std::string why;
  RealConsul* real = SharedConsul(why);
  if (real == nullptr) {
    WARN("skipped: " << why);
    return;
  }
  const ConsulOptions options = RealOptions(*real, FreshOwner(), "catalog");
  const auto before = *MakeConsulAdapter(options);
  const auto tasks = [](Condition condition) {
    return MakeService("/leftover", {{"leftover.1", "10.0.0.1", 80, condition}});
  };
  CHECK(AllOk(WriteAll(*before, Puts(Rendered(*before, tasks(Condition::kCritical))))));
  const auto restarted = *MakeConsulAdapter(options);
  const Entries wanted = Rendered(*restarted, tasks(Condition::kPassing));
  CHECK(AllOk(WriteAll(*restarted, Puts(wanted))));  // knows of no check, so it leaves one
  REQUIRE(ReadAll(*restarted).ok());
  CHECK(AllOk(WriteAll(*restarted, Puts(wanted))));
  CHECK(Difference(*restarted, wanted) == "");
}

}  // namespace
}  // namespace dispatcher::testing
