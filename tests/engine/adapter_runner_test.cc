// Threads that sleep for what concerns them, and for nothing else.
#include "dispatcher/engine/adapter_runner.h"

#include <atomic>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using testing::WaitFor;

// Counts how often somebody looks at it: each thread does when it wakes.
class CountingClock : public Clock {
 public:
  Mono Now() const override {
    ++looks;
    return SystemClock().Now();
  }
  WallMs Wall() const override { return SystemClock().Wall(); }

  mutable std::atomic<int> looks{0};
};

// A registry of which either the list of lanes or the read of one does not answer.
class HangingAdapter : public TestAdapter {
 public:
  explicit HangingAdapter(bool lanes_hang, std::atomic<int>& hanging)
      : lanes_hang_(lanes_hang), hanging_(hanging) {
    traits.parallelism = 4;
  }
  absl::StatusOr<std::vector<std::string>> Lanes(const Cancel& cancel) override {
    if (lanes_hang_) {
      Hang(cancel);
    }
    return std::vector<std::string>{"", "a", "b"};
  }
  absl::Status Read(std::string_view, const Cancel& cancel, absl::FunctionRef<void(Entry)>) override {
    Hang(cancel);
    return absl::UnavailableError("cancelled");
  }

 private:
  void Hang(const Cancel& cancel) {
    ++hanging_;
    WaitFor([&] { return cancel.stop_requested(); }, std::chrono::minutes(1));
  }
  const bool lanes_hang_;
  std::atomic<int>& hanging_;
};

TEST_CASE("While a registry does not answer nobody wakes again and again") {
  const bool lanes_hang = GENERATE(true, false);
  CAPTURE(lanes_hang);
  CountingClock clock;
  DecisionLog decisions(std::make_shared<History>(clock, 10));
  std::atomic<int> hanging{0};
  ReconcilePolicy policy;
  policy.adapter = "test";
  AdapterRunner runner(std::make_unique<HangingAdapter>(lanes_hang, hanging), policy, clock, decisions);
  runner.Start();
  REQUIRE(WaitFor([&] { return hanging == 1; }));
  runner.Offer({{ServiceKey{"/web", 0}, App("/web", "web", {Task("a", 1)})}}, FullPass{false, "f"});
  const int before = clock.looks;
  CHECK_FALSE(WaitFor([&] { return clock.looks > before + 10; }, std::chrono::milliseconds(300)));
  runner.Stop();
}

}  // namespace
}  // namespace dispatcher
