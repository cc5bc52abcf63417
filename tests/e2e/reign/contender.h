// One of several dispatchers, with a wire of its own to each registry.
#pragma once

#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/frame/dispatcher.h"
#include "tests/e2e/reign/wire.h"

namespace dispatcher::testing {

// One thread. The process and the wires end with this.
class Contender {
 public:
  // `settings` without the URLs of the adapters that `wires` are before; starts it.
  Contender(size_t who, std::vector<std::string> settings, const std::vector<WireOptions>& wires,
            Record& record);

  size_t who() const { return who_; }
  std::string name() const { return "dispatcher " + std::to_string(who_); }
  // It can answer: it runs, and does not stand still.
  bool Up() const { return up_; }
  bool Is(std::string_view state) { return up_ && process_->Is(state); }

  void Start();
  void Kill();
  void Terminate();  // SIGTERM, and does not wait
  // Whether it ended by itself, in good order.
  bool HasStopped();
  void StandStill();
  void GoOn();
  void Reload() { process_->Signal(SIGHUP); }
  void CutLock(bool cut);
  void CutConsul(bool cut);
  void CutRegistries(bool cut);
  void Slow(Duration by);

  int Pending() const;
  // The log of this process and the end of that of the one before.
  std::string Log() const { return earlier_ + process_->Log(); }

 private:
  const size_t who_;
  Record& record_;
  std::vector<std::string> settings_;
  std::vector<std::unique_ptr<Wire>> wires_;
  std::unique_ptr<Dispatcher> process_;
  std::string earlier_;
  bool up_ = false;
  Mono still_since_;
};

}  // namespace dispatcher::testing
