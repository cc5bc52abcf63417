#include "tests/bench/tap.h"

#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher::bench {
namespace {

// "HTTP/1.1 200 OK" -> 200
int StatusOf(std::string_view answer) {
  const size_t blank = answer.find(' ');
  return blank == std::string_view::npos
             ? 0
             : static_cast<int>(ParseInt(answer.substr(blank + 1, 3)).value_or(0));
}

}  // namespace

Traffic operator-(const Traffic& all, const Traffic& earlier) {
  return {all.reads - earlier.reads, all.writes - earlier.writes, all.asked - earlier.asked,
          all.told - earlier.told};
}

Tap::Tap(std::string_view upstream, Listener listener)
    : listener_(std::move(listener)),
      door_(upstream, [this](int connection, bool from_client, std::string_view bytes) {
        Watch(connection, from_client, bytes);
      }) {}

Traffic Tap::traffic() const {
  MutexLock lock(mutex_);
  return traffic_;
}

Mono Tap::last_byte() const {
  MutexLock lock(mutex_);
  return last_byte_;
}

Mono Tap::last_write() const {
  MutexLock lock(mutex_);
  return last_write_;
}

std::vector<std::string> Tap::TakeReads() {
  MutexLock lock(mutex_);
  return std::exchange(reads_, {});
}

void Tap::Watch(int connection, bool from_client, std::string_view bytes) {
  const Mono now = MonoClock::now();
  if (bytes.empty()) {
    asked_.erase(connection);
    return;
  }
  std::string answered;
  if (from_client) {
    asked_[connection].append(bytes);
  } else if (const auto asked = asked_.find(connection); asked != asked_.end()) {
    answered = std::exchange(asked->second, "");
  }
  const TapCall call{answered, answered.empty() ? 0 : StatusOf(bytes), now};
  {
    MutexLock lock(mutex_);
    (from_client ? traffic_.asked : traffic_.told) += static_cast<int64_t>(bytes.size());
    last_byte_ = now;
    if (!answered.empty()) {
      ++(call.IsRead() ? traffic_.reads : traffic_.writes);
      if (call.IsRead()) {
        reads_.emplace_back(call.request.substr(4, call.request.find(' ', 4) - 4));
      } else {
        last_write_ = now;
      }
    }
  }
  if (listener_ && !answered.empty()) {
    listener_(call);
  }
}

}  // namespace dispatcher::bench
