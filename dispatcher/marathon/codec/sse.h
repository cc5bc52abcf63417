// Bytes of an event stream in, events out: the WHATWG rules for
// text/event-stream, fed by pieces that may be cut anywhere.
//
// Line ends are CRLF, LF or CR, also mixed; a byte order mark, comments, `id` and
// `retry` are passed over; several `data` lines are joined by LF. Marathon sends
// CRLF through Jetty and a lone CRLF every 10 s as a sign of life; its optional
// Akka backend (1.5, 1.6) sends LF, `data` before `event`, and "data:" with
// nothing in it as the sign of life.
//
// Two deliberate differences from the specification: an event with empty data is
// a heartbeat and not an event, and one beyond the limits is skipped whole and
// reported, after which the parser goes on with the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace dispatcher {

struct SseEvent {
  std::string_view type;   // the `event` field, "" if there was none (Marathon before 0.11)
  std::string_view data;   // never empty, unless `oversized`
  bool oversized = false;  // was larger than allowed and is lost: a gap in the stream
};

struct SseLimits {
  // Deployment events before plan-format=light (Marathon 1.5.9, 1.6.322) hold the
  // whole group tree twice; Marathon sets no bound.
  size_t max_line = 16 << 20;
  size_t max_event = 16 << 20;  // all data of one event together
};

class SseParser {
 public:
  explicit SseParser(SseLimits limits = {}) : limits_(limits) {}

  // Calls `visit` for each event that ends within `bytes`; the views in it are
  // valid during the call. Memory: at most one line and one event's data.
  void Feed(std::string_view bytes, absl::FunctionRef<void(const SseEvent&)> visit);

  // To be called between two connections: what is unfinished is dropped, as the
  // specification wants it at the end of a stream.
  void Reset();

  // Signs of life that were no events, since construction.
  uint64_t heartbeats() const { return heartbeats_; }
  // True while an event has begun and not ended.
  bool mid_event() const { return in_line_ || has_data_ || !type_.empty() || skipping_; }

 private:
  void Line(std::string_view line, absl::FunctionRef<void(const SseEvent&)> visit);
  void Blank(absl::FunctionRef<void(const SseEvent&)> visit);
  void Keep(std::string_view part);
  void Clear();

  SseLimits limits_;
  std::string line_;  // the part of a line that an earlier piece held
  std::string data_;
  std::string type_;
  uint64_t heartbeats_ = 0;
  size_t bom_matched_ = 0;  // bytes of a leading byte order mark seen; 3: looked for and done
  bool in_line_ = false;    // a line has begun
  bool after_cr_ = false;   // a LF that comes now belongs to the CR before it
  bool line_too_long_ = false;
  bool has_data_ = false;
  bool skipping_ = false;  // this event is lost: wait for its end
};

}  // namespace dispatcher
