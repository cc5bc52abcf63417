#include "tests/bench/pace.h"

#include <utility>

#include "tests/support/wait.h"

namespace dispatcher::bench {
namespace {

// Neighbours in time are none by name: prime to all numbers of apps here.
constexpr int64_t kStride = 373;
constexpr std::chrono::seconds kLostAfter(10);

}  // namespace

void KeepTo(Mono due) {
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  while (MonoClock::now() < due) {
    never.WaitUntil(mutex, due);
  }
}

Registered ReplaceAtPace(Apps& apps, const Ledger& ledger, int count, Duration apart,
                         const SendReplacement& send) {
  struct Sent {
    int number;
    Mono at;
  };
  std::vector<Sent> all;
  all.reserve(static_cast<size_t>(count));
  const Mono first = MonoClock::now();
  for (int i = 0; i < count; ++i) {
    KeepTo(first + i * apart);
    const Replacement made = apps.Replace(static_cast<int>(i * kStride % apps.size()));
    all.push_back({made.born.number, send(made)});
  }
  Registered registered;
  registered.sent = all.size();
  size_t i = 0;
  testing::WaitFor(
      [&] {
        while (i < all.size() && ledger.NamedAt(all[i].number) != Mono{}) {
          ++i;
        }
        return i == all.size();
      },
      kLostAfter);
  for (const Sent& sent : all) {
    const Mono named = ledger.NamedAt(sent.number);
    if (named == Mono{}) {
      ++registered.lost;
    } else {
      registered.seconds.push_back(Seconds(named - sent.at));
    }
  }
  return registered;
}

BareQueue::BareQueue(const Registry& registry, const std::string& url)
    : registry_(registry), client_(url, registry.Connections()), thread_([this] { Run(); }) {}

BareQueue::~BareQueue() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    filled_.NotifyAll();
  }
  thread_.join();
}

Mono BareQueue::Push(const Replacement& replacement) {
  const Mono begun = MonoClock::now();
  MutexLock lock(mutex_);
  waiting_.push_back(replacement);
  filled_.NotifyOne();
  return begun;
}

absl::Status BareQueue::status() const {
  MutexLock lock(mutex_);
  return status_;
}

void BareQueue::Run() {
  MutexLock lock(mutex_);
  for (;;) {
    while (waiting_.empty() && !ending_) {
      filled_.Wait(mutex_);
    }
    if (waiting_.empty()) {
      return;
    }
    const std::vector<Replacement> together = std::exchange(waiting_, {});
    mutex_.unlock();
    const absl::Status sent = client_.Send(registry_.Exchange(together));
    mutex_.lock();
    status_.Update(sent);
  }
}

}  // namespace dispatcher::bench
