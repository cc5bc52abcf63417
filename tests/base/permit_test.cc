#include "dispatcher/base/permit.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using namespace std::chrono_literals;

class PermitClock : public Clock {
 public:
  Mono Now() const override { return now; }
  WallMs Wall() const override { return 0; }
  Mono now{1000s};
};

TEST_CASE("A permit ends at its time, and what has run out is never good again") {
  PermitClock clock;
  Permit permit(clock);
  CHECK_FALSE(permit.Ask().has_value());
  CHECK(permit.Set(Permission{1, clock.now + 10s, WriteScope::kAll, "s"}));
  CHECK(permit.Ask()->term == 1);
  clock.now += 10s;  // whether the process ran meanwhile or the machine slept
  CHECK_FALSE(permit.Ask().has_value());
  clock.now += 1h;
  CHECK_FALSE(permit.Ask().has_value());
}

TEST_CASE("More time is no change; another term, scope or fence is") {
  PermitClock clock;
  Permit permit(clock);
  const Permission first{1, clock.now + 10s, WriteScope::kAll, "s"};
  permit.Set(first);
  struct Row {
    std::optional<Permission> next;
    bool changed;
  };
  const std::vector<Row> rows = {
      {first, false},
      {Permission{1, clock.now + 20s, WriteScope::kAll, "s"}, false},
      {Permission{2, first.until, WriteScope::kAll, "s"}, true},
      {Permission{1, first.until, WriteScope::kSeenDead, "s"}, true},
      {Permission{1, first.until, WriteScope::kAll, "t"}, true},
      {std::nullopt, true},
  };
  for (const Row& row : rows) {
    permit.Set(first);
    CHECK(permit.Set(row.next) == row.changed);
    CHECK(permit.Ask() == row.next);
  }
}

}  // namespace
}  // namespace dispatcher
