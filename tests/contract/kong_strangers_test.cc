// What others put beside, on or in the way of our objects in Kong.
#include "adapters/kong/names.h"
#include "adapters/publish.h"
#include "tests/contract/kong_subjects.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/stderr.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("Kong: plugins and tags of others survive every update, and keep what they are on") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web());
      REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
      const bool old = version == "0.10.4";
      const std::string collection = old ? "/apis" : "/services";
      const std::string service = collection + "/" + IdOf(rig, collection);
      REQUIRE(rig.Call("POST", service + "/plugins", R"({"name":"key-auth"})").status == 201);
      const bool tags = version == "2.8.5" || version == "3.9.3";
      if (tags) {
        const std::string mine = rig.Call("GET", service).body;
        const auto parsed = JsonDocument::Parse(mine);
        std::string list = parsed->root()["tags"].Dump();
        list.insert(1, "\"theirs\",");
        REQUIRE(rig.Call("PATCH", service, "{\"tags\":" + list + ",\"retries\":2}").status == 200);
      }
      Profile profile;
      profile.names = {"renamed"};
      const Entries changed =
          Rendered(*adapter, MakeService("/web", {{"web.1", "10.0.0.1"}, {"web.2", "10.0.0.2"}}, profile));
      CHECK(ErrorOf(WriteAll(*adapter, Puts(changed))) == "");
      CHECK(Difference(*adapter, changed) == "");
      CHECK(rig.Call("GET", service + "/plugins").body.find("key-auth") != std::string::npos);
      if (tags) {
        const std::string now = rig.Call("GET", service).body;
        CHECK(now.find("theirs") != std::string::npos);
        CHECK(now.find("\"retries\":2") != std::string::npos);
        CHECK(now.find("dispatcher.renamed") != std::string::npos);
      }

      const auto changes = Deletes(changed);
      const auto results = WriteAll(*adapter, changes);
      for (size_t i = 0; i < changes.size(); ++i) {
        const bool target = changes[i].id.kind == "target";
        INFO(changes[i].id.kind << " " << Text(results[i]));
        CHECK(results[i].code() == (target ? absl::StatusCode::kOk : absl::StatusCode::kFailedPrecondition));
        CHECK((target || Text(results[i]).find("key-auth") != std::string::npos));
      }
      CHECK(rig.Call("GET", service + "/plugins").body.find("key-auth") != std::string::npos);

      KongOptions told = rig.Options();
      told.delete_with_plugins = true;
      const auto determined = *MakeKongAdapter(told);
      const std::string log = Stderr([&] { CHECK(ErrorOf(WriteAll(*determined, changes)) == ""); });
      CHECK(log.find("key-auth") != std::string::npos);
      CHECK(Difference(*determined, {}) == "");
    }
  }
}

TEST_CASE("Kong: a plugin on our service and one on its route survive each kind of update") {
  struct Kind {
    std::string name;
    std::function<void(Profile&, std::vector<TaskSpec>&, std::string&)> change;
  };
  const std::vector<Kind> kinds = {
      {"host", [](auto& profile, auto&, auto&) { profile.hosts = {"other.test"}; }},
      {"path", [](auto& profile, auto&, auto&) { profile.paths = {"/x"}; }},
      {"strip", [](auto& profile, auto&, auto&) { profile.strip_path = true; }},
      {"no path", [](auto& profile, auto&, auto&) { profile.paths.clear(); }},
      {"name", [](auto& profile, auto&, auto&) { profile.names = {"renamed"}; }},
      {"weight", [](auto& profile, auto&, auto&) { profile.weight = 7; }},
      {"tasks",
       [](auto&, auto& tasks, auto&) {
         tasks = {{"web.3", "10.0.0.3"}};
       }},
      {"framework", [](auto&, auto&, auto& framework) { framework = "another"; }}};
  for (const std::string version : {"0.14.1", "2.8.5", "3.9.3"}) {
    for (const bool to_router : {false, true}) {
      DYNAMIC_SECTION(version << (to_router ? ", mode router" : "")) {
        KongRig rig(version);
        KongOptions options = rig.Options();
        options.mode = to_router ? "router" : "targets";
        options.router_url = "http://vulcand";
        const auto adapter = *MakeKongAdapter(options);
        Profile profile;
        profile.names = {"web"};
        profile.hosts = {"web.test"};
        profile.service_port = 10000;
        std::vector<TaskSpec> tasks = {{"web.1", "10.0.0.1"}};
        std::string framework = "one";
        const auto put = [&] {
          adapter->SetFramework(framework);
          const Entries wanted = Rendered(*adapter, MakeService("/web", tasks, profile));
          CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
          Entries old = ReadAll(*adapter).value();
          std::erase_if(old, [&](const auto& entry) { return wanted.contains(entry.first); });
          CHECK(ErrorOf(WriteAll(*adapter, Deletes(old))) == "");
          CHECK(Difference(*adapter, wanted) == "");
        };
        put();
        const std::string service = "/services/" + IdOf(rig, "/services");
        const std::string route = "/routes/" + IdOf(rig, "/routes");
        REQUIRE(rig.Call("POST", service + "/plugins", R"({"name":"key-auth"})").status == 201);
        REQUIRE(rig.Call("POST", route + "/plugins", R"({"name":"cors"})").status == 201);
        for (const Kind& kind : kinds) {
          INFO(kind.name);
          kind.change(profile, tasks, framework);
          put();
          CHECK(rig.Call("GET", service + "/plugins").body.find("key-auth") != std::string::npos);
          CHECK(rig.Call("GET", route + "/plugins").body.find("cors") != std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("Kong: tags of others on each of our objects survive an update") {
  for (const std::string version : {"2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      REQUIRE(AllOk(WriteAll(*adapter, Puts(Rendered(*adapter, Web({{"web.1", "10.0.0.1"}}))))));
      const std::string upstream = "/upstreams/dispatcher._web.0";
      const std::vector<std::string> objects = {"/services/" + IdOf(rig, "/services"),
                                                "/routes/" + IdOf(rig, "/routes"), upstream,
                                                upstream + "/targets/10.0.0.1:31000"};
      for (const std::string& object : objects) {
        std::string tags = JsonDocument::Parse(rig.Call("GET", object).body)->root()["tags"].Dump();
        tags.insert(1, "\"theirs\",");
        REQUIRE(rig.Call("PATCH", object, "{\"tags\":" + tags + "}").status == 200);
      }
      adapter->SetFramework("another");
      const Entries wanted = Rendered(*adapter, Web({{"web.1", "10.0.0.1"}}));
      CHECK(ErrorOf(WriteAll(*adapter, Puts(wanted))) == "");
      CHECK(Difference(*adapter, wanted) == "");
      for (const std::string& object : objects) {
        INFO(object);
        const std::string now = rig.Call("GET", object).body;
        CHECK(now.find("\"theirs\"") != std::string::npos);
        CHECK(now.find("another") != std::string::npos);
      }
    }
  }
}

TEST_CASE("Kong: a plugin on the route alone, and one on a route without its service, keep them") {
  KongRig rig("3.9.3");
  const auto adapter = *MakeKongAdapter(rig.Options());
  const Entries wanted = Rendered(*adapter, Web());
  REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
  REQUIRE(rig.Call("POST", "/routes/dispatcher.web/plugins", R"({"name":"cors"})").status == 201);
  CHECK(ErrorOf(WriteAll(*adapter, Deletes(wanted))).find("a plugin on its route (cors)") !=
        std::string::npos);
  CHECK(rig.HasService("dispatcher.web"));

  KongOptions told = rig.Options();
  told.delete_with_plugins = true;
  const auto determined = *MakeKongAdapter(told);
  REQUIRE(rig.Call("PATCH", "/routes/dispatcher.web", R"({"service":null})").status == 200);
  const EntryId lone{"", "route", IdOf(rig, "/routes")};
  const std::vector<Change> gone = Deletes({{lone, Entry{}}});
  const auto results = WriteAll(*adapter, gone);
  CHECK(results[0].code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Text(results[0]).find("(cors)") != std::string::npos);
  const std::string log = Stderr([&] { CHECK(ErrorOf(WriteAll(*determined, gone)) == ""); });
  CHECK(log.find("cors") != std::string::npos);
  CHECK(rig.Call("GET", "/routes/" + lone.id).status == 404);
}

TEST_CASE("Kong: a route that somebody else put on our service keeps it") {
  for (const std::string version : {"0.14.1", "2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web());
      REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
      const std::string service = IdOf(rig, "/services");
      // Times have seconds in them, and before 1.1 the older route is ours.
      const auto second = [&] { return SystemClock().Wall() / 1000; };
      const auto made = second();
      REQUIRE(WaitFor([&] { return second() > made; }));
      REQUIRE(rig.Call("POST", "/routes", R"({"hosts":["extra.test"],"service":{"id":")" + service + "\"}}")
                  .status == 201);
      CHECK(Difference(*adapter, wanted) == "");
      CHECK(ErrorOf(WriteAll(*adapter, Deletes(wanted))).find("route of others") != std::string::npos);
      CHECK(rig.Call("GET", "/routes").body.find("web.service.consul") != std::string::npos);
    }
  }
}

TEST_CASE("Kong: a host that a stranger's route holds is refused by the holder's name, until it is free") {
  for (const std::string version : {"0.8.3", "0.10.4", "0.14.1", "2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      rig.PutService("theirs", "web.service.consul");
      KongOptions options = rig.Options();
      options.mode = version == "0.8.3" ? "router" : "targets";
      options.router_url = "http://vulcand";
      const auto adapter = *MakeKongAdapter(options);
      REQUIRE(ReadAll(*adapter).ok());
      const auto put = [&](const std::string& path) {
        Profile profile;
        profile.paths = path.empty() ? std::vector<std::string>() : std::vector<std::string>{path};
        return WriteAll(*adapter, Puts(Rendered(*adapter, MakeService("/web", {}, profile))));
      };
      const std::string refused = ErrorOf(put(""));
      CHECK(refused.find("FAILED_PRECONDITION") != std::string::npos);
      CHECK(refused.find("web.service.consul") != std::string::npos);
      if (version != "0.8.3") {
        CHECK(ErrorOf(put("/own")) == "");  // another path of the same host is free
      }
      const bool apis = version == "0.8.3" || version == "0.10.4";
      if (!apis) {
        const auto routes = JsonDocument::Parse(rig.Call("GET", "/services/theirs/routes").body);
        rig.Call("DELETE", "/routes/" + routes->root()["data"].At(0)["id"].StringOr(""));
      }
      REQUIRE(rig.Call("DELETE", (apis ? "/apis/" : "/services/") + std::string("theirs")).status == 204);
      CHECK(ErrorOf(put("")) == "");
    }
  }
}

TEST_CASE("Kong: a host that a stranger's route gave up, or takes for some methods only, is free") {
  for (const std::string version : {"0.14.1", "2.8.5", "3.9.3"}) {
    for (const std::string change : {R"({"hosts":["else.test"]})", R"({"methods":["PUT"]})"}) {
      DYNAMIC_SECTION(version << " " << change) {
        KongRig rig(version);
        rig.PutService("theirs", "web.service.consul");
        const auto adapter = *MakeKongAdapter(rig.Options());
        const bool before = change.find("methods") != std::string::npos;
        REQUIRE((before || ReadAll(*adapter).ok()));  // it has seen who holds the host
        REQUIRE(rig.Call("PATCH", "/routes/" + IdOf(rig, "/routes"), change).status == 200);
        REQUIRE((!before || ReadAll(*adapter).ok()));
        CHECK(ErrorOf(WriteAll(*adapter, Puts(Rendered(*adapter, Web())))) == "");
      }
    }
  }
}

TEST_CASE("Kong: an object with our name and without our tag is neither changed nor deleted") {
  for (const std::string version : {"2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      rig.PutService("dispatcher.web", "theirs.test");
      rig.Call("POST", "/upstreams", R"({"name":"dispatcher._web.0"})");
      const Entries wanted = Rendered(*adapter, Web());
      rig.kong().Reset();
      for (const absl::Status& status : WriteAll(*adapter, Puts(wanted))) {
        CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
      }
      CHECK(Total(rig.kong().Writes()) == 1);  // the POST of the service, which Kong refused
      WriteAll(*adapter, Deletes(wanted));
      CHECK(rig.HasService("dispatcher.web"));
      CHECK(rig.Call("GET", "/upstreams/dispatcher._web.0").status == 200);
    }
  }
}

TEST_CASE("Kong: a mark without the name, or a name with another's mark, makes nothing ours") {
  const auto tagged = [](const std::string& fields, const std::string& owner) {
    return "{" + fields + R"(,"tags":["dispatcher-owner:)" + owner + R"(","dispatcher-service:_web.0"]})";
  };
  for (const std::string version : {"2.8.5", "3.9.3"}) {
    for (const auto& [name, owner] : std::map<std::string, std::string>{{"copied", "dispatcher"},
                                                                        {"dispatcher.web", "dispatcherx"},
                                                                        {"dispatcherx.web", "dispatcher"}}) {
      DYNAMIC_SECTION(version << " " << name << " of " << owner) {
        KongRig rig(version);
        const auto adapter = *MakeKongAdapter(rig.Options());
        const auto named = [&](const std::string& text) { return R"("name":")" + text + "\""; };
        const auto post = [&, of = owner](const std::string& collection, const std::string& fields) {
          REQUIRE(rig.Call("POST", collection, tagged(fields, of)).status == 201);
        };
        post("/services", R"("host":"x.test",)" + named(name));
        post("/routes",
             R"("hosts":["x.test"],"service":{"id":")" + IdOf(rig, "/services") + "\"}," + named(name));
        const std::string upstream = owner == "dispatcher" ? name : "dispatcher._web.0";
        post("/upstreams", named(upstream));
        CHECK(Difference(*adapter, {}) == "");
        rig.kong().Reset();
        const Entries wanted = Rendered(*adapter, Web());
        CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))) == (owner == "dispatcher"));
        std::vector<Change> lone = Deletes({{{"", "route", IdOf(rig, "/routes")}, Entry{}}});
        CHECK(WriteAll(*adapter, lone)[0].code() == absl::StatusCode::kFailedPrecondition);
        CHECK(rig.kong().Writes().empty());
        (void)WriteAll(*adapter, Puts(wanted));
        CHECK(rig.HasService(name));
        CHECK(rig.Call("GET", "/services/" + name).body.find("x.test") != std::string::npos);
        CHECK(rig.Call("GET", "/upstreams/" + upstream).status == 200);
      }
    }
  }
}

TEST_CASE("Kong: a target that somebody else put into our upstream is theirs") {
  for (const std::string version : {"2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const Entries wanted = Rendered(*adapter, Web({{"web.1", "10.0.0.1"}}));
      REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
      const std::string targets = "/upstreams/dispatcher._web.0/targets";
      REQUIRE(rig.Call("POST", targets, R"({"target":"10.0.0.2:31000","weight":9})").status == 201);
      CHECK(Difference(*adapter, wanted) == "");
      const Entries both = Rendered(*adapter, Web());
      CHECK(ErrorOf(WriteAll(*adapter, Puts(both))).find("put there by somebody else") != std::string::npos);
      CHECK(ErrorOf(WriteAll(*adapter, Deletes(both))).find("targets of others") != std::string::npos);
      CHECK(rig.Call("GET", targets + "/10.0.0.2:31000").body.find("\"weight\":9") != std::string::npos);
      KongOptions told = rig.Options();
      told.delete_with_plugins = true;
      const auto determined = *MakeKongAdapter(told);
      const std::string log = Stderr([&] { CHECK(ErrorOf(WriteAll(*determined, Deletes(both))) == ""); });
      CHECK(log.find("targets=10.0.0.2:31000") != std::string::npos);
      CHECK(Difference(*determined, {}) == "");
    }
  }
}

}  // namespace
}  // namespace dispatcher::testing
