#include "dispatcher/base/pause.h"

#include "dispatcher/base/mutex.h"

namespace dispatcher {

void Pause(Duration length, const Cancel& cancel) {
  const Mono until = MonoClock::now() + length;
  Mutex mutex;
  CondVar cancelled;
  const std::stop_callback wake(cancel, [&] {
    MutexLock lock(mutex);
    cancelled.NotifyAll();
  });
  MutexLock lock(mutex);
  while (!cancel.stop_requested() && cancelled.WaitUntil(mutex, until)) {
  }
}

}  // namespace dispatcher
