// The bounds of an answer that comes in.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"

namespace dispatcher {

// What is let in of an answer, beside its body, and for how long. httplib reads the
// status line, headers and what frames chunks byte by byte and without a bound, and
// matches the status line by a recursion on its length.
class Gate {
 public:
  // Before each exchange; `whole`: from the first byte to the last, zero without a limit.
  void Reset(Duration whole) { *this = Gate(whole); }
  // When waiting for more has to end.
  Mono End() const { return std::min(in_head_ ? head_end_ : Mono::max(), whole_end_); }
  // Bytes came off the wire.
  void Arrived() {
    if (head_end_ == Mono::max()) {
      const Mono now = MonoClock::now();
      head_end_ = now + kHeadTime;
      whole_end_ = whole_ > Duration::zero() ? now + whole_ : Mono::max();
    }
  }
  // False: no more of it, for the reason in refused().
  bool TakeOfLine(char c) {
    status_line_ = status_line_ && c != '\n';
    if (++lines_ > (status_line_ ? kMaxStatusLine : kMaxLines)) {
      refused_ = Error(absl::StatusCode::kResourceExhausted, "answer with more than ",
                       std::to_string(lines_ - 1), " bytes of ",
                       status_line_ ? "status line"
                       : in_head_   ? "headers"
                                    : "chunk sizes");
    }
    return refused_.ok();
  }
  bool InTime() {
    if (const Mono now = MonoClock::now(); refused_.ok() && now >= End()) {
      const bool whole = now >= whole_end_;
      refused_ = Error(absl::StatusCode::kDeadlineExceeded, "the answer", whole ? "" : "'s headers",
                       " did not end within ", std::to_string(Seconds(whole ? whole_ : kHeadTime)), " s");
    }
    return refused_.ok();
  }
  // The server's TLS said why it ends, which is more than that it ends.
  void Alerted(absl::Status why) {
    if (!why.ok()) {
      refused_ = std::move(why);
    }
  }
  // Nothing more comes of the peer: whether that is an end or a break is the framing's matter.
  void Ended() { ended_ = true; }
  bool ended() const { return ended_; }
  void HeadOver() { in_head_ = false, lines_ = 0; }
  void PieceOver() { lines_ = 0; }
  const absl::Status& refused() const { return refused_; }

  explicit Gate(Duration whole = Duration::zero()) : whole_(whole) {}

 private:
  static constexpr size_t kMaxStatusLine = 1u << 10, kMaxLines = 64u << 10;
  static constexpr Duration kHeadTime = std::chrono::seconds(10);

  Duration whole_;
  Mono head_end_ = Mono::max(), whole_end_ = Mono::max();
  bool status_line_ = true, in_head_ = true, ended_ = false;
  size_t lines_ = 0;
  absl::Status refused_;
};

}  // namespace dispatcher
