// Replacements at a steady rate.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "tests/bench/apps.h"
#include "tests/bench/ledger.h"
#include "tests/bench/registry.h"

namespace dispatcher::bench {

// Until a moment of a schedule: the one thing here that is not waited for by a condition.
void KeepTo(Mono due);
// Between two of so many a second.
inline Duration Apart(int rate) { return std::chrono::nanoseconds(std::chrono::seconds(1)) / rate; }

// Carries a replacement out, or has somebody do so; the moment before its first byte.
using SendReplacement = std::function<Mono(const Replacement&)>;

// Seconds from each replacement's sending until a write that names its new task was answered.
struct Registered {
  std::vector<double> seconds;
  size_t sent = 0;
  size_t lost = 0;  // not named within ten seconds of the last
};

// `count` replacements, `apart` from another, over all apps in turn. The schedule never waits for an answer:
// a slow one does not hide what it would have made late.
Registered ReplaceAtPace(Apps& apps, const Ledger& ledger, int count, Duration apart,
                         const SendReplacement& send);

// The bare client at its best: what was handed to it while its last calls were under way goes
// out together.
class BareQueue {
 public:
  BareQueue(const Registry& registry, const std::string& url);
  ~BareQueue();

  Mono Push(const Replacement& replacement);
  // Of all so far.
  absl::Status status() const;

 private:
  void Run();

  const Registry& registry_;
  BareClient client_;
  mutable Mutex mutex_;
  CondVar filled_;
  std::vector<Replacement> waiting_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace dispatcher::bench
