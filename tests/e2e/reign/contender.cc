#include "tests/e2e/reign/contender.h"

#include <algorithm>
#include <utility>

#include "tests/support/wait.h"

namespace dispatcher::testing {

Contender::Contender(size_t who, std::vector<std::string> settings, const std::vector<WireOptions>& wires,
                     Record& record)
    : who_(who), record_(record), settings_(std::move(settings)) {
  for (const WireOptions& options : wires) {
    wires_.push_back(std::make_unique<Wire>(options, record));
    settings_.push_back("adapters." + options.registry + ".url=" + wires_.back()->url());
  }
  Start();
}

void Contender::Start() {
  if (process_ != nullptr) {
    constexpr size_t kept = 200000;
    const std::string log = process_->Log();
    earlier_ = log.substr(log.size() - std::min(log.size(), kept)) + "---- started again\n";
  }
  record_.Asked({.what = LockCall::What::kStart, .who = who_, .session = "", .begun = MonoClock::now()});
  // Its port was free a moment ago, and may have been taken since.
  for (int attempt = 0; attempt < 5; ++attempt) {
    process_ = std::make_unique<Dispatcher>(settings_);
    WaitFor([this] { return process_->Ready().status != 0 || !process_->Running(); });
    if (process_->Running()) {
      break;
    }
  }
  up_ = true;
}

void Contender::Kill() {
  process_->Kill9();
  up_ = false;
}

void Contender::Terminate() {
  process_->Signal(SIGTERM);
  up_ = false;
}

bool Contender::HasStopped() { return process_->Stop() == 0; }

void Contender::StandStill() {
  still_since_ = MonoClock::now();
  process_->Signal(SIGSTOP);
  up_ = false;
}

void Contender::GoOn() {
  record_.StoodStill({who_, still_since_, MonoClock::now()});
  process_->Signal(SIGCONT);
  up_ = true;
}

void Contender::CutLock(bool cut) {
  for (const auto& wire : wires_) {
    wire->CutLock(cut);
  }
}

void Contender::CutConsul(bool cut) {
  for (const auto& wire : wires_) {
    if (!wire->options().lock_key.empty()) {
      wire->CutLock(cut);
      wire->CutRegistry(cut);
    }
  }
}

void Contender::CutRegistries(bool cut) {
  for (const auto& wire : wires_) {
    wire->CutRegistry(cut);
  }
}

void Contender::Slow(Duration by) {
  for (const auto& wire : wires_) {
    wire->Slow(by);
  }
}

int Contender::Pending() const {
  int pending = 0;
  for (const auto& wire : wires_) {
    pending += wire->Pending();
  }
  return pending;
}

}  // namespace dispatcher::testing
