// A client that never stops asking.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "dispatcher/base/pause.h"
#include "tests/contract/vulcand_place.h"

namespace dispatcher::testing {

// Asks on and on; how many answers were not 200.
class Asking {
 public:
  Asking(const std::string& base, const std::string& host)
      : thread_([this, base, host] {
          while (!stop_) {
            ++(Visit(base, host).first == 200 ? good_ : bad_);
            Pause(std::chrono::milliseconds(1), Cancel());
          }
        }) {}
  ~Asking() { Stop(); }
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  int good() const { return good_; }
  int bad() const { return bad_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> good_ = 0, bad_ = 0;
  std::thread thread_;
};

}  // namespace dispatcher::testing
