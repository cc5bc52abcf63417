// The subscribers of /v2/events: each has a queue that the publisher fills and its
// connection's thread empties.
//
// Marathon writes a batch at a time and lets at most `buffer` events wait
// meanwhile (HttpEventStreamHandleActor.scala); what is beyond is dropped in
// silence, or ends the stream from 1.8 on.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "dispatcher/net/server.h"
#include "tests/marathon_sim/faults.h"
#include "tests/world/event.h"

namespace dispatcher::sim {

using EventPtr = std::shared_ptr<const world::Event>;

struct StreamOptions {
  int buffer = 1024;
  bool overflow_closes = true;
  int heartbeat_ms = 10'000;
};

// One request for events.
struct Subscription {
  std::vector<std::string> types;  // empty: all
  bool light = false;              // plan-format=light
  bool named = true;               // an "event:" line (0.11 and later)
};

class Streams {
 public:
  explicit Streams(StreamOptions options) : options_(options) {}

  // Any thread. In order.
  void Publish(const std::vector<EventPtr>& events);
  void SetFaults(const Faults& faults);
  // Ends all streams that are open now; later ones may open.
  void CloseAll();

  // Runs one stream on the calling thread until the client or we end it.
  // `subscribed` is called once events are being queued.
  void Serve(const Subscription& subscription, const std::function<void()>& subscribed, const HttpSink& sink);

  size_t open() const;
  uint64_t bytes() const;

 private:
  struct Queue {
    std::deque<EventPtr> events;
    bool writing = false;  // a batch is on its way
    bool closed = false;
  };
  class Writer;

  const StreamOptions options_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<std::shared_ptr<Queue>> queues_ ABSL_GUARDED_BY(mutex_);
  Faults faults_ ABSL_GUARDED_BY(mutex_);
  uint64_t served_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace dispatcher::sim
