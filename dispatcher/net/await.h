// Waiting for a socket, until a moment.
#pragma once

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "dispatcher/base/clock.h"

namespace dispatcher {

// Whether the socket is ready for `event` (POLLIN, POLLOUT), or broken, before `end`. Signals
// end nothing.
inline bool AwaitSocket(int socket, short event, Mono end) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - MonoClock::now()).count();
    pollfd polled{socket, event, 0};
    const int ready = poll(&polled, 1, static_cast<int>(std::clamp<int64_t>(left, 0, 1 << 30)));
    if (ready >= 0 || errno != EINTR) {
      return ready > 0;
    }
  }
}

}  // namespace dispatcher
