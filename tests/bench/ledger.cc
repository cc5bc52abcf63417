#include "tests/bench/ledger.h"

#include <charconv>

namespace dispatcher::bench {
namespace {

// What stands before the number in a task's id (apps.cc).
constexpr std::string_view kBefore = "-a48f-";
constexpr size_t kDigits = 12;

}  // namespace

Tap::Listener Ledger::Listener() {
  return [this](const TapCall& call) { Note(call); };
}

Mono Ledger::NamedAt(int number) const {
  MutexLock lock(mutex_);
  const size_t at = static_cast<size_t>(number);
  return at < named_.size() ? named_[at] : Mono{};
}

void Ledger::Note(const TapCall& call) {
  if (call.IsRead() || call.status < 200 || call.status > 299) {
    return;
  }
  MutexLock lock(mutex_);
  for (size_t at = 0; (at = call.request.find(kBefore, at)) != std::string_view::npos;) {
    at += kBefore.size();
    const std::string_view digits = call.request.substr(at, kDigits);
    size_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + kDigits) {
      continue;
    }
    if (number >= named_.size()) {
      named_.resize(number + number / 2 + 1);
    }
    if (named_[number] == Mono{}) {
      named_[number] = call.at;
    }
  }
}

}  // namespace dispatcher::bench
