#include "dispatcher/engine/inbox.h"

#include <algorithm>
#include <utility>

namespace dispatcher {
namespace {

void Unshare(absl::Status& status) { status = absl::Status(status.code(), status.message()); }

// Copies of an absl::Status share a counted text. Debian's libabsl is not built for
// TSan, which therefore takes the last owner's delete for a race with what another
// thread read before; here is where observations change threads.
void UnshareStatus(Observation& observation) {
  std::visit(
      [](auto& what) {
        if constexpr (requires { Unshare(what.status); }) {
          Unshare(what.status);
        } else if constexpr (std::is_same_v<decltype(what), StreamLost&>) {
          Unshare(what.why);
        }
      },
      observation);
}

}  // namespace

void Inbox::Push(std::vector<Observation> observations, Mono received) {
  for (Observation& observation : observations) {
    UnshareStatus(observation);
  }
  {
    MutexLock lock(mutex_);
    if (closed_) {
      return;
    }
    for (Observation& observation : observations) {
      if (std::holds_alternative<StreamAttached>(observation)) {
        ++generation_;
      }
      queue_.push_back({++last_seq_, generation_, received, std::move(observation)});
    }
    peak_ = std::max(peak_, queue_.size());
  }
  filled_.NotifyOne();  // without the lock: whoever wakes wants it at once
}

bool Inbox::Drain(std::vector<Envelope>& out, size_t limit, std::optional<Mono> until) {
  out.clear();
  MutexLock lock(mutex_);
  waiting_ = true;
  while (queue_.empty() && !closed_) {
    if (!until) {
      filled_.Wait(mutex_);
    } else if (!filled_.WaitUntil(mutex_, *until) && queue_.empty()) {
      return true;
    }
  }
  waiting_ = false;
  const size_t count = std::min(limit, queue_.size());
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  std::move(queue_.begin(), end, std::back_inserter(out));
  queue_.erase(queue_.begin(), end);
  drained_.NotifyAll();
  return count > 0;
}

ReadMark Inbox::Position() const {
  MutexLock lock(mutex_);
  return {last_seq_, generation_, ""};
}

void Inbox::WaitForRoom(size_t depth) {
  MutexLock lock(mutex_);
  while (queue_.size() >= depth && !closed_) {
    drained_.Wait(mutex_);
  }
}

void Inbox::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  filled_.NotifyAll();
  drained_.NotifyAll();
}

InboxReport Inbox::Report() const {
  MutexLock lock(mutex_);
  return {waiting_ && queue_.empty(), queue_.size(), peak_, last_seq_, generation_};
}

}  // namespace dispatcher
