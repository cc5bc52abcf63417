#include "dispatcher/base/rare.h"

#include <string>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

struct Oddity {
  int number = 7;
  std::string text;
};

TEST_CASE("a rare value is as it is made until it is changed, and takes a pointer's room") {
  Rare<Oddity> rare;
  CHECK(sizeof(rare) == sizeof(void*));
  CHECK(rare->number == 7);
  rare.Edit().number = 8;
  rare.Edit().text = "x";
  CHECK(rare->number == 8);
  CHECK((*rare).text == "x");
}

TEST_CASE("a copy of a rare value shares nothing") {
  Rare<Oddity> rare;
  rare.Edit().number = 8;
  Rare<Oddity> copy = rare;
  copy.Edit().number = 9;
  CHECK(rare->number == 8);
  CHECK(copy->number == 9);
  copy = Rare<Oddity>();
  CHECK(copy->number == 7);
  copy = rare;
  rare.Edit().number = 10;
  CHECK(copy->number == 8);
}

}  // namespace
}  // namespace dispatcher
