#include "dispatcher/base/recent_ids.h"

#include <string>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::seconds;

TEST_CASE("recent ids are held for their time at least and twice that at most, however many come after") {
  const seconds keep(60);
  for (const int pause : {1, 7, 59, 60, 61, 119, 120, 121, 500}) {
    RecentIds ids;
    const Mono begin{seconds(1000)};
    for (int i = 0; i < 40; ++i) {
      const Mono now = begin + i * seconds(pause);
      ids.Expire(keep, now);
      for (int earlier = 0; earlier < i; ++earlier) {
        const seconds age = (i - earlier) * seconds(pause);
        CAPTURE(pause, i, earlier);
        if (age < keep || age > 2 * keep + seconds(pause)) {
          CHECK(ids.Holds(std::to_string(earlier)) == (age < keep));
        }
      }
      ids.Add(std::to_string(i), keep, now);
      CHECK(ids.Holds(std::to_string(i)));
    }
  }
}

TEST_CASE("recent ids forget the last one, too") {
  const seconds keep(60);
  RecentIds ids;
  const auto nothing = ids.State();
  Mono now{seconds(1000)};
  ids.Add("a", keep, now);
  SECTION("step by step") {
    ids.Expire(keep, now += keep);
    CHECK(ids.Holds("a"));
    ids.Expire(keep, now += keep);
  }
  SECTION("at once") { ids.Expire(keep, now += 2 * keep); }
  CHECK_FALSE(ids.Holds("a"));
  CHECK(ids.State() == nothing);
}

}  // namespace
}  // namespace dispatcher
