// std::mutex with Clang's thread-safety annotations.
//
// Not absl::Mutex: Debian's Abseil is not built for TSan, and a correct program
// with it gives false races there.
#pragma once

#include <condition_variable>
#include <mutex>

#include "dispatcher/base/clock.h"

#if defined(__clang__)
#define DISPATCHER_TSA(x) __attribute__((x))
#else
#define DISPATCHER_TSA(x)
#endif

#define CAPABILITY(name) DISPATCHER_TSA(capability(name))
#define SCOPED_CAPABILITY DISPATCHER_TSA(scoped_lockable)
#define GUARDED_BY(mutex) DISPATCHER_TSA(guarded_by(mutex))
#define REQUIRES(mutex) DISPATCHER_TSA(requires_capability(mutex))
#define EXCLUDES(mutex) DISPATCHER_TSA(locks_excluded(mutex))
#define ACQUIRE(...) DISPATCHER_TSA(acquire_capability(__VA_ARGS__))
#define RELEASE(...) DISPATCHER_TSA(release_capability(__VA_ARGS__))
#define NO_TSA DISPATCHER_TSA(no_thread_safety_analysis)

namespace dispatcher {

class CAPABILITY("mutex") Mutex {
 public:
  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits are spurious-proof only in a loop over the condition, as with the
// standard's. The mutex is held on entry and on return.
class CondVar {
 public:
  void Wait(Mutex& mutex) REQUIRES(mutex) NO_TSA {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }
  // false: the deadline has passed.
  bool WaitUntil(Mutex& mutex, Mono deadline) REQUIRES(mutex) NO_TSA {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool in_time = cv_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  void NotifyOne() { cv_.notify_one(); }
  void NotifyAll() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

}  // namespace dispatcher
