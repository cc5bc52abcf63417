#include "dispatcher/marathon/client/event_stream.h"

#include <optional>
#include <utility>

#include "dispatcher/base/log.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/marathon/client/redirect.h"
#include "dispatcher/marathon/codec/event.h"
#include "dispatcher/marathon/codec/sse.h"

namespace dispatcher {
namespace {

constexpr int kMaxHops = 5;
constexpr size_t kMaxIgnoredTypes = 64, kMaxIgnoredLength = 64;

// Why a stream was not opened, beside a failure.
struct Detour {
  std::string location;  // a redirect
  bool refused = false;  // 401
};

}  // namespace

std::string EventStreamTarget() {
  std::string target = "/v2/events?plan-format=light";
  for (const std::string_view type : WantedEventTypes()) {
    target.append("&event_type=").append(type);
  }
  return target;
}

struct EventStream::Impl {
  Impl(std::shared_ptr<Nodes> nodes_in, EventStreamOptions options_in, const Clock& clock_in,
       Deliver deliver_in)
      : nodes(std::move(nodes_in)),
        options(options_in),
        clock(clock_in),
        deliver(std::move(deliver_in)),
        parser(SseLimits{options_in.max_frame, options_in.max_frame}) {}

  void Run() {
    Backoff backoff(options.backoff, options.seed);
    FailureLog log("event stream");
    for (size_t next = 0; !stop.stop_requested(); ++next) {
      const Mono begun = clock.Now();
      absl::Status why = Open(nodes->configured()[next % nodes->configured().size()]);
      if (stop.stop_requested()) {
        return;
      }
      const bool was_attached = Closed(why);
      if (was_attached && clock.Now() - begun >= options.settled_after) {
        backoff.Reset();
      }
      if (was_attached) {
        log.Succeeded();
        deliver({StreamLost{why}}, clock.Now());
      }
      log.Failed(why, {{"url", Counters().url}});
      Wait(clock.Now() + backoff.Next());
    }
  }

  // One subscription from the first hop to its end. Never OK: a stream has no
  // good end.
  absl::Status Open(const Url& first) {
    Hop hop{first, EventStreamTarget(), true};
    bool asked_again = false;
    for (int hops = 0; hops <= kMaxHops;) {
      Detour detour;
      const absl::Status ended = Ask(hop, detour);
      if (detour.refused) {
        if (asked_again || !nodes->Refused(hop.node)) {
          return Annotate(nodes->Refusal(hop.node, 401), hop.node.Origin());
        }
        asked_again = true;
      } else if (!detour.location.empty()) {
        absl::StatusOr<Hop> led = FollowRedirect(hop.node, detour.location);
        if (!led.ok()) {
          return Annotate(led.status(), hop.node.Origin());
        }
        hop = *std::move(led);
        ++hops;
        MutexLock lock(mutex);
        ++counters.redirects;
      } else {
        return Annotate(ended, hop.node.Origin());
      }
    }
    return Error(absl::StatusCode::kUnavailable, first.Origin(), ": more than 5 redirects in a row");
  }

  absl::Status Ask(const Hop& hop, Detour& detour) {
    {
      MutexLock lock(mutex);
      counters.url = hop.node.Origin() + hop.node.path;
    }
    HttpRequest request;
    request.target = hop.target;
    ASSIGN_OR_RETURN(request.headers, nodes->HeadersFor(hop.node, stop.get_token()));
    request.headers.emplace_back("Accept", "text/event-stream");  // Jetty compares the whole value
    request.read_timeout = options.stall_timeout;
    RETURN_IF_ERROR(nodes->ClientFor(hop.node)->Stream(
        request, stop.get_token(), [&](const HttpHead& head) { return OnHead(hop, head, detour); },
        [&](std::string_view piece) { return OnPiece(piece); }));
    return Error(absl::StatusCode::kUnavailable, "the stream ended");
  }

  // An error here ends the call; where `detour` is set it is never looked at.
  absl::Status OnHead(const Hop& hop, const HttpHead& head, Detour& detour) {
    if (IsRedirect(head.status)) {
      detour.location = std::string(FindHeader(head.headers, "Location"));
      return Error(absl::StatusCode::kUnavailable, "answered ", std::to_string(head.status),
                   " without a Location");
    }
    if (head.status == 401) {
      detour.refused = true;
      return Error(absl::StatusCode::kUnauthenticated, "answered 401");
    }
    if (head.status == 403) {
      return nodes->Refusal(hop.node, 403);
    }
    if (head.status != 200) {
      return Error(absl::StatusCode::kUnavailable, "answered ", std::to_string(head.status));
    }
    const std::string_view type = FindHeader(head.headers, "Content-Type");
    if (!EqualsIgnoreCase(Trim(type.substr(0, type.find(';'))), "text/event-stream")) {
      return Error(absl::StatusCode::kUnavailable, "answered with content type '", type.substr(0, 100),
                   "', not text/event-stream; is the url Marathon's?");
    }
    opened_at = clock.Now();
    if (hop.is_marathon) {
      nodes->SetStreamNode(hop.node);
    }
    MutexLock lock(mutex);
    counters.connected = true;
    counters.leader = AnsweringLeader(head.headers, hop.node);
    ++counters.connects;
    return absl::OkStatus();
  }

  absl::Status OnPiece(std::string_view piece) {
    const Mono now = clock.Now();
    std::vector<Observation> seen;
    {
      MutexLock lock(mutex);
      counters.bytes += piece.size();
      counters.last_byte = now;
    }
    parser.Feed(piece, [&](const SseEvent& event) { OnEvent(event, seen); });
    if (!seen.empty()) {
      deliver(std::move(seen), now);
    }
    // The subscription follows the head in Marathon's own time, and the event that
    // proves it can get lost in an overflow: heartbeats alone prove nothing.
    if (!attached && now - opened_at > options.stall_timeout) {
      return Error(absl::StatusCode::kDeadlineExceeded, "no event that proves the subscription");
    }
    return absl::OkStatus();
  }

  void OnEvent(const SseEvent& event, std::vector<Observation>& seen) {
    MutexLock lock(mutex);
    ++counters.frames;
    if (!attached) {
      // Usually event_stream_attached; but whatever comes, comes to a subscriber.
      attached = counters.attached = true;
      seen.emplace_back(StreamAttached{counters.leader});
    }
    if (event.oversized) {
      ++counters.gaps;
      seen.emplace_back(StreamGap{"an event of more than " + std::to_string(options.max_frame) + " bytes"});
      return;
    }
    absl::StatusOr<DecodedEvent> decoded = DecodeEvent(event.data);
    if (!decoded.ok()) {
      ++counters.gaps;
      seen.emplace_back(StreamGap{Text(decoded.status())});
      return;
    }
    if (decoded->observations.empty()) {
      Ignore(decoded->type);
    }
    for (Observation& observation : decoded->observations) {
      // Also those of other clients, whose arrival says nothing about this stream.
      if (!std::holds_alternative<StreamAttached>(observation)) {
        seen.push_back(std::move(observation));
      }
    }
  }

  void Ignore(const std::string& type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const bool room = type.size() <= kMaxIgnoredLength &&
                      (counters.ignored.size() < kMaxIgnoredTypes || counters.ignored.contains(type));
    ++counters.ignored[room ? type : "other"];
  }

  // Puts everything back; true if the stream had been proven.
  bool Closed(const absl::Status& why) {
    nodes->SetStreamNode(std::nullopt);
    parser.Reset();
    MutexLock lock(mutex);
    counters.connected = counters.attached = false;
    counters.last_error = Text(why);
    ++counters.failures;
    return std::exchange(attached, false);
  }

  void Wait(Mono until) {
    MutexLock lock(mutex);
    while (!stop.stop_requested() && clock.Now() < until) {
      wake.WaitUntil(mutex, until);
    }
  }

  StreamCounters Counters() const {
    MutexLock lock(mutex);
    return counters;
  }

  const std::shared_ptr<Nodes> nodes;
  const EventStreamOptions options;
  const Clock& clock;
  const Deliver deliver;
  CancelSource stop;
  std::thread thread;

  // Of the stream's thread alone.
  SseParser parser;
  bool attached = false;
  Mono opened_at{};

  mutable Mutex mutex;
  CondVar wake;
  StreamCounters counters ABSL_GUARDED_BY(mutex);
};

EventStream::EventStream(std::shared_ptr<Nodes> nodes, EventStreamOptions options, const Clock& clock,
                         Deliver deliver)
    : impl_(std::make_unique<Impl>(std::move(nodes), options, clock, std::move(deliver))) {}

EventStream::~EventStream() { Stop(); }

void EventStream::Start() {
  impl_->thread = std::thread([this] { impl_->Run(); });
}

void EventStream::Stop() {
  impl_->stop.request_stop();
  {
    // Between Wait's look at the flag and its sleep this lock can't be had.
    MutexLock lock(impl_->mutex);
    impl_->wake.NotifyAll();
  }
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

StreamCounters EventStream::Counters() const { return impl_->Counters(); }

}  // namespace dispatcher
