// The same rules where streams are cut, leaders change and forget, agents have
// names, tasks have addresses of their own, and time passes.
#include "tests/property/for_all.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("streams are cut and attached again") {
  Telling telling;
  telling.disorder = {true, 10, 0};
  telling.cut_percent = 4;
  ForAll(telling);
}

TEST_CASE("leaders change and forget health") {
  Telling telling;
  telling.story.leaders_fail = true;
  telling.disorder = {true, 10, 0};
  ForAll(telling);
}

TEST_CASE("agents have names, some tasks addresses of their own") {
  Telling telling;
  telling.story.named_agents = telling.story.own_addresses = true;
  telling.disorder = {true, 10, 0};
  ForAll(telling);
}

TEST_CASE("time passes: the dead are forgotten, no deadline comes twice") {
  Telling telling;
  telling.story.agents_fail = false;
  telling.story.leaders_fail = true;
  telling.disorder = {true, 0, 0};
  telling.cut_percent = 1;
  telling.slow_percent = 20;
  telling.tombstone = std::chrono::seconds(2);
  // So soon, what was told early of an instance's next run is forgotten with the run before.
  telling.story.residents = false;
  ForAll(telling);
}

}  // namespace
}  // namespace dispatcher
