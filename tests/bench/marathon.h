// A Marathon that costs the benches as little as can be: answers made beforehand,
// and one event stream whose bytes are written by the thread that measures.
#pragma once

#include <string>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "tests/bench/apps.h"
#include "tests/support/raw_server.h"

namespace dispatcher::bench {

inline constexpr const char* kFrameworkId = "c7c311a4-b669-11e6-a48f-0ea4f4b1778c-0000";

class Marathon {
 public:
  // `apps` outlives this. The first snapshot is what they are now, later ones what
  // they are then.
  explicit Marathon(const Apps& apps);
  ~Marathon();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  // Writes to the open stream; the moment before the first byte. Time zero if there is no stream.
  Mono Emit(const std::string& frames);

 private:
  void Serve(testing::RawConnection& connection);
  void ServeStream(testing::RawConnection& connection);
  bool ServeRead(testing::RawConnection& connection, const std::string& target);

  const Apps& apps_;
  Mutex mutex_;
  std::string first_ ABSL_GUARDED_BY(mutex_);
  testing::RawConnection* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;
  testing::RawServer server_;  // last: its threads use all above
};

}  // namespace dispatcher::bench
