#include "dispatcher/admin/source.h"

namespace dispatcher {

void EngineSource::Switch(std::shared_ptr<Engine> engine) {
  MutexLock lock(mutex_);
  engine_.swap(engine);
}

std::shared_ptr<Engine> EngineSource::engine() const {
  MutexLock lock(mutex_);
  return engine_;
}

}  // namespace dispatcher
