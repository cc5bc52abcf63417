#include "dispatcher/base/backoff.h"

#include <algorithm>
#include <set>
#include <vector>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::milliseconds;

std::vector<Duration> Waits(Backoff backoff, int count) {
  std::vector<Duration> waits;
  for (int i = 0; i < count; ++i) {
    waits.push_back(backoff.Next());
  }
  return waits;
}

TEST_CASE("each wait is 50 to 100 % of a length that doubles up to the cap") {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto waits = Waits(Backoff({milliseconds(100), milliseconds(1000), 2.0}, seed), 200);
    Duration length = milliseconds(100);
    for (const Duration wait : waits) {
      CHECK(wait >= length / 2);
      CHECK(wait <= length);
      length = std::min<Duration>(length * 2, milliseconds(1000));
    }
  }
}

TEST_CASE("the waits of many callers are spread over the whole upper half") {
  std::set<int64_t> tenths;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Duration wait = Backoff({milliseconds(1000), milliseconds(1000), 2.0}, seed).Next();
    tenths.insert(wait / milliseconds(50));
  }
  CHECK(tenths.size() >= 10);
}

TEST_CASE("the seed alone decides, also the one that would make the generator stick") {
  CHECK(Waits(Backoff({}, 7), 20) == Waits(Backoff({}, 7), 20));
  CHECK(Waits(Backoff({}, 7), 20) != Waits(Backoff({}, 8), 20));
  const auto waits = Waits(Backoff({milliseconds(1000), milliseconds(1000), 1.0}, 0x9e3779b97f4a7c15ULL), 20);
  CHECK(std::set<Duration>(waits.begin(), waits.end()).size() == 20);
}

TEST_CASE("Reset begins again at the first length") {
  Backoff backoff({milliseconds(100), milliseconds(100000), 2.0}, 1);
  for (int i = 0; i < 5; ++i) {
    backoff.Next();
  }
  CHECK(backoff.failures() == 5);
  backoff.Reset();
  CHECK(backoff.failures() == 0);
  CHECK(backoff.Next() <= milliseconds(100));
}

}  // namespace
}  // namespace dispatcher
