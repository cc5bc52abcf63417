// The framework that new entries are marked with, between the thread that learns it
// and those that render.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/base/mutex.h"

namespace dispatcher {

class FrameworkMark {
 public:
  void Set(std::string_view framework) {
    MutexLock lock(mutex_);
    framework_ = framework;
  }
  std::string Get() const {
    MutexLock lock(mutex_);
    return framework_;
  }

 private:
  mutable Mutex mutex_;
  std::string framework_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
