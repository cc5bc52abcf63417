// What the report says of one pass: read and compared, right, failed, published.
#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("A registry counts as compared from the end of the read that a full pass asked for") {
  Rig rig;
  CHECK_FALSE(rig.r().Report(rig.now).compared);
  rig.Read();
  CHECK(rig.r().Report(rig.now).read_once);
  CHECK_FALSE(rig.r().Report(rig.now).compared);  // there was no full pass
  CHECK_FALSE(rig.r().Report(rig.now).offered);
  rig.Pass();
  CHECK(rig.r().Report(rig.now).offered);
  CHECK(rig.r().Report(rig.now).compared);
  rig.r().BeginFullPass(false, "f1", rig.now);
  CHECK_FALSE(rig.r().Report(rig.now).compared);
  rig.r().LanesKnown(rig.Lanes(), rig.now);
  const auto lane = rig.r().NextRead(rig.now);
  REQUIRE(lane.has_value());
  CHECK_FALSE(rig.r().Report(rig.now).compared);
  rig.r().ReadEnded(*lane, absl::UnavailableError("cut"), rig.now);
  CHECK_FALSE(rig.r().Report(rig.now).compared);
  rig.now += seconds(60);
  rig.Read();
  CHECK(rig.r().Report(rig.now).compared);
}

TEST_CASE("A change that the registry refuses is reported with its reason until it is written") {
  Rig rig;
  rig.Sync();
  rig.fail["put server web/a"] = absl::FailedPreconditionError("held by another");
  rig.fail["put server web/b"] = absl::UnavailableError("down");
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2), Task("c", 3)}));
  rig.Write();
  const auto failed = rig.r().Report(rig.now).failed;
  REQUIRE(failed.size() == 2);
  CHECK(failed[0].id.id == "web/a");
  CHECK(failed[0].service.app == "/web");
  CHECK(failed[0].op == Op::kPut);
  CHECK(failed[0].refused);
  CHECK(failed[0].error.find("held by another") != std::string::npos);
  CHECK(failed[1].id.id == "web/b");
  CHECK_FALSE(failed[1].refused);
  CHECK(rig.r().CountRight() == 2);  // its backend and c
  rig.fail.clear();
  rig.now += seconds(60);
  rig.Write();
  CHECK(rig.r().Report(rig.now).failed.size() == 1);
  rig.Offer(App("/web", "web", {Task("a", 4), Task("b", 2), Task("c", 3)}));
  rig.Write();
  CHECK(rig.r().Report(rig.now).failed.empty());
  CHECK(rig.r().CountRight() == 4);
}

TEST_CASE("Published is what this adapter is to hold, without losers of a claim and what goes") {
  Rig rig;
  rig.Sync();
  rig.Offer(App("/a", "web", {Task("a", 1)}));
  rig.Offer(App("/b", "web", {Task("b", 2)}));
  rig.Offer(App("/c", "cart", {}));
  auto gone = App("/d", "old", {});
  gone->want = Want::kNo;
  rig.Offer(gone);
  Words apps;
  for (const auto& service : rig.r().Published()) {
    apps.push_back(service->key.app);
  }
  CHECK(apps == Words{"/a", "/c"});
  CHECK(rig.r().MayCreate({"/a", 0}));  // the only tier there is
}

}  // namespace
}  // namespace dispatcher
