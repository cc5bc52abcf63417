#include "tests/e2e/reign/churn.h"

#include <stdexcept>

namespace dispatcher::testing {

Churn::Churn(World& world, Work& work, uint32_t seed)
    : world_(world), work_(work), random_(seed), thread_([this] { Run(); }) {}

Churn::~Churn() { Stop(); }

int Churn::Stop() {
  {
    MutexLock lock(mutex_);
    stop_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
  return steps_;
}

void Churn::Run() {
  MutexLock lock(mutex_);
  while (!stop_) {
    mutex_.unlock();
    try {
      if (random_() % 3 != 0) {
        TurnHealth();
      } else {
        HealAll();  // an app's next deployment waits for the last one, and that for health
        work_.Step(random_);
      }
      ++steps_;
    } catch (const std::runtime_error&) {
      // The task has gone meanwhile; the next step is another.
    }
    const std::chrono::milliseconds pause(random_() % 250);
    mutex_.lock();
    const Mono next = MonoClock::now() + pause;
    while (!stop_ && changed_.WaitUntil(mutex_, next)) {
    }
  }
  mutex_.unlock();
  HealAll();
  mutex_.lock();
}

void Churn::HealAll() {
  for (const std::string& task : sick_) {
    try {
      world_.marathon().OnTask(task, "healthy");
    } catch (const std::runtime_error&) {
      // It has gone.
    }
  }
  sick_.clear();
}

void Churn::TurnHealth() {
  const std::vector<SimTask> tasks = world_.marathon().Tasks();
  if (tasks.empty()) {
    return;
  }
  const std::string& task = tasks[random_() % tasks.size()].task;
  const bool was_sick = sick_.erase(task) > 0;
  if (!was_sick) {
    sick_.insert(task);
  }
  world_.marathon().OnTask(task, was_sick ? "healthy" : "unhealthy");
}

}  // namespace dispatcher::testing
