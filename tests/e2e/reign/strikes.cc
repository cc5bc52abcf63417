#include "tests/e2e/reign/strikes.h"

#include <stdexcept>

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Twice the TTL, a LockDelay of 1 s, and 2 s to notice.
constexpr milliseconds kAfterSilence = 2 * kReignTtl + seconds(1) + seconds(2);
constexpr milliseconds kAfterRelease = seconds(1);

void Nothing(Contender& /*victim*/) {}

std::vector<Strike> Make() {
  const auto start = [](Contender& victim) { victim.Start(); };
  const auto stand_still = [](Contender& victim) { victim.StandStill(); };
  const auto go_on = [](Contender& victim) { victim.GoOn(); };
  const auto all = [](bool cut) {
    return [cut](Contender& victim) {
      victim.CutLock(cut);
      victim.CutRegistries(cut);
    };
  };
  return {
      {"SIGKILL", milliseconds(100), seconds(25), kAfterSilence, false,
       [](Contender& victim) { victim.Kill(); }, start},
      {"SIGTERM", milliseconds(100), seconds(6), kAfterRelease, false,
       [](Contender& victim) { victim.Terminate(); },
       [](Contender& victim) {
         if (!victim.HasStopped()) {
           throw std::runtime_error(victim.name() + " did not end in good order after SIGTERM");
         }
         victim.Start();
       }},
      {"SIGHUP", milliseconds(100), seconds(1), kAfterRelease, true,
       [](Contender& victim) { victim.Reload(); }, Nothing},
      {"SIGSTOP, shorter than the TTL", milliseconds(200), seconds(8), kAfterSilence, false, stand_still,
       go_on},
      {"SIGSTOP, longer than the TTL", seconds(9), seconds(28), kAfterSilence, false, stand_still, go_on},
      {"lock cut", seconds(1), seconds(28), kAfterSilence, false,
       [](Contender& victim) { victim.CutLock(true); }, [](Contender& victim) { victim.CutLock(false); }},
      {"Consul cut", seconds(1), seconds(28), kAfterSilence, false,
       [](Contender& victim) { victim.CutConsul(true); }, [](Contender& victim) { victim.CutConsul(false); }},
      {"registries cut", seconds(1), seconds(12), kAfterRelease, true,
       [](Contender& victim) { victim.CutRegistries(true); },
       [](Contender& victim) { victim.CutRegistries(false); }},
      {"all cut", seconds(9), seconds(28), kAfterSilence, false, all(true), all(false)},
      {"registries slow", seconds(2), seconds(15), kAfterRelease, true,
       [](Contender& victim) { victim.Slow(milliseconds(700)); }, [](Contender& victim) { victim.Slow({}); }},
      // So that writes are on their way when the permit ends.
      {"registries slow and lock cut", seconds(9), seconds(28), kAfterSilence, false,
       [](Contender& victim) {
         victim.Slow(milliseconds(1500));
         victim.CutLock(true);
       },
       [](Contender& victim) {
         victim.CutLock(false);
         victim.Slow({});
       }},
  };
}

}  // namespace

const std::vector<Strike>& Strikes() {
  static const std::vector<Strike> strikes = Make();
  return strikes;
}

}  // namespace dispatcher::testing
