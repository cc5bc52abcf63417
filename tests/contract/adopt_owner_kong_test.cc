// `--adopt owner:OLD` in Kong: services become ours in place, with what hangs on them.
#include "tests/contract/kong_subjects.h"
#include "tests/contract/scripts.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

std::unique_ptr<Adapter> OwnedBy(KongRig& rig, const std::string& owner) {
  return *MakeKongAdapter(rig.Options(owner));
}

std::vector<Adoption> TakeFromOld(KongRig& rig, Adapter& adapter, const Service& service) {
  AdoptionRequest request;
  request.from = Maker::kOwner;
  request.whose = "old";
  request.predecessor = OwnedBy(rig, "old");
  return AdoptAs(request, adapter, {service});
}

// Plugins on the only service there.
size_t PluginsOnOnly(KongRig& rig, const std::string& collection) {
  const auto found =
      JsonDocument::Parse(rig.Call("GET", collection + "/" + IdOf(rig, collection) + "/plugins").body);
  return found.ok() ? found->root()["data"].size() : 0;
}

TEST_CASE("Kong: a service of another owner's keeps its id and its plugin when it becomes ours") {
  for (const std::string& version : kWithDatabase) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const std::string collection = version.starts_with("0.10") ? "/apis" : "/services";
      const Service web = Web();
      const auto old = OwnedBy(rig, "old");
      CHECK(AllOk(WriteAll(*old, Puts(Rendered(*old, web)))));
      const std::string id = IdOf(rig, collection);
      REQUIRE(rig.Call("POST", collection + "/" + id + "/plugins", R"({"name":"key-auth"})").status == 201);

      const auto adapter = OwnedBy(rig, "new");
      const Entries wanted = Rendered(*adapter, web);
      REQUIRE(ReadAll(*adapter).ok());
      CHECK_FALSE(AllOk(WriteAll(*adapter, Puts(wanted))));  // its host is theirs
      CHECK(Outcomes(TakeFromOld(rig, *adapter, web)).starts_with("taken service old._web.0.~\n"));
      CHECK(IdOf(rig, collection) == id);
      CHECK(PluginsOnOnly(rig, collection) == 1);
      CHECK(Difference(*adapter, wanted) == "");
      CHECK(ReadAll(*OwnedBy(rig, "old"))->empty());
    }
  }
}

TEST_CASE("Kong: an exchange that was broken off between service and route is finished") {
  for (const std::string version : {"2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const Service web = Web();
      const auto old = OwnedBy(rig, "old");
      CHECK(AllOk(WriteAll(*old, Puts(Rendered(*old, web)))));
      const auto adapter = OwnedBy(rig, "new");
      const Entries wanted = Rendered(*adapter, web);
      REQUIRE(ReadAll(*adapter).ok());
      WriteAll(*adapter, Puts(wanted));
      REQUIRE(rig.Call("PATCH", "/services/" + IdOf(rig, "/services"),
                       R"({"name":"new.web","host":"new._web.0",)"
                       R"("tags":["dispatcher-owner:new","dispatcher-service:_web.0"]})")
                  .status == 200);
      const auto fresh = OwnedBy(rig, "new");
      REQUIRE(ReadAll(*fresh).ok());
      CHECK_FALSE(AllOk(WriteAll(*fresh, Puts(wanted))));
      const auto adoptions = TakeFromOld(rig, *fresh, web);
      INFO(Outcomes(adoptions) << Reasons(adoptions));
      CHECK(Outcomes(adoptions).starts_with("taken route "));
      CHECK(Outcomes(adoptions).find("left ") == std::string::npos);
      CHECK(Difference(*fresh, wanted) == "");
      CHECK(ReadAll(*OwnedBy(rig, "old"))->empty());
      CHECK(TakeFromOld(rig, *fresh, web).empty());
    }
  }
}

}  // namespace
}  // namespace dispatcher::testing
