#include "dispatcher/commands/signals.h"

#include <algorithm>
#include <csignal>
#include <ctime>

namespace dispatcher {
namespace {

sigset_t Watched() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, number);
  }
  return signals;
}

}  // namespace

void BlockSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = Watched();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

std::optional<int> WaitForSignal(std::optional<Duration> patience) {
  const sigset_t signals = Watched();
  const Mono until = MonoClock::now() + patience.value_or(Duration::zero());
  while (true) {
    int number = 0;
    if (!patience) {
      if (sigwait(&signals, &number) == 0) {
        return number;
      }
      continue;
    }
    const Duration left = std::max(until - MonoClock::now(), Duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec time = {seconds.count(), (left - seconds).count()};
    number = sigtimedwait(&signals, nullptr, &time);
    if (number > 0) {
      return number;
    }
    if (MonoClock::now() >= until) {
      return std::nullopt;
    }
  }
}

}  // namespace dispatcher
