// /v1/decisions and /v1/events: what was decided, all that is kept and as it comes.
#pragma once

#include <atomic>

#include "dispatcher/admin/source.h"
#include "dispatcher/net/server.h"

namespace dispatcher {

// Any thread. Both take ?after=N, for decisions with a higher number, and ?app=ID, for
// those of that app alone; 400 for anything else.
class DecisionFeed {
 public:
  // Each reader has a thread of the server's, and some have to be left for /healthz.
  static constexpr int kMaxReaders = 8;

  // `source` outlives this.
  explicit DecisionFeed(const Source& source) : source_(source) {}

  // Those that are kept, oldest first.
  HttpReply List(const HttpCall& call) const;

  // Server-Sent Events: the decision's number as the id, "decision" as the type, its JSON
  // (views.h) as the data. Begins with what comes, or after ?after or the header
  // Last-Event-ID. A reader that takes nothing for two seconds is cut off by the server.
  // 429 for one reader too many.
  HttpReply Open(const HttpCall& call);

 private:
  void Send(const HttpSink& sink, uint64_t after, const AppId& app) const;

  const Source& source_;
  std::atomic<int> readers_{0};
};

}  // namespace dispatcher
