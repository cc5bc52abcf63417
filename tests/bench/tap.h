// Listens in on the wire between a client and what it asks: counts requests and bytes, and
// tells when a call was answered.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "tests/support/door.h"

namespace dispatcher::bench {

// Of all connections together, heads included.
struct Traffic {
  int64_t reads = 0, writes = 0;  // requests that were answered, GET and all others
  int64_t asked = 0, told = 0;    // bytes from the client, bytes to it
  int64_t bytes() const { return asked + told; }
};
Traffic operator-(const Traffic& all, const Traffic& earlier);

// A call whose answer has begun.
struct TapCall {
  std::string_view request;  // head and body, as they went over the wire
  int status = 0;
  Mono at;  // when the answer's first bytes came
  bool IsRead() const { return request.starts_with("GET "); }
};

// HTTP/1.1 without pipelining, as both sides here speak it. Any thread.
class Tap {
 public:
  using Listener = std::function<void(const TapCall&)>;

  // Before "http://127.0.0.1:8500". `listener` is called on the tap's own thread.
  explicit Tap(std::string_view upstream, Listener listener = nullptr);

  std::string url() const { return door_.url(); }
  Traffic traffic() const;
  Mono last_byte() const;
  // When the last call was answered that was no GET; time zero without any.
  Mono last_write() const;
  // Targets of the GETs that were answered since the last call of this, in order.
  std::vector<std::string> TakeReads();

 private:
  void Watch(int connection, bool from_client, std::string_view bytes);

  const Listener listener_;
  std::map<int, std::string> asked_;  // of the door's thread: requests not answered yet
  mutable Mutex mutex_;
  Traffic traffic_ ABSL_GUARDED_BY(mutex_);
  Mono last_byte_ ABSL_GUARDED_BY(mutex_), last_write_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> reads_ ABSL_GUARDED_BY(mutex_);
  testing::Door door_;  // last: its thread uses all above
};

}  // namespace dispatcher::bench
