#include "dispatcher/base/shared_string.h"

#include <map>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("a shared string is equal and ordered by what it says, whoever holds it") {
  const SharedString a("shop"), b(std::string("shop")), c("shoq");
  CHECK(a == b);
  CHECK(a != c);
  CHECK(a < c);
  CHECK(a == "shop");
  CHECK(std::string("shop") == a);
  CHECK(a < std::string("t"));
  CHECK(absl::flat_hash_set<SharedString>{a, b, c}.size() == 2);
}

TEST_CASE("the empty shared string") {
  const SharedString empty, also("");
  CHECK(empty.empty());
  CHECK(empty == also);
  CHECK(empty == "");
  CHECK(empty < SharedString("a"));
  CHECK(std::string(empty).empty());
}

TEST_CASE("a shared string may hold any bytes") {
  const std::string odd("a\0b", 3);
  CHECK(SharedString(odd).size() == 3);
  CHECK(SharedString(odd) != SharedString("a"));
  CHECK(SharedString(odd) == odd);
}

TEST_CASE("a copy shares the characters, and outlives what it was copied from") {
  SharedString copy;
  const char* where = nullptr;
  {
    const SharedString first(std::string(100, 'x'));
    where = first.view().data();
    copy = first;
  }
  CHECK(copy.view().data() == where);
  CHECK(copy == std::string(100, 'x'));
  SharedString& self = copy;
  copy = self;
  CHECK(copy.size() == 100);
  const SharedString moved = std::move(copy);
  CHECK(moved.view().data() == where);
}

TEST_CASE("a shared string goes where a string goes") {
  const SharedString text("b");
  const std::string copied = text;
  std::string assigned;
  assigned = text;
  CHECK(copied == assigned);
  CHECK("a" + text == "ab");
  CHECK(std::string("a") + text + "c" == "abc");
  CHECK(text + "c" == "bc");
  const std::map<std::string, int> numbers = {{"b", 2}};
  CHECK(numbers.at(text) == 2);
}

TEST_CASE("copies are taken and dropped by many threads") {
  const SharedString shared("/shop/cart");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&shared, &wrong] {
      for (int n = 0; n < 1000; ++n) {
        SharedString copy = shared;
        const SharedString moved = std::move(copy);
        wrong += moved == "/shop/cart" ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace dispatcher
