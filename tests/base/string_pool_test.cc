#include "dispatcher/base/string_pool.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("a pool gives the same string for the same text") {
  StringPool pool;
  const SharedString a = pool.Get("10.0.0.1"), b = pool.Get("10.0.0.1");
  CHECK(a.view().data() == b.view().data());
  CHECK(pool.Get("10.0.0.2") == "10.0.0.2");
  CHECK(pool.Get("").empty());
  CHECK(pool.size() == 2);
}

TEST_CASE("a pool forgets what nobody holds, and keeps what somebody does") {
  StringPool pool;
  std::vector<SharedString> held;
  for (int i = 0; i < 10; ++i) {
    held.push_back(pool.Get("held " + std::to_string(i)));
  }
  for (int i = 0; i < 10'000; ++i) {
    pool.Get("dropped " + std::to_string(i));
  }
  CHECK(pool.size() <= 600);
  for (int i = 0; i < 10; ++i) {
    CHECK(pool.Get("held " + std::to_string(i)).view().data() == held[static_cast<size_t>(i)].view().data());
  }
}

}  // namespace
}  // namespace dispatcher
