// A Marathon that costs the benches as little as can be: answers made beforehand,
// and one event stream whose bytes are written by the thread that measures; only its
// sign of life, every ten seconds, is not.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "tests/bench/apps.h"
#include "tests/support/raw_server.h"

namespace dispatcher::bench {

inline constexpr const char* kFrameworkId = "c7c311a4-b669-11e6-a48f-0ea4f4b1778c-0000";

class Marathon {
 public:
  // `apps` outlives this. A snapshot is what they are when it is asked for; its text is made
  // anew only if they have changed since the last.
  explicit Marathon(const Apps& apps);
  ~Marathon();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  // Writes to the open stream; the moment before the first byte. Time zero if there is no stream.
  Mono Emit(const std::string& frames);

 private:
  void Serve(testing::RawConnection& connection);
  void ServeStream(testing::RawConnection& connection);
  std::shared_ptr<const std::string> Snapshot();
  void Live();
  bool ServeRead(testing::RawConnection& connection, const std::string& target);

  const Apps& apps_;
  Mutex mutex_;
  uint64_t changes_ ABSL_GUARDED_BY(mutex_);                             // of the apps, when
  std::shared_ptr<const std::string> snapshot_ ABSL_GUARDED_BY(mutex_);  // was made
  testing::RawConnection* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;
  CondVar ending_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  testing::RawServer server_;  // its threads use all above
  std::thread heart_;          // and so does this
};

}  // namespace dispatcher::bench
