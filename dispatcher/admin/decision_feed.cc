#include "dispatcher/admin/decision_feed.h"

#include <memory>
#include <string>
#include <utility>

#include "dispatcher/admin/reply.h"
#include "dispatcher/admin/views.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr size_t kAll = SIZE_MAX;
constexpr Duration kLook = std::chrono::seconds(1);  // for a reader that has gone
constexpr int kLooksPerComment = 10;                 // so that what lies between sees some life

struct Choice {
  std::optional<uint64_t> after;
  AppId app;  // "": all
};

absl::StatusOr<Choice> ChoiceOf(const HttpCall& call) {
  Choice choice;
  std::string after(FindHeader(call.headers, "Last-Event-ID"));
  for (const auto& [name, value] : call.query) {
    if (name == "app") {
      choice.app = value;
    } else if (name == "after") {
      after = value;
    } else {
      return Error(absl::StatusCode::kInvalidArgument, "\"", name,
                   "\" is unknown here: after=NUMBER and app=ID choose what is shown");
    }
  }
  if (after.empty()) {
    return choice;
  }
  const std::optional<int64_t> number = ParseInt(after);
  if (!number || *number < 0) {
    return Error(absl::StatusCode::kInvalidArgument, "after: \"", after, "\" is not a decision's number");
  }
  choice.after = static_cast<uint64_t>(*number);
  return choice;
}

}  // namespace

HttpReply DecisionFeed::List(const HttpCall& call) const {
  const absl::StatusOr<Choice> choice = ChoiceOf(call);
  if (!choice.ok()) {
    return Reply(400, ErrorJson(Message(choice.status())));
  }
  std::vector<Decision> decisions = source_.Decisions(choice->after.value_or(0), kAll);
  if (!choice->app.empty()) {
    std::erase_if(decisions, [&](const Decision& decision) { return decision.note.app != choice->app; });
  }
  return Reply(200, DecisionsJson(decisions));
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
  const std::vector<Decision> newest = source_.Decisions(0, 1);
  const uint64_t after = choice->after.value_or(newest.empty() ? 0 : newest.back().number);
  HttpReply reply;
  reply.content_type = "text/event-stream";
  reply.stream = [this, place, after, app = choice->app](const HttpSink& sink) { Send(sink, after, app); };
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
