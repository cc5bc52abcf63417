// Marathon's event stream: one thread that keeps one subscription open and hands
// on what it says.
//
//   connect ─► 302? follow ─► 200 + text/event-stream ─► first event = attached ─► events ...
//      ▲                                                                            │
//      └──────── next url, backoff >= 250 ms with jitter ◄── EOF, stall, error ─────┘
//
// Nothing is ever replayed by Marathon, so every end of a stream is told
// (StreamLost) and every new one (StreamAttached): what lies between has to be
// read.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "dispatcher/base/backoff.h"
#include "dispatcher/base/cancel.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/marathon/client/nodes.h"
#include "dispatcher/marathon/client/stream_counters.h"
#include "dispatcher/model/observation.h"

namespace dispatcher {

struct EventStreamOptions {
  // Silence longer than this ends a stream; Marathon's heartbeat comes every 10 s.
  Duration stall_timeout = std::chrono::seconds(25);
  // The random share is 50 to 100 %, so the first wait is at least 250 ms. Starts
  // over once a stream has lived for `settled_after`.
  BackoffPolicy backoff{std::chrono::milliseconds(500), std::chrono::seconds(5), 2.0};
  Duration settled_after = std::chrono::seconds(10);
  size_t max_frame = 64u << 20;  // a larger event is skipped and told as StreamGap
  uint64_t seed = 0;
};

class EventStream {
 public:
  // What one piece off the socket held, in order, with the time of its receipt.
  // Called on the stream's thread; must not block for long and never throw.
  using Deliver = std::function<void(std::vector<Observation>, Mono received)>;

  // `clock` outlives this.
  EventStream(std::shared_ptr<Nodes> nodes, EventStreamOptions options, const Clock& clock, Deliver deliver);
  ~EventStream();  // stops
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  void Start();
  // Ends the stream and joins its thread (at most the connect timeout, 1 s).
  // Delivers nothing once it has returned, also no StreamLost. Idempotent.
  void Stop();

  StreamCounters Counters() const;  // any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The request's target: all types that the codec understands, light plans.
// Servers before 1.3.7 ignore the filter, and the plan's format before 1.5.9.
std::string EventStreamTarget();

}  // namespace dispatcher
