#include "dispatcher/admin/decision_feed.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "dispatcher/admin/reply.h"
#include "dispatcher/admin/views.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/config/values.h"

namespace dispatcher {
namespace {

constexpr size_t kAll = SIZE_MAX;
constexpr Duration kLook = std::chrono::seconds(1);  // for a reader that has gone
constexpr int kLooksPerComment = 10;                 // so that what lies between sees some life

// "1h" is that long before `now`. A query's "+" came as a blank.
absl::StatusOr<WallMs> SinceOf(std::string text, WallMs now) {
  std::replace(text.begin(), text.end(), ' ', '+');
  if (const std::optional<WallMs> at = ParseTimestamp(text)) {
    return *at;
  }
  if (const absl::StatusOr<Duration> back = ParseDuration(text); back.ok()) {
    return now - std::chrono::duration_cast<std::chrono::milliseconds>(*back).count();
  }
  return Error(absl::StatusCode::kInvalidArgument, "since: \"", text,
               "\" is neither a time nor a duration back: write 2026-11-22T08:00:00Z or 1h");
}

// The number after which everything is asked for, or none.
absl::StatusOr<std::optional<uint64_t>> AfterOf(const std::string& text) {
  if (text.empty()) {
    return std::optional<uint64_t>();
  }
  const std::optional<int64_t> number = ParseInt(text);
  if (!number || *number < 0) {
    return Error(absl::StatusCode::kInvalidArgument, "after: \"", text,
                 "\" is not a decision's number: write one that /v1/decisions shows");
  }
  return std::optional(static_cast<uint64_t>(*number));
}

}  // namespace

absl::StatusOr<DecisionFeed::Choice> DecisionFeed::ChoiceOf(const HttpCall& call) const {
  Choice choice;
  std::string after(FindHeader(call.headers, "Last-Event-ID"));
  for (const auto& [name, value] : call.query) {
    if (name == "app") {
      choice.app = value;
    } else if (name == "after") {
      after = value;
    } else if (name == "since") {
      ASSIGN_OR_RETURN(choice.since, SinceOf(value, clock_.Wall()));
    } else {
      return Error(absl::StatusCode::kInvalidArgument, "\"", name,
                   "\" is unknown here: after=NUMBER, since=TIME and app=ID choose what is shown");
    }
  }
  ASSIGN_OR_RETURN(choice.after, AfterOf(after));
  return choice;
}

HttpReply DecisionFeed::List(const HttpCall& call) const {
  const absl::StatusOr<Choice> choice = ChoiceOf(call);
  if (!choice.ok()) {
    return Reply(400, ErrorJson(Message(choice.status())));
  }
  DecisionQuery query;
  query.after = choice->after.value_or(0);
  query.since = choice->since.value_or(0);
  query.app = choice->app;
  return Reply(200, DecisionsJson(source_.Decisions(query)));
}

// Without a number: what comes, or what came since then and all that follows it.
uint64_t DecisionFeed::BeginOf(const Choice& choice) const {
  if (choice.after) {
    return *choice.after;
  }
  DecisionQuery query;
  query.limit = 1;
  const std::vector<Decision> newest = source_.Decisions(query);
  if (choice.since) {
    query.limit = SIZE_MAX;
    query.since = *choice.since;
    if (const std::vector<Decision> found = source_.Decisions(query); !found.empty()) {
      return found.front().number - 1;
    }
  }
  return newest.empty() ? 0 : newest.back().number;
}

HttpReply DecisionFeed::Open(const HttpCall& call) {
  const absl::StatusOr<Choice> choice = ChoiceOf(call);
  if (!choice.ok()) {
    return Reply(400, ErrorJson(Message(choice.status())));
  }
  // Given back when the reply, and the stream in it, is gone.
  const std::shared_ptr<void> place(nullptr, [this](void*) { --readers_; });
  if (++readers_ > kMaxReaders) {
    HttpReply reply =
        Reply(429, ErrorJson(std::to_string(kMaxReaders) + " readers are the most: close one of them"));
    reply.headers.emplace_back("Retry-After", "10");
    return reply;
  }
  HttpReply reply;
  reply.content_type = "text/event-stream";
  reply.stream = [this, place, after = BeginOf(*choice), app = choice->app](const HttpSink& sink) {
    Send(sink, after, app);
  };
  return reply;
}

void DecisionFeed::Send(const HttpSink& sink, uint64_t after, const AppId& app) const {
  bool open = sink(": decisions\n\n");
  for (int looks = 1; open; ++looks) {
    std::string text;
    for (const Decision& decision : source_.WaitForDecisions(after, kAll, kLook)) {
      after = decision.number;
      if (app.empty() || decision.note.app == app) {
        text.append("id: ").append(std::to_string(decision.number));
        text.append("\nevent: decision\ndata: ").append(DecisionJson(decision)).append("\n\n");
      }
    }
    if (text.empty() && looks % kLooksPerComment == 0) {
      text = ":\n\n";
    }
    open = sink(text);
  }
}

}  // namespace dispatcher
