// services.unreachable: what becomes of tasks on an agent that Marathon can't reach,
// in a registry that lists everything and in a router.
#include "tests/catalog/registries.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

CatalogPolicy Unreachable(std::optional<Duration> kept) {
  CatalogPolicy policy;
  policy.unreachable_for = kept;
  return policy;
}

// Four tasks that run.
void RunFour(Registries& r) {
  r.d.Attach();
  r.Snapshot({SeenApp(App1("/web", kV1, 4), {SeenN(1), SeenN(2), SeenN(3), SeenN(4)})});
  REQUIRE(r.Router() == "1 2 3 4");
}

TEST_CASE("an agent out of reach: drop, keep, or for a while") {
  struct Row {
    const char* setting;
    std::optional<Duration> kept;
    Duration after;
    const char* consul;
    const char* router;
  };
  const char* const as_it_was = "1 passing, 2 passing, 3 passing, 4 passing";
  const char* const critical = "1 critical, 2 passing, 3 passing, 4 passing";
  const std::vector<Row> rows = {
      {"drop", Duration::zero(), seconds(0), critical, "2 3 4"},
      {"drop", Duration::zero(), hours(5), critical, "2 3 4"},
      {"keep", std::nullopt, seconds(0), as_it_was, "1 2 3 4"},
      {"keep", std::nullopt, hours(5), as_it_was, "1 2 3 4"},
      {"30s", seconds(30), seconds(29), as_it_was, "1 2 3 4"},
      {"30s", seconds(30), seconds(30), critical, "2 3 4"},
  };
  for (const Row& row : rows) {
    INFO(row.setting << " after " << row.after / seconds(1) << " s");
    Registries r(Unreachable(row.kept));
    RunFour(r);
    r.Push(UpdateN(1, Life::kUnreachable));
    r.Wait(row.after);
    CHECK(r.Consul() == row.consul);
    CHECK(r.Router() == row.router);
  }
}

TEST_CASE("the catalog asks to be woken when the time of unreachable: 30s is over") {
  Registries r(Unreachable(seconds(30)));
  RunFour(r);
  r.Push(UpdateN(1, Life::kUnreachable));
  CHECK(r.d.last.wake == r.d.now + seconds(30));
}

TEST_CASE("drop obeys the panic threshold: a lost rack does not empty the router") {
  struct Row {
    int threshold, lost;
    const char* router;
  };
  const std::vector<Row> rows = {{50, 1, "2 3 4"}, {50, 2, "3 4"},   {50, 3, "3 4"},     {50, 4, "3 4"},
                                 {0, 4, ""},       {75, 4, "2 3 4"}, {100, 2, "1 2 3 4"}};
  for (const Row& row : rows) {
    INFO(row.lost << " of 4 at " << row.threshold << " %");
    Registries r({}, row.threshold);
    RunFour(r);
    for (int n = 1; n <= row.lost; ++n) {
      r.d.now += seconds(1);
      r.Push(UpdateN(n, Life::kUnreachable));
    }
    CHECK(r.Router() == row.router);
  }
}

TEST_CASE("an unreachable task is gone when Marathon says gone, and back when a read shows it running") {
  Registries r;
  RunFour(r);
  r.Push(UpdateN(1, Life::kUnreachable));
  r.Push(UpdateN(2, Life::kUnreachable));
  r.Push(UpdateN(1, Life::kTerminal));  // TASK_GONE, or expunged
  CHECK(r.Consul() == "2 critical, 3 passing, 4 passing");
  CHECK(r.Router() == "3 4");
  r.Push(UpdateN(2, Life::kRunning));
  CHECK(r.Router() == "3 4");  // an event alone may be an old one
  r.Snapshot({SeenApp(App1("/web", kV1, 3), {SeenN(2), SeenN(3), SeenN(4)})});
  CHECK(r.Consul() == "2 passing, 3 passing, 4 passing");
  CHECK(r.Router() == "2 3 4");
}

TEST_CASE("a second absence gets its time anew") {
  Registries r(Unreachable(seconds(30)));
  RunFour(r);
  r.Push(UpdateN(1, Life::kUnreachable));
  r.Wait(seconds(30));
  CHECK(r.Router() == "2 3 4");
  r.Snapshot({SeenApp(App1("/web", kV1, 4), {SeenN(1), SeenN(2), SeenN(3), SeenN(4)})});
  TaskUpdate again = UpdateN(1, Life::kUnreachable);
  again.at += 60'000;
  r.Push(again);
  r.Wait(seconds(29));
  CHECK(r.Router() == "1 2 3 4");
  r.Wait(seconds(1));
  CHECK(r.Router() == "2 3 4");
}

TEST_CASE("after a restart what is unreachable is put nowhere, and taken out as before") {
  struct Row {
    std::optional<Duration> kept;
    bool fresh_registries;
    const char* router;
  };
  const std::vector<Row> rows = {{Duration::zero(), false, "2 3 4"},
                                 {Duration::zero(), true, "2 3 4"},
                                 {std::nullopt, false, "1 2 3 4"},
                                 {std::nullopt, true, "2 3 4"}};
  for (const Row& row : rows) {
    INFO((row.kept ? "drop" : "keep") << (row.fresh_registries ? ", empty registries" : ""));
    Registries r(Unreachable(row.kept));
    if (!row.fresh_registries) {
      RunFour(r);
    }
    r.Restart(Unreachable(row.kept));
    r.d.Attach();
    r.Snapshot(
        {SeenApp(App1("/web", kV1, 4), {SeenN(1, kV1, Life::kUnreachable), SeenN(2), SeenN(3), SeenN(4)})});
    CHECK(r.Router() == row.router);
  }
}

}  // namespace
}  // namespace dispatcher
