// What is particular to Kong: versions, contracts of targets, plugins, strangers.
#include <fstream>

#include "adapters/kong/names.h"
#include "adapters/kong/version.h"
#include "adapters/publish.h"
#include "dispatcher/base/strings.h"
#include "tests/contract/kong_subjects.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("Kong: versions are read whatever the edition") {
  for (const auto& [text, expected] :
       std::map<std::string, std::string>{{"0.14.1", "0.14.1"},
                                          {"3.9.3", "3.9.3"},
                                          {"3.4.3.1", "3.4.3"},
                                          {"0.36-2-enterprise-edition", "0.36.0"},
                                          {"2.8.5.4-enterprise-edition", "2.8.5"},
                                          {"", ""},
                                          {"3", ""},
                                          {"x.y", ""}}) {
    const auto version = KongVersion::Parse(text);
    CHECK((version ? version->Text() : "") == expected);
  }
}

TEST_CASE("Kong: names, ids and tags can be read back") {
  for (const char* app : {"/web", "/shop/cart", "/a.b/c-d", "/odd_one", "/X", "/a/__5f", "static:mesos"}) {
    const ServiceKey key{app, 3};
    const std::string body = BodyOf(key);
    INFO(body);
    CHECK(body.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos);
    CHECK(KeyOfBody(body) == key);
    CHECK(BodyOfName("o", KongName("o", body)) == body);
    CHECK(BodyOfName("ox", KongName("o", body)).empty());
    const auto id = ParseId("o", TargetId("o", body, "[::1]:80"));
    REQUIRE(id);
    CHECK(id->body == body);
    CHECK(id->address == "[::1]:80");
    KongMark mark;
    mark.owner = "o";
    mark.body = body;
    mark.key = key;
    mark.task = "odd_one.1,a/b%41 c";
    mark.framework = "f-0001";
    JsonWriter json;
    json.BeginArray();
    for (const std::string& tag : TagsOf(mark)) {
      CHECK(tag.find_first_of(",/ ") == std::string::npos);
      json.String(tag);
    }
    json.String("theirs").EndArray();
    const auto tags = JsonDocument::Parse(json.text());
    const KongMark read = ParseMark(tags->root());
    CHECK(read.task == mark.task);
    CHECK(read.key == key);
    CHECK(read.framework == "f-0001");
    CHECK(OtherTags(tags->root()) == std::vector<std::string>{"theirs"});
  }
  CHECK(BodyOf(ServiceKey{"/shop/cart", 0}) == "_shop_cart.0");
  CHECK(!KeyOfBody("web"));
  CHECK(!KeyOfBody("_web.x"));
  CHECK(!ParseId("o", "o._web.0"));
  CHECK(ShortAddress("[0000:0000:0000:0000:0000:0000:0000:0001]:80") == "[::1]:80");
  CHECK(ShortAddress("db.test:80") == "db.test:80");
}

TEST_CASE("Kong: what is there already is not written again, in any version") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web());
      REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
      for (const auto& [what, count] : rig.kong().Writes()) {
        INFO(what);
        CHECK(count <= 2);  // POST, of each target
        CHECK(what.starts_with("POST "));
      }
      rig.kong().Reset();
      CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
      CHECK(AllOk(WriteAll(**MakeKongAdapter(rig.Options()), Puts(wanted))));
      CHECK(rig.kong().Writes().empty());
    }
  }
}

TEST_CASE("Kong: a change is a PATCH of what differs, or a new row of history until 2.1") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      REQUIRE(AllOk(WriteAll(*adapter, Puts(Rendered(*adapter, Web())))));
      rig.kong().Reset();
      Profile profile;
      profile.names = {"web"};
      profile.weight = 5;
      profile.hosts = {"web.service.consul", "Other.Test"};
      const Entries wanted =
          Rendered(*adapter, MakeService("/web", {{"web.1", "10.0.0.1"}, {"web.2", "10.0.0.2"}}, profile));
      CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
      CHECK(Difference(*adapter, wanted) == "");
      const auto writes = rig.kong().Writes();
      CHECK(Total(writes) == 3);
      const bool history = version.starts_with("0.");
      for (const auto& [what, count] : writes) {
        INFO(what);
        CHECK(what.starts_with(history && what.find("/targets") != std::string::npos ? "POST " : "PATCH "));
      }
    }
  }
}

TEST_CASE("Kong: a task that takes over an address keeps the target and changes its mark") {
  KongRig rig("3.9.3");
  const auto adapter = *MakeKongAdapter(rig.Options());
  REQUIRE(AllOk(WriteAll(*adapter, Puts(Rendered(*adapter, Web({{"web.1", "10.0.0.1"}}))))));
  const Entries merged = Rendered(*adapter, Web({{"web.1", "10.0.0.1"}, {"web.2", "10.0.0.1"}}));
  CHECK(merged.size() == 3);  // upstream, service and one target for both
  const Entries wanted = Rendered(*adapter, Web({{"web.2", "10.0.0.1"}}));
  const std::string id = IdOf(rig, "/upstreams/dispatcher._web.0/targets");
  rig.kong().Reset();
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(rig.kong().Writes() ==
        std::map<std::string, int>{{"PATCH /upstreams/dispatcher._web.0/targets/" + id, 1}});
  CHECK(Difference(*adapter, wanted) == "");
}

TEST_CASE("Kong: IPv6 targets are found again in every version") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web({{"web.1", "0:0::0:1"}, {"web.2", "fd00::2"}}));
      CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
      CHECK(Difference(*adapter, wanted) == "");
      CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
      CHECK(Difference(*adapter, {}) == "");
    }
  }
}

TEST_CASE("Kong: connections that it closes after 100 requests cost nothing") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      std::vector<TaskSpec> tasks;
      for (int i = 0; i < 220; ++i) {
        tasks.push_back({"web." + std::to_string(i), "10.0.0.1", static_cast<uint16_t>(1000 + i)});
      }
      const Entries wanted = Rendered(*adapter, Web(tasks));
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

// One server that says its name to every request, and the host it was asked for.
struct Backend {
  explicit Backend(std::string name) {
    server.HandleRest([name = std::move(name)](const HttpCall& call) {
      HttpReply reply;
      reply.body = name + " " + std::string(FindHeader(call.headers, "Host")) + " " + call.path;
      return reply;
    });
    REQUIRE(server.Start("127.0.0.1", 0) == absl::OkStatus());
  }
  HttpServer server;
};

std::string Through(KongRig& rig, const std::string& host, const std::string& path) {
  HttpClientOptions options;
  options.base = *Url::Parse(rig.kong().proxy_url());
  HttpRequest request;
  request.target = path;
  request.headers = {{"Host", host}};
  const auto response = HttpClient(options).Call(request, Cancel());
  return response.ok() ? std::to_string(response->status) + " " + response->body : Text(response.status());
}

TEST_CASE("Kong: requests reach the instances in turn, by host, in every version") {
  for (const std::string version : {"0.10.4", "0.14.1", "2.8.5", "3.9.3", "3.9.3 DB-less"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version.substr(0, version.find(' ')), version.find(' ') != std::string::npos);
      const auto adapter = *MakeKongAdapter(rig.Options());
      Backend one("one"), two("two");
      const Entries wanted =
          Rendered(*adapter, Web({{"web.1", "127.0.0.1", static_cast<uint16_t>(one.server.port())},
                                  {"web.2", "127.0.0.1", static_cast<uint16_t>(two.server.port())}}));
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      std::map<std::string, int> seen;
      for (int i = 0; i < 10; ++i) {
        ++seen[Through(rig, "web.service.consul", "/x")];
      }
      CHECK(seen == std::map<std::string, int>{{"200 one web.service.consul /x", 5},
                                               {"200 two web.service.consul /x", 5}});
      CHECK(Through(rig, "else.service.consul", "/x").starts_with("404 "));
      CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
      CHECK(Through(rig, "web.service.consul", "/x").starts_with("404 "));
    }
  }
}

TEST_CASE("Kong: a route that comes late, as from 3.0 on") {
  KongRig rig("3.9.3");
  rig.kong().SetFaults({.routes_late_ms = 200});
  const auto adapter = *MakeKongAdapter(rig.Options());
  Backend one("one");
  CHECK(Through(rig, "web.service.consul", "/").starts_with("404 "));
  REQUIRE(AllOk(WriteAll(
      *adapter,
      Puts(Rendered(*adapter, Web({{"web.1", "127.0.0.1", static_cast<uint16_t>(one.server.port())}}))))));
  CHECK(Through(rig, "web.service.consul", "/").starts_with("404 "));
  CHECK(WaitFor([&] { return Through(rig, "web.service.consul", "/").starts_with("200 one"); }));
}

TEST_CASE("Kong: mode router sends everything to the router at the service's port") {
  for (const std::string version : {"0.8.3", "0.10.4", "0.14.1", "2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      Backend router("router");
      KongOptions options = rig.Options();
      options.mode = "router";
      options.router_url = "http://127.0.0.1";
      const auto adapter = *MakeKongAdapter(options);
      Profile profile;
      profile.service_port = router.server.port();
      profile.strip_path = true;  // the router's business
      profile.paths = {"/shop"};
      const Entries wanted = Rendered(*adapter, MakeService("/web", {{"web.1", "10.0.0.1"}}, profile));
      CHECK(wanted.size() == 1);
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
      CHECK(Through(rig, "web.service.consul", "/shop/x") == "200 router web.service.consul /shop/x");
      CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
      CHECK(Difference(*adapter, {}) == "");
    }
  }
  KongOptions options;
  options.mode = "router";
  CHECK(!MakeKongAdapter(options).ok());
  options.router_url = "http://vulcand";
  options.expose = "all";
  Service service = Web();
  Profile profile = *service.profile;
  profile.service_port = 0;
  service.profile = std::make_shared<const Profile>(profile);
  CHECK((*MakeKongAdapter(options))->Render(service).refusal.find("servicePort") != std::string::npos);
}

TEST_CASE("Kong: before 0.10 there are no targets, and one host for an API") {
  KongRig rig("0.8.3");
  const auto targets = *MakeKongAdapter(rig.Options());
  const absl::Status refused = ReadAll(*targets).status();
  CHECK(refused.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Text(refused).find("mode: router") != std::string::npos);
  KongOptions options = rig.Options();
  options.mode = "router";
  options.router_url = "http://vulcand";
  const auto adapter = *MakeKongAdapter(options);
  Profile profile;
  profile.hosts = {"a.test", "b.test"};
  const auto results = WriteAll(*adapter, Puts(Rendered(*adapter, MakeService("/web", {}, profile))));
  CHECK(results[0].code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("Kong: half of what was written is seen and mended") {
  KongRig rig("3.9.3");
  const auto adapter = *MakeKongAdapter(rig.Options());
  const Entries wanted = Rendered(*adapter, Web());
  REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
  SECTION("a service without its route") {
    rig.Call("DELETE", "/routes/dispatcher.web");
    CHECK(Difference(*adapter, wanted).find("different dispatcher._web.0.~") != std::string::npos);
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(Difference(*adapter, wanted) == "");
  }
  SECTION("a route without its service") {
    rig.Call("PATCH", "/routes/dispatcher.web", R"({"service":null})");
    const auto found = ReadAll(*adapter);
    REQUIRE(found.ok());
    const EntryId lone{"", "route", IdOf(rig, "/routes")};
    REQUIRE(found->contains(lone));
    CHECK(AllOk(WriteAll(*adapter, Deletes({{lone, found->at(lone)}}))));
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(Difference(*adapter, wanted) == "");
  }
  SECTION("every detail by other hands") {
    for (const auto& [path, body] : std::map<std::string, std::string>{
             {"/routes/dispatcher.web", R"({"hosts":["else.test"],"strip_path":true,"methods":["GET"]})"},
             {"/services/dispatcher.web", R"({"host":"else.test","path":"/x"})"},
             {"/upstreams/dispatcher._web.0/targets/10.0.0.1:31000", R"({"weight":0})"}}) {
      REQUIRE(rig.Call("PATCH", path, body).status == 200);
      CHECK(Difference(*adapter, wanted).starts_with("different"));
      CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

TEST_CASE("Kong: apps that share a service on purpose stand in one upstream") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      Profile profile;
      profile.names = {"shop"};
      profile.shared = true;
      const Service blue = MakeService("/blue", {{"blue.1", "10.0.0.1"}}, profile);
      Service green = MakeService("/green", {{"green.1", "10.0.0.2"}}, profile);
      green.profile = blue.profile;
      Entries wanted = Rendered(*adapter, blue);
      for (const auto& [id, entry] : Rendered(*adapter, green)) {
        wanted[id] = entry;
      }
      CHECK(wanted.size() == 4);
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
      for (const Claim& claim : adapter->Render(blue).claims) {
        CHECK(claim.shared);
      }
    }
  }
}

TEST_CASE("Kong: claims are made on the name and on each place that requests can go to") {
  KongRig rig("3.9.3");
  const auto adapter = *MakeKongAdapter(rig.Options());
  Profile profile;
  profile.names = {"web"};
  profile.hosts = {"A.test", "b.test"};
  CHECK(adapter->Render(MakeService("/web", {}, profile)).claims ==
        std::vector<Claim>{{"name web", false}, {"host a.test", false}, {"host b.test", false}});
  profile.paths = {"/x"};
  profile.hosts = {"a.test"};
  CHECK(adapter->Render(MakeService("/web", {}, profile)).claims ==
        std::vector<Claim>{{"name web", false}, {"route a.test/x", false}});
}

TEST_CASE("Kong: another version in the same place is noticed and asked for again") {
  KongRig rig("2.8.5");
  const auto adapter = *MakeKongAdapter(rig.Options());
  const Entries wanted = Rendered(*adapter, Web());
  REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
  rig.kong().Become("0.14.1", false);
  for (const absl::Status& status : WriteAll(*adapter, Puts(wanted))) {
    CHECK((status.ok() || IsTransient(status)));
  }
  CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
  CHECK(Difference(*adapter, Rendered(*adapter, Web())) == "");
  CHECK(rig.Call("GET", "/services/dispatcher._web.0").status == 200);
}

TEST_CASE("Kong: without a database it is refused, unless the whole document is to be ours") {
  KongRig rig("3.9.3", true);
  KongOptions options = rig.Options();
  options.dbless = "";
  const auto careless = *MakeKongAdapter(options);
  const absl::Status refused = ReadAll(*careless).status();
  CHECK(refused.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Text(refused).find("whole-file") != std::string::npos);
  const Entries wanted = Rendered(*careless, Web());
  for (const absl::Status& status : WriteAll(*careless, Puts(wanted))) {
    CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  }
  CHECK(rig.kong().Writes().empty());

  const auto adapter = *MakeKongAdapter(rig.Options());
  CHECK(adapter->GetTraits().atomic);
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(rig.kong().Writes() == std::map<std::string, int>{{"POST /config", 1}});
  // A restart empties it, which its hash tells.
  rig.Call("POST", "/sim/faults", R"({"restart":true})");
  CHECK(Difference(*adapter, {}) == "");
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(Difference(*adapter, wanted) == "");

  KongRig other("3.9.3");
  KongOptions with_database = other.Options();
  with_database.dbless = "whole-file";
  CHECK(ReadAll(**MakeKongAdapter(with_database)).status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("Kong: token, key and workspace go with every call, and an exchanged token is taken up") {
  kong_model::Options model;
  model.token = "secret-one";
  model.workspace = "team";
  const auto kong = *kong_model::KongModel::Start(model);
  TempDir dir;
  const std::string file = dir.path() + "/token";
  std::ofstream(file) << "secret-old\n";
  KongOptions options;
  options.url = kong->admin_url();
  options.expose = "all";
  options.workspace = "team";
  options.token_file = file;
  options.api_key = "secret-key";
  const auto adapter = *MakeKongAdapter(options);
  const absl::Status refused = ReadAll(*adapter).status();
  CHECK(refused.code() == absl::StatusCode::kUnauthenticated);
  CHECK(Text(refused).find("secret") == std::string::npos);
  std::ofstream(file) << "secret-one\n";
  const Entries wanted = Rendered(*adapter, Web());
  CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
  CHECK(Difference(*adapter, wanted) == "");
  CHECK(kong->LastHeader("apikey") == "secret-key");
  CHECK(kong->LastHeader("Kong-Admin-Token") == "secret-one");
  for (const auto& [what, count] : kong->Writes()) {
    CHECK(what.find(" /team/") != std::string::npos);
  }
  options.workspace = "other";
  CHECK(!ReadAll(**MakeKongAdapter(options)).ok());
}

TEST_CASE("Kong: settings that can't be are refused by name") {
  struct Case {
    std::function<void(KongOptions&)> spoil;
    std::string said;
  };
  for (const Case& c :
       std::vector<Case>{{[](KongOptions& o) { o.mode = "x"; }, "adapters.kong.mode"},
                         {[](KongOptions& o) { o.expose = "x"; }, "adapters.kong.expose"},
                         {[](KongOptions& o) { o.dbless = "x"; }, "adapters.kong.dbless"},
                         {[](KongOptions& o) { o.owner = "A"; }, "owner"},
                         {[](KongOptions& o) { o.url = "ftp://x"; }, "adapters.kong.url"},
                         {[](KongOptions& o) { o.mode = "router"; }, "adapters.kong.router_url"},
                         {[](KongOptions& o) { o.token_file = "/none"; }, "adapters.kong.token_file"}}) {
    KongOptions options;
    c.spoil(options);
    const auto made = MakeKongAdapter(options);
    REQUIRE(!made.ok());
    INFO(Text(made.status()));
    CHECK(Text(made.status()).find(c.said) != std::string::npos);
  }
}

TEST_CASE("Kong: a registry that loses half its writes is whole after some rounds") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web());
      rig.kong().SetFaults({.lose_half_of_writes = true});
      for (const absl::Status& status : WriteAll(*adapter, Puts(wanted))) {
        INFO(Text(status));
        CHECK((status.ok() || status.code() == absl::StatusCode::kAborted));
      }
      CHECK(Difference(*adapter, wanted) != "");
      rig.kong().SetFaults({});
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

TEST_CASE("Kong: a service that goes before its route is made is put again, not given up") {
  for (const char* version : {"0.14.1", "2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      KongOptions options = rig.Options();
      options.mode = "router";
      options.router_url = "http://127.0.0.1";
      const auto adapter = *MakeKongAdapter(options);
      const Entries wanted = Rendered(*adapter, Web());
      rig.kong().SetFaults({.lose_writes = 1});
      CHECK(WriteAll(*adapter, Puts(wanted)).at(0).code() == absl::StatusCode::kAborted);
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
    }
  }
}

TEST_CASE("Kong: a server that does not answer is not asked for every change") {
  KongRig rig("3.9.3");
  const auto adapter = *MakeKongAdapter(rig.Options());
  std::vector<TaskSpec> tasks;
  for (uint16_t i = 1; i < 60; ++i) {
    tasks.push_back({"web." + std::to_string(i), "10.0.0.1", i});
  }
  const Entries wanted = Rendered(*adapter, Web(tasks));
  REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
  rig.kong().Reset();
  rig.kong().SetFaults({.fail_writes = -1, .status = 503});
  for (const absl::Status& status : WriteAll(*adapter, Deletes(wanted))) {
    CHECK(status.code() == absl::StatusCode::kUnavailable);
  }
  CHECK(rig.kong().reads() < 30);
}

}  // namespace
}  // namespace dispatcher::testing
