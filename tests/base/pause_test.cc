#include "dispatcher/base/pause.h"

#include <thread>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using namespace std::chrono_literals;

TEST_CASE("A pause is as long as it was asked to be") {
  const Mono begun = MonoClock::now();
  Pause(20ms, Cancel());
  CHECK(MonoClock::now() - begun >= 20ms);
}

TEST_CASE("A pause ends at once when it is cancelled, before it or in it") {
  CancelSource before;
  before.request_stop();
  const Mono begun = MonoClock::now();
  Pause(60s, before.get_token());
  CancelSource during;
  std::thread canceller([&] { during.request_stop(); });
  Pause(60s, during.get_token());
  canceller.join();
  CHECK(MonoClock::now() - begun < 30s);
}

}  // namespace
}  // namespace dispatcher
