// /v1/decisions and /v1/events: what was decided, all that is kept and as it comes.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "dispatcher/admin/source.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/net/server.h"

namespace dispatcher {

// Any thread. Both take ?after=N, for decisions with a higher number, ?since=1h or
// ?since=2026-11-22T08:00:00Z, for those made since then, and ?app=ID, for those of that app
// alone; 400 for anything else.
class DecisionFeed {
 public:
  // Each reader has a thread of the server's, and some have to be left for /healthz.
  static constexpr int kMaxReaders = 8;

  // Both outlive this; the clock's wall is what decisions are stamped by.
  DecisionFeed(const Source& source, const Clock& clock) : source_(source), clock_(clock) {}

  // Those that are kept, oldest first.
  HttpReply List(const HttpCall& call) const;

  // Server-Sent Events: the decision's number as the id, "decision" as the type, its JSON
  // (views.h) as the data. Begins with what comes, after ?after or the header
  // Last-Event-ID, or with those since ?since. A reader that takes nothing for two seconds is cut off by the
  // server. 429 for one reader too many.
  HttpReply Open(const HttpCall& call);

 private:
  void Send(const HttpSink& sink, uint64_t after, const AppId& app) const;

  struct Choice {
    std::optional<uint64_t> after;
    std::optional<WallMs> since;
    AppId app;  // "": all
  };
  absl::StatusOr<Choice> ChoiceOf(const HttpCall& call) const;
  // The number that a stream begins behind.
  uint64_t BeginOf(const Choice& choice) const;

  const Source& source_;
  const Clock& clock_;
  std::atomic<int> readers_{0};
};

}  // namespace dispatcher
